"""The audit's table: its columns, and how later stages read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mimamo.files import read_csv

if TYPE_CHECKING:
    import pandas as pd

#: The columns of the table, and whether each holds whole numbers (empty where they do not apply) or text.
COLUMNS = {
    "name": str,
    "subset": str,
    "verdict": str,
    "reason": str,
    "crops": int,
    "first_crop": int,
    "last_crop": int,
    "holes": int,
    "missing_start": int,
    "unreadable": int,
    "width": int,
    "height": int,
    "annotation_lines": int,
    "unannotated": int,
    "unannotated_runs": int,
    "orphan_annotations": int,
    "container": str,
    "container_frames_said": int,
    "container_frames_decoded": int,
    "length": int,
    "length_source": str,
    "partner": str,
    "group": str,
}


def build_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Build the table from its rows: counts as Int64 with missing values, text never missing."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = {column: "Int64" for column, kind in COLUMNS.items() if kind is int}
    text = [column for column, kind in COLUMNS.items() if kind is str]
    table[text] = table[text].astype(object).where(table[text].notna(), "")
    return table.astype(whole)


def read_audit(path: str) -> pd.DataFrame:
    """Read the audit's table, or that of one batch, with the columns and kinds of `COLUMNS`.

    Importing this module is quick, unlike the audit itself: later stages need no OpenCV for the verdicts.
    """
    return build_table(read_csv(path).to_dict("records"))
