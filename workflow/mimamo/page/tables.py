"""The page's tables: rows of the workflow's tables as the template takes them, numbers as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.label_checks import CHECKS as LABEL_CHECKS
from mimamo.audit.tables import shown_frames
from mimamo.html.formats import count, interval, number
from mimamo.storage.files import read_csv

#: A page with more rows than these would be slow; the file has them all.
MAX_ROWS = 3000


def score_rows(scores: pd.DataFrame, scope: str) -> list[dict[str, object]]:
    """Return the rows of one scope of scores.csv.

    Returns
    -------
    list of dict
        label, frames, note, and for each dimension ccc, its text with two places, its interval, pearson and
        rmse.
    """
    rows = []
    for row in scores[scores["scope"] == scope].to_dict("records"):
        cells = {"label": row["id"], "frames": row["frames"], "note": _text(row.get("note"))}
        for dimension in DIMENSIONS:
            cells[dimension] = {
                "ccc": row[f"ccc_{dimension}"],
                "short": number(row[f"ccc_{dimension}"], 2),
                "interval": interval(row, f"ccc_{dimension}"),
                "pearson": row[f"pearson_{dimension}"],
                "rmse": row[f"rmse_{dimension}"],
            }
        rows.append(cells)
    return rows


def audit_rows(audit: pd.DataFrame) -> list[dict[str, object]]:
    """Count names, verdicts, crops and holes of every subset, and of all."""
    parts = [*audit.groupby("subset", sort=False), ("all", audit)]
    return [
        {
            "subset": subset,
            "names": len(part),
            **{
                verdict: int((part["verdict"] == verdict).sum()) for verdict in ("ok", "repaired", "unusable")
            },
            **{column: part[column].sum() for column in ("crops", "holes", "unreadable")},
        }
        for subset, part in parts
    ]


def audit_notes(audit: pd.DataFrame) -> list[dict[str, str]]:
    """Return name, subset, verdict and reason of every name that is not ok, the unusable ones first."""
    odd = audit[audit["verdict"] != "ok"].sort_values("verdict", ascending=False, kind="stable")
    return odd[["name", "subset", "verdict", "reason"]].to_dict("records")


def data_notes(diagnosis: pd.DataFrame) -> list[dict[str, str]]:
    """Return name, frames and sentence of what the doctor notes of labels and of the corpus as a whole.

    Those of the corpus have no name and come first.
    """
    noted = diagnosis[(diagnosis["name"] == "") | diagnosis["check"].isin(LABEL_CHECKS)]
    noted = noted.assign(whole=noted["name"] != "").sort_values(["whole", "check"], kind="stable")
    return [
        {
            "name": row["name"],
            "frames": shown_frames(row["frames"]),
            "sentence": "; ".join(row[part] for part in ("wrong", "done", "remedy") if row[part]) + ".",
        }
        for row in noted.to_dict("records")
    ]


def label_counts(summary: pd.DataFrame) -> dict[str, str]:
    """Count the frames that were kept, and those that were dropped by reason; labels_summary.csv."""
    columns = {
        "kept": "labelled frames kept",
        "dropped_unannotated": "dropped: marked −5, not annotated",
        "dropped_no_crop": "dropped: annotated, without a crop",
        "dropped_no_line": "dropped: a crop without an annotation line",
    }
    return {words: count(summary[column].sum()) for column, words in columns.items()}


def submission_rows(check: pd.DataFrame, gaps: pd.DataFrame) -> list[dict[str, object]]:
    """Return a row for every test name: its lines, what was filled, and the check's verdict."""
    filled = gaps.set_index("name").to_dict("index")
    rows = []
    for row in check.to_dict("records"):
        gap = filled.get(row["name"], {})
        rows.append(
            {
                "name": row["name"],
                "lines": row["lines"],
                "expected": row["expected"],
                "length_source": _text(gap.get("length_source")).replace("_", " "),
                "filled": gap.get("filled"),
                "minus_five": gap.get("minus_five"),
                "verdict": row["verdict"],
                "problem": _text(row["problem"]) or _text(gap.get("note")),
            }
        )
    return rows


def evidence_rows(table: pd.DataFrame, caveat: str, details: Sequence[str] = ()) -> list[dict[str, object]]:
    """Return the rows of a table of `mimamo.page.evidence.read_evidence`, without notes that the page has.

    That is `caveat`, and what is said of other people's numbers above the table. `details` are further
    columns.
    """
    rows = []
    for row in table.to_dict("records"):
        note = _text(row["note"])
        cells = {"label": row["label"], "own": bool(row["own"]), "configured": bool(row["configured"])}
        cells["details"] = [row[column] for column in details]
        cells |= {"frames": row["frames"], "note": "" if note == caveat or not row["own"] else note}
        for column in (*DIMENSIONS, *(f"difference_{dimension}" for dimension in DIMENSIONS)):
            cells[column] = {"ccc": row.get(column), "interval": interval(row, column)}
        rows.append(cells)
    return rows


def records(table: str | None) -> list[dict]:
    """Return the rows of a table; none where there is no table."""
    return read_csv(table).to_dict("records") if table else []


def _text(value: object) -> str:
    """Return a value as text; empty where there is none."""
    return "" if value is None or pd.isna(value) else str(value)
