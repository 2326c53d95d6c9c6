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
        "Submission": _submission(results / "submission"),
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
    if demo.is_file():
        rows = read_csv(demo).query("policy == @_SUBMITTED").set_index("rows")
        return "CCC of the submission against the truth: " + "; ".join(
            f"{'from the first crop' if kind == 'from_first_crop' else 'all rows'} "
            + " / ".join(number(rows.loc[kind, f"ccc_{dimension}"]) for dimension in DIMENSIONS)
            for kind in rows.index
        )
    table = read_csv(gaps).dropna(subset=["difference_valence"]) if gaps.is_file() else pd.DataFrame()
    if table.empty or not (masked := table[table["masked"] > 0]).size:
        return "no gaps to fill, so expect about the scores above"
    parts = [
        f"{row['policy']} " + " / ".join(number(row[f"difference_{dimension}"]) for dimension in DIMENSIONS)
        for row in masked.to_dict("records")
    ]
    return f"their gaps change the CCC by, with each policy: {', '.join(parts)} (valence / arousal)"


def _submission(folder: Path) -> str:
    """Describe the submission by its check: how many names and lines, and whether it is valid."""
    check = read_csv(folder / "check.csv") if (folder / "check.csv").is_file() else pd.DataFrame()
    if check.empty or not check["lines"].sum():
        return "nothing to submit: there are no test names with frames"
    wrong, notes = ((check["verdict"] == verdict).sum() for verdict in ("wrong", "note"))
    verdict = f"NOT valid, {wrong} names are wrong" if wrong else "valid"
    seen = f"; {notes} with a note, see {folder / 'check.csv'}" if notes else ""
    size = f"{count(len(check))} names, {count(check['lines'].sum())} lines"
    return f"{folder / 'submission.zip'}: {verdict}, {size}{seen}"


def _next(results: Path) -> str:
    """Say what to do next: own data after the demo, the doctor where names are repaired, else submit."""
    if (results / "demo").is_dir():
        return f"your own data: snakemake doctor {OWN_DATA}"
    verdicts = list(read_audit(results / "audit.csv")["verdict"])
    repaired, unusable = verdicts.count("repaired"), verdicts.count("unusable")
    if repaired or unusable:
        return f"{repaired} names are repaired and {unusable} unusable: look at {results / 'doctor.html'}"
    return "all names are ok; submit, or see what each part of the method is worth: snakemake ablations"
