"""Snakemake's own report of a run: every figure and table that a rule offers, with its caption."""

import json
import re

import pytest

from support.paths import TINY
from support.workflow import snakemake


@pytest.fixture(scope="module")
def report(checkout, tiny, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    run = snakemake(checkout, tiny.folder, "--configfile", TINY, "--report", path)
    assert run.status == 0, run.text[-4000:]
    return path.read_text()


def offered(checkout) -> dict[str, str]:
    """The caption of every file that a rule offers to the report, of the configured run."""
    text = "".join(path.read_text() for path in sorted((checkout / "rules").glob("*.smk")))
    found = re.findall(r'report\(\s+"(results/[^"]+)",\s+caption="\.\./workflow/report/(\w+)\.rst"', text)
    assert len(found) == text.count("report(") > 9
    return {path.replace("{run}", ""): caption for path, caption in found}


def test_every_figure_and_table_is_in_it_with_its_caption(checkout, tiny, report):
    made = {path: caption for path, caption in offered(checkout).items() if (tiny.folder / path).exists()}
    # Those of other commands are not made in a plain run, nor what is not configured.
    others = {"ablations", "phase_comparison", "runs", "search/trials", "ensembles", "submissions"}
    assert set(offered(checkout)) - set(made) == {f"results/{name}.csv" for name in others}
    for path, caption in made.items():
        words = (checkout / f"workflow/report/{caption}.rst").read_text().split("{")[0]
        # Of its words those before the first line's end: how lines are broken is Snakemake's affair.
        assert json.dumps(words.splitlines()[0])[1:-1].strip() in report, caption
        assert path in report, path


def test_every_caption_belongs_to_a_file(checkout):
    captions = {path.stem for path in (checkout / "workflow/report").glob("*.rst")}
    # The text that it opens on is no caption.
    assert captions - {"workflow"} == set(offered(checkout).values())


def test_it_opens_on_a_text_that_says_what_it_is(report):
    for words in (
        "Snakemake report of a run of",
        "results/report.html",
        "nothing here says anything about Aff-Wild2",
        "a network with random weights",
    ):
        assert words in report


def test_its_groups_are_numbered_as_it_sorts_them_by_name(checkout, report):
    text = "".join(path.read_text() for path in sorted((checkout / "rules").glob("*.smk")))
    groups = sorted(set(re.findall(r'category="([^"]+)"', text)))
    assert [group.split()[0] for group in groups] == [str(number) for number in range(1, len(groups) + 1)]
    assert len(groups) == 7 and all(group in report for group in groups)


def test_every_figure_of_the_run_is_in_it(tiny, report):
    figures = {f"results/figures/{path.name}" for path in (tiny.results / "figures").glob("*.png")}
    assert len(figures) == 6
    assert {path for path in figures if path in report} == figures
    assert len(re.findall("data:image/png[^,]*base64,", report)) == len(figures)


def test_what_the_demo_says_nothing_about_is_said_in_it(report):
    assert (
        len(
            re.findall(
                r"nothing here[ \\n]+says[ \\n]+anything[ \\n]+about Aff-Wild2|say nothing about Aff-Wild2",
                report,
            )
        )
        > 3
    )
