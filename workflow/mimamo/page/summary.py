"""What has come out of a run, in five lines for the terminal: scores, submission, and what to do next."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.html.formats import count, interval, number, pair
from mimamo.page.verdict import LEAST_GAIN, Verdict, read_verdict
from mimamo.storage.files import read_csv

#: What is added to a command for the data set, as in the README.
OWN_DATA = "--directory runs/affwild2 --configfile presets/affwild2.yaml --config root=/path/to/Aff-Wild2"
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
    verdict = _verdict(results)
    lines = {
        "Scores": _scores(results / "scores.csv", verdict),
        "Test names": _test_names(results, verdict),
        "Better": _better(verdict, (results / "demo").is_dir()),
        "Submission": _submission(results),
        "Next": f"open {results / 'report.html'}; {_next(results)}",
    }
    return [f"{subject:<10}  {text}" for subject, text in lines.items()]


def _verdict(results: Path) -> Verdict | None:
    """Read what the run comes to; None where nothing was scored."""
    tables = (results / name for name in ("scores.csv", "baseline.csv", "gap_prices.csv", "variants.csv"))
    scores, baseline, *others = (path if path.is_file() else None for path in tables)
    return read_verdict(scores, baseline, *others) if scores and baseline else None


def _scores(scores_csv: Path, verdict: Verdict | None) -> str:
    """Describe the pooled out-of-fold scores."""
    pooled = read_csv(scores_csv).query("scope == 'pooled'").to_dict("records")
    if not pooled:
        return "none: no labelled frame was predicted out of fold"
    (row,) = pooled
    parts = [_score(row, dimension) for dimension in DIMENSIONS]
    ends = "95 % intervals over people" if interval(row, "ccc_valence") else "too few people for intervals"
    ridge = f"; {verdict.beside_ridge}" if verdict else ""
    return f"CCC out of fold: {', '.join(parts)}; {ends}, {count(row['frames'])} frames{ridge}"


def _score(row: dict, dimension: str) -> str:
    """Format a dimension's CCC, with its interval in brackets where there is one."""
    ends = interval(row, f"ccc_{dimension}")
    return f"{dimension} {number(row[f'ccc_{dimension}'])}{f' [{ends}]' if ends else ''}"


def _test_names(results: Path, verdict: Verdict | None) -> str:
    """Describe the score to expect on the test names, and in the demo that which they have."""
    demo = results / "demo/scores.csv"
    if _checked(results).empty:
        return "none with frames"
    if verdict is None or verdict.expected is None:
        expected = "their truth is not known; the scores above are out of fold"
    else:
        expected = (
            f"CCC to expect, gaps filled by policy {verdict.policy}: {pair(verdict.expected)}; "
            f"without gaps {pair(verdict.scored)}"
        )
    if not demo.is_file():
        return expected
    rows = read_csv(demo).query("policy == @_SUBMITTED").to_dict("records")
    scores = [f"{_ROWS.get(row['rows'], row['rows'])} {pair(row, 'ccc_')}" for row in rows]
    return f"{expected}; against their truth: {', '.join(scores)}"


def _better(verdict: Verdict | None, demo: bool) -> str:
    """Describe what would raise the score, with the line to type."""
    if verdict is None:
        return "nothing was scored"
    if not verdict.changes:
        return f"no other gap policy or smoothing brings {LEAST_GAIN} or more"
    first = verdict.changes[0]
    return f"{first.setting} brings {pair(first.gain, signed=True)}: {first.command(demo)}"


def _checked(results: Path) -> pd.DataFrame:
    """Return the check of the submission; empty where there is none, or no line in it.

    One that an earlier run with test names left behind is none: the chain of this run has no submission.
    """
    path, chain = results / "submission_check.csv", results / "provenance.json"
    stages = json.loads(chain.read_text(encoding="utf-8"))["stages"] if chain.is_file() else None
    if stages is not None and "submission" not in {stage["rule"] for stage in stages}:
        return pd.DataFrame()
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
    return (
        "all names are ok; submit, or measure what each part of the method contributes: snakemake ablations"
    )
