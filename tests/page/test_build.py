import re
from pathlib import Path

from mimamo.audit import tables as audit_tables
from mimamo.page.evidence import KINDS
from mimamo.storage.files import read_csv
from support.page import HOSTILE, hostile_page, pictures, plots, section, videos, without_scripts
from support.workflow import without_durations


def test_page_of_the_run_holds_what_a_person_looks_for(tiny):
    path = tiny.results / "report.html"
    text = path.read_text()
    assert path.stat().st_size < 6_000_000
    pooled = read_csv(tiny.results / "scores.csv").query("scope == 'pooled'").iloc[0]
    for dimension in ("valence", "arousal"):
        assert f"{pooled[f'ccc_{dimension}']:.2f}".replace("-", "−") in text
    assert {"scores", "videos", "loss", "video", "density_truth", "durations"} <= set(plots(text))
    assert "says nothing about Aff-Wild2" in text and "Spatial features from" not in text
    assert pictures(text) == {"jpeg": 8, "png": 16}
    for file in (
        "submission/per_video/",
        "submission/predictions.txt",
        "submission/submission.zip",
        "submission_check.csv",
    ):
        assert f'href="{file}"' in text and (tiny.results / file).exists()
    assert "The submission against the known truth" in text
    # The job of the page itself has not been measured when it is written.
    assert {"train", "others"} <= set(plots(text)["durations"]["data"][0]["y"])


def test_what_was_not_made_is_said_with_the_command_that_makes_it(page):
    told = re.findall(r"Not made in this run. <code>(.*?)</code>", page)
    assert told == [kind.made_by for kind in KINDS if kind.key == "gap_prices"]


def test_text_of_tables_is_text(page):
    assert HOSTILE not in page and "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert len(re.findall("<(?:img|script)", without_scripts(page))) == sum(pictures(page).values())


def test_notes_on_labels_and_lists_are_shown_with_their_frames(page):
    text = section(page, "data")
    assert "<summary>2 notes on labels, lists and the corpus as a whole</summary>" in text
    assert '>all</th><td class="long">the header &#39;name&#39; in line 1; &lt;/script&gt;' in text
    assert "found 0 for both; used; download it again.</td><td>1–6, 9</td>" in text
    assert "not trained on" not in text


def test_every_video_is_in_the_page_with_its_crops_where_faces_may_be_shown(tiny, page):
    data = videos((tiny.results / "report.html").read_text())
    scored = read_csv(tiny.results / "scores.csv").query("scope == 'video'")["id"]
    tests = read_csv(tiny.results / "filled.csv")["name"].unique()
    assert list(data) == [*sorted(scored), *sorted(tests)] and not list(
        (tiny.results / "traces").glob("*.js")
    )
    assert {video["rate"] for video in data.values()} <= {30.0, 25.0, None}
    assert all(video["tiles"] for video in data.values() if video["label"].count("frames") == 0)
    assert not any(video["tiles"] for video in videos(page).values())


def test_a_rendered_corpus_stands_in_no_ranking_with_published_numbers(tiny, page):
    report = (tiny.results / "report.html").read_text()
    assert (
        "2105.01502" not in section(report, "evidence") and "Comparison with published scores" not in report
    )
    assert set(read_csv(tiny.results / "comparison.csv")["source"]) == {"this run"}


def test_the_page_names_no_folder_of_the_machine(tiny):
    report = without_scripts((tiny.results / "report.html").read_text())
    assert str(tiny.folder) not in report and "/tmp" not in report


def test_faces_stay_out_unless_they_may_be_shown(page):
    assert pictures(page) == {"png": 16}
    assert "report: {faces: true}" in page


def test_page_says_the_same_every_time(tiny, config, evidence, tmp_path, page):
    again = hostile_page(tiny, config, evidence, tmp_path)
    assert again == page
    first = (tiny.results / "report.html").read_bytes()
    assert len(without_durations(first)) < len(first) and b"plot-durations" not in without_durations(first)


def test_the_audit_is_read_once(tiny, config, evidence, tmp_path, monkeypatch):
    reads, read = [], audit_tables.read_csv

    def recorded(path, **options):
        reads.append(Path(path).name)
        return read(path, **options)

    monkeypatch.setattr(audit_tables, "read_csv", recorded)
    hostile_page(tiny, config, evidence, tmp_path)
    assert reads.count("audit.csv") == 1
