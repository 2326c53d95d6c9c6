"""What has come out of a run, in five lines for the terminal: scores, submission, page, what to do next."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.page.tables import count, interval, number
from mimamo.storage.files import read_csv

#: What is added to a command for the data set, as in the README.
OWN_DATA = "--configfile presets/affwild2.yaml --config root=/path/to/Aff-Wild2"
#: In the demo's scores, the gap policy that was submitted.
_SUBMITTED = "submission"
#: In the demo's scores, the frames that count.
_ROWS = {"from_first_crop": "from the first crop", "all": "all rows"}


def summarise(results: Path) -> list[str]:
    """Return the five lines about the results of a whole run.

    Parameters
    ----------
    results
        The folder ``results`` of the run. Of its tables, those that do not exist are left out.

    Returns
    -------
    list of str
        Lines that begin with a word for their subject.

    Raises
    ------
    InputError
        Where a table cannot be read.
    """
    lines = {
        "Scores": _scores(results / "scores.csv"),
        "Test names": _test_names(results),
        "Submission": _submission(results),
        "Page": f"{results / 'report.html'}: open it first",
        "Next": _next(results),
    }
    return [f"{subject:<10}  {text}" for subject, text in lines.items()]


def _scores(scores_csv: Path) -> str:
    """Describe the pooled out-of-fold scores."""
    pooled = read_csv(scores_csv).query("scope == 'pooled'").to_dict("records")
    if not pooled:
        return "none: no labelled frame was predicted out of fold"
    (row,) = pooled
    parts = [_score(row, dimension) for dimension in DIMENSIONS]
    ends = "95 % intervals over people" if interval(row, "ccc_valence") else "too few people for intervals"
    return f"CCC out of fold: {', '.join(parts)}; {ends}, {count(row['frames'])} frames"


def _score(row: dict, dimension: str) -> str:
    """Format a dimension's CCC, with its interval in brackets where there is one."""
    ends = interval(row, f"ccc_{dimension}")
    return f"{dimension} {number(row[f'ccc_{dimension}'])}{f' [{ends}]' if ends else ''}"


def _test_names(results: Path) -> str:
    """Describe what is to be expected on the test names: the demo's scores, or what filling gaps costs."""
    demo, gaps = results / "demo/scores.csv", results / "gap_prices.csv"
    if _checked(results).empty:
        return "none with frames"
    if demo.is_file():
        rows = read_csv(demo).query("policy == @_SUBMITTED").to_dict("records")
        scores = [f"{_ROWS.get(row['rows'], row['rows'])} {_pair(row, 'ccc')}" for row in rows]
        return f"CCC of the submission against the truth: {'; '.join(scores)}"
    masked = read_csv(gaps).query("masked > 0").to_dict("records") if gaps.is_file() else []
    if not masked:
        return "their truth is not known; the scores above are out of fold"
    costs = [f"{row['policy']} {_pair(row, 'difference')}" for row in masked]
    return f"filling their gaps changes the CCC by (valence / arousal): {', '.join(costs)}"


def _pair(row: dict, column: str) -> str:
    """Format the two dimensions' values of a column."""
    return " / ".join(number(row[f"{column}_{dimension}"]) for dimension in DIMENSIONS)


def _checked(results: Path) -> pd.DataFrame:
    """Return the check of the submission; empty where there is none, or no line in it."""
    path = results / "submission_check.csv"
    table = read_csv(path) if path.is_file() else pd.DataFrame()
    return table if not table.empty and table["lines"].sum() else pd.DataFrame()


def _submission(results: Path) -> str:
    """Describe the submission by its check: how many names and lines, and whether it is valid."""
    check = _checked(results)
    if check.empty:
        return "nothing to submit: there is no frame of a test name"
    wrong, notes = ((check["verdict"] == verdict).sum() for verdict in ("wrong", "note"))
    verdict = f"NOT valid, {wrong} of them wrong" if wrong else "valid"
    size = f"{count(len(check))} names, {count(check['lines'].sum())} lines"
    seen = f"; {notes} with a note, see {results / 'submission_check.csv'}" if notes else ""
    return f"{results / 'submission/submission.zip'}: {verdict}, {size}{seen}"


def _next(results: Path) -> str:
    """Say what to do next: own data after the demo, the doctor where names are repaired, else submit."""
    if (results / "demo").is_dir():
        return f"your own data: snakemake doctor {OWN_DATA}"
    verdicts = list(read_audit(results / "audit.csv")["verdict"])
    repaired, unusable = verdicts.count("repaired"), verdicts.count("unusable")
    if repaired or unusable:
        page = results / "doctor.html"
        return f"names repaired: {repaired}, unusable: {unusable}; see what was done to them in {page}"
    return "all names are ok; submit, or see what each part of the method is worth: snakemake ablations"
