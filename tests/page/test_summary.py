"""The five lines that a whole run ends with, from small tables."""

from pathlib import Path

import pandas as pd
import pytest

from mimamo.page.summary import summarise
from mimamo.storage.files import write_csv
from support.tables import write_audit

POOLED = {
    "scope": "pooled", "id": "all", "frames": 1984,
    "ccc_valence": 0.412, "ccc_valence_low": 0.3, "ccc_valence_high": 0.5,
    "ccc_arousal": -0.061, "ccc_arousal_low": -0.1, "ccc_arousal_high": 0.02,
}  # fmt: skip
BASELINE = [{"dimension": "valence", "ccc": 0.52}, {"dimension": "arousal", "ccc": -0.2}]
PRICES = [
    {
        "policy": policy,
        "configured": configured,
        "masked": masked,
        "ccc_valence": valence,
        "ccc_arousal": arousal,
    }
    for policy, configured, masked, valence, arousal in (
        ("no gaps", "no", 0, 0.41, -0.06),
        ("report", "yes", 12, 0.112, -0.021),
        ("previous", "no", 12, 0.4, -0.051),
    )
]
CHECK = [
    {"name": "105", "lines": 60, "expected": 60, "verdict": "ok"},
    {"name": "video89", "lines": 1000, "expected": 1000, "verdict": "note"},
]


@pytest.fixture
def results(tmp_path) -> Path:
    """The tables of a run on a data set with two test names, one of which has a note."""
    put(tmp_path / "scores.csv", [POOLED, {**POOLED, "scope": "fold", "id": "0"}])
    put(tmp_path / "submission_check.csv", CHECK)
    write_audit(tmp_path / "audit.csv", [{"name": "105"}, {"name": "video89", "verdict": "repaired"}])
    return tmp_path


def put(path: Path, rows: list[dict]) -> None:
    """Write a table, and the folder that it is in."""
    path.parent.mkdir(exist_ok=True)
    write_csv(pd.DataFrame(rows), path)


def told(results: Path, subject: str) -> str:
    """What the line about a subject says."""
    lines = summarise(results)
    assert len(lines) == 5
    return next(line.removeprefix(subject).strip() for line in lines if line.startswith(subject))


def test_scores_come_with_their_intervals(results):
    valence, arousal = "valence 0.412 [0.300 to 0.500]", "arousal −0.061 [−0.100 to 0.020]"
    ends = "95 % intervals over people, 1,984 frames"
    assert told(results, "Scores") == f"CCC out of fold: {valence}, {arousal}; {ends}"


def test_too_few_people_for_intervals_is_said(results):
    ends = {f"ccc_{dimension}_{end}": None for dimension in ("valence", "arousal") for end in ("low", "high")}
    put(results / "scores.csv", [POOLED | ends])
    scores = "valence 0.412, arousal −0.061; too few people for intervals, 1,984 frames"
    assert told(results, "Scores") == f"CCC out of fold: {scores}"


def test_a_submission_is_named_with_its_verdict(results):
    path, check = results / "submission/submission.zip", results / "submission_check.csv"
    said = f"{path}: valid, 2 names, 1,060 lines; 1 with a note, see {check}"
    assert told(results, "Submission") == said
    put(check, [*CHECK, {"name": "7", "lines": 3, "expected": 4, "verdict": "wrong"}])
    assert "NOT valid, 1 of them wrong" in told(results, "Submission")


@pytest.mark.parametrize("rows", [None, [], [{"name": "105", "lines": 0, "expected": 0, "verdict": "ok"}]])
def test_without_test_names_there_is_nothing_to_submit(results, rows):
    check = results / "submission_check.csv"
    check.unlink()
    if rows is not None:
        write_csv(pd.DataFrame(rows, columns=list(CHECK[0])), check)
    assert told(results, "Submission") == "nothing to submit: there is no frame of a test name"
    assert told(results, "Test names") == "none with frames"


def test_a_submission_that_an_earlier_run_left_behind_is_none(results):
    chain = results / "provenance.json"
    chain.write_text('{"stages": [{"rule": "submission"}]}')
    assert ": valid, 2 names" in told(results, "Submission")
    chain.write_text('{"stages": [{"rule": "train"}]}')
    assert told(results, "Submission") == "nothing to submit: there is no frame of a test name"


def test_what_is_to_be_expected_on_the_test_names(results):
    assert told(results, "Test names") == "their truth is not known; the scores above are out of fold"
    put(results / "baseline.csv", BASELINE)
    put(results / "gap_prices.csv", PRICES)
    expected = "CCC to expect, gaps filled by policy report: 0.112 / −0.021; without gaps 0.412 / −0.061"
    assert told(results, "Test names") == expected
    truth = {"policy": "submission", "ccc_valence": 0.25, "ccc_arousal": 0.5}
    put(results / "demo/scores.csv", [{**truth, "rows": "from_first_crop"}, {**truth, "rows": "all"}])
    scores = "from the first crop 0.250 / 0.500, all rows 0.250 / 0.500"
    assert told(results, "Test names") == f"{expected}; against their truth: {scores}"


def test_what_would_raise_the_score_is_told_with_the_line_to_type(results):
    assert told(results, "Better") == "nothing was scored"
    put(results / "baseline.csv", BASELINE)
    assert told(results, "Better") == "no other gap policy or smoothing brings 0.005 or more"
    put(results / "gap_prices.csv", PRICES)
    brings, change = "gaps.policy: previous brings +0.288 / −0.030:", '"gaps={policy: previous}"'
    assert told(results, "Better") == f"{brings} the same command with {change} after --config"
    (results / "demo").mkdir()
    assert told(results, "Better") == f"{brings} snakemake --config {change}"


def test_the_network_is_compared_with_ridge_regression_in_words(results):
    put(results / "baseline.csv", BASELINE)
    said = "; compared with ridge regression on single frames, the network is ahead for arousal by 0.14, and"
    assert told(results, "Scores").endswith(f"{said} behind for valence by 0.11")


def test_what_to_do_next(results):
    page = results / "doctor.html"
    first = f"open {results / 'report.html'}; "
    repaired = f"names repaired: 1, unusable: 0; see what was done to them in {page}"
    assert told(results, "Next") == first + repaired
    write_audit(results / "audit.csv", [{"name": "105"}])
    assert told(results, "Next").startswith(f"{first}all names are ok")
    (results / "demo").mkdir()
    assert told(results, "Next").startswith(f"{first}your own data: snakemake doctor --directory runs/")
