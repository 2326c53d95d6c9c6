import re
from datetime import UTC, datetime

import pytest

from mimamo.ensembles.settings import postprocessing_of
from mimamo.ensembles.submissions import Submitted, Upload, describe_submissions
from mimamo.evaluation.metrics import concordance
from mimamo.postprocessing.gaps import fill_test_names
from mimamo.postprocessing.test_set import combine_test_names
from mimamo.storage.files import file_hash, read_csv
from mimamo.submission.write import write_submission
from support.predictions import LENGTH, fit, make_run

PLAIN = {"of": "configured", "ensemble": "mean", "smoothing": "none", "delay": False, "gaps": "report"}


def submit(run, folder, **changes) -> Submitted:
    """Write a submission of a run."""
    settings = {**PLAIN, **changes}
    combine_test_names(
        run.predictions, run.weights, run.choices, folder / "ensemble.csv", **postprocessing_of(settings)
    )
    audit, tables = run.labels.parent / "audit.csv", (folder / "filled.csv", folder / "gaps.csv")
    fill_test_names(folder / "ensemble.csv", audit, run.labels, settings["gaps"], *tables, run.folds)
    write_submission(*tables, folder / "submission", folder / "check.csv")
    upload = Upload(tables[0], folder / "submission/submission.zip")
    return Submitted(settings, run, upload, folder / "check.csv")


def describe(submissions, folder, caveat=""):
    """Describe submissions beside a configured one; return both tables and the READMEs by name."""
    first = next(iter(submissions.values()))
    settings = {"smoothing": "low_pass", "gaps": "interpolate"}
    configured = submit(first.fitted, folder / "configured", **settings).upload
    (folder / "provenance.json").write_text("{}")
    readmes = {name: folder / name / "README.md" for name in submissions}
    paths = [folder / file for file in ("provenance.json", "submissions.csv", "pairs.csv")]
    describe_submissions(submissions, configured, *paths, readmes, caveat)
    return read_csv(paths[1]), read_csv(paths[2]), {name: path.read_text() for name, path in readmes.items()}


@pytest.fixture
def three(official_run, tmp_path):
    """Submissions that differ in gaps and smoothing."""
    changes = {
        "plain": {}, "filled": {"gaps": "previous"}, "smooth": {"smoothing": "best", "delay": True},
    }  # fmt: skip
    return {name: submit(official_run, tmp_path / name, **each) for name, each in changes.items()}


def test_each_is_described_by_validity_digest_and_scores(three, official_run, tmp_path):
    table, _, _ = describe(three, tmp_path, "a caveat")
    assert table["submission"].tolist() == list(three) and set(table["verdict"]) == {"valid"}
    assert set(table["names"]) == {2} and set(table["lines"]) == {2 * LENGTH}
    assert table["minus_five_share"].round(4).tolist() == [0.0312, 0, 0.0312]
    assert table["sha256"].tolist() == [file_hash(each.upload.archive) for each in three.values()]
    assert set(table["scored_on"]) == {"validation set"} and set(table["note"]) == {"a caveat"}
    rows = table.set_index("submission")
    # Gaps are not scored; smoothing and delay are, which these predictions need.
    assert rows.loc["plain", "ccc_valence"] == rows.loc["filled", "ccc_valence"]
    assert rows.loc["smooth", "ccc_valence_low"] > rows.loc["plain", "ccc_valence"]


def test_without_a_held_out_set_scores_are_nested_out_of_fold(tmp_path):
    run = make_run(tmp_path, official=False)
    fit(run)
    names = {"plain": {}, "smooth": {"smoothing": "best"}}
    table, _, _ = describe({k: submit(run, tmp_path / k, **each) for k, each in names.items()}, tmp_path)
    assert set(table["scored_on"]) == {"out of fold"} and table["frames"].nunique() == 1
    assert table["ccc_valence"].is_monotonic_increasing and table["ccc_valence"].nunique() == 2


def test_two_are_compared_on_the_test_frames_that_both_predict(three, tmp_path):
    _, pairs, _ = describe(three, tmp_path)
    assert pairs[["first", "second"]].to_numpy().tolist() == [
        *(["configured", name] for name in three),
        ["plain", "filled"], ["plain", "smooth"], ["filled", "smooth"],
    ]  # fmt: skip
    rows = pairs.set_index(["first", "second"])
    # They differ in the frames before the first crop alone.
    assert rows.loc[("plain", "filled"), "other_missing"] == 10
    assert rows.loc[("plain", "filled"), "rmse_valence"] == 0
    assert rows.loc[("plain", "smooth"), "other_missing"] == 0
    one, two = (read_csv(three[name].upload.filled) for name in ("plain", "smooth"))
    both = (one["valence"] > -5).to_numpy()
    assert rows.loc[("plain", "smooth"), "frames"] == both.sum() == 2 * LENGTH - 10
    expected = concordance(one["arousal"][both], two["arousal"][both]).value
    assert rows.loc[("plain", "smooth"), "ccc_arousal"] == pytest.approx(expected, abs=1e-6)
    assert pairs["note"].isna().all()


def test_identical_ones_are_told(official_run, tmp_path, caplog):
    """Other settings may give the same values, as two networks of one kind do."""
    twins = {name: submit(official_run, tmp_path / name) for name in ("one", "two")}
    _, pairs, readmes = describe(twins, tmp_path)
    assert pairs["note"].dropna().tolist() == ["identical"]
    assert "one and two: identical; do not send both" in caplog.text
    assert readmes["one"].rstrip().endswith("; identical")


def test_nearly_the_same_is_told(official_run, tmp_path, caplog):
    given = {"mean": {}, "centred": {"ensemble": "centred"}}
    _, pairs, _ = describe(
        {k: submit(official_run, tmp_path / k, **each) for k, each in given.items()}, tmp_path
    )
    assert "nearly the same" in pairs["note"].tolist() and "nearly the same" in caplog.text


def test_a_readme_lies_beside_the_upload_and_not_in_it(three, tmp_path):
    table, _, readmes = describe(three, tmp_path, "a caveat")
    row = table.set_index("submission").loc["smooth"]
    text = readmes["smooth"]
    assert (
        "Send `submission/submission.zip`" in text
        and "- Validation: valid, 2 names, 320 lines, 3.12%" in text
    )
    assert f"SHA-256 {row['sha256']}" in text
    assert f"provenance.json: SHA-256 {file_hash(tmp_path / 'provenance.json')}" in text
    assert f"{datetime.now(UTC):%Y-%m-%d}" in text and text.count("a caveat") == 1
    assert re.search(r"Scores: CCC 0\.\d{3} valence \(0\.\d{3} to 0\.\d{3}\), .*validation set", text)
    assert "smoothing: best, predictions shifted by the label delay, gaps: report" in text
    assert not list((tmp_path / "smooth/submission").rglob("README*"))
    assert [line for line in text.splitlines() if line.startswith("- plain: CCC of valence and arousal 0.")]
