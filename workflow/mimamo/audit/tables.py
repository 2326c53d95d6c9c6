"""The audit's tables: their columns, and functions to build and read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING

from mimamo.audit.symptoms import Symptom
from mimamo.storage.files import read_csv, write_csv

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from mimamo.corpus.layout import Corpus

#: The columns of the table and their types: int or float (missing where they do not apply) or text.
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
    "label_digest": str,
    "container": str,
    "container_frames_said": int,
    "container_frames_decoded": int,
    "container_rate": float,
    "length": int,
    "length_source": str,
    "partner": str,
    "group": str,
}


#: The columns of doctor.csv; rows without a name are about the corpus as a whole. The last ones are those of
#: `mimamo.audit.symptoms.Symptom`.
DIAGNOSIS_COLUMNS = ("name", "subset", "verdict", "check", "severity", "frames", "wrong", "done", "remedy")
#: Most ranges of frames that a page shows per symptom; the table has all.
_MAX_RANGES = 12


def symptom_rows(corpus: Corpus, name: str, symptoms: Iterable[Symptom]) -> list[dict[str, str]]:
    """Return a name's rows of the table of symptoms: paths relative to the data set, frames as ``2-5 9``."""
    from mimamo.corpus.stretches import frame_ranges

    return [
        {
            "name": name,
            "check": symptom.check,
            "severity": symptom.severity,
            "frames": " ".join(frame_ranges(symptom.frames)),
        }
        | {part: corpus.with_relative_paths(getattr(symptom, part)) for part in ("wrong", "done", "remedy")}
        for symptom in symptoms
    ]


def read_diagnosis(path: str | PathLike) -> pd.DataFrame:
    """Read doctor.csv; all columns are text, without missing values."""
    return read_csv(path, converters=dict.fromkeys(DIAGNOSIS_COLUMNS[1:], str), na_filter=False)


def shown_frames(ranges: str) -> str:
    """Format the ranges ``2-5 9`` for a page, only the first of them where there are many."""
    parts = ranges.replace("-", "–").split()
    more = f" and {len(parts) - _MAX_RANGES} more ranges" if len(parts) > _MAX_RANGES else ""
    return ", ".join(parts[:_MAX_RANGES]) + more


def build_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Build the audit's table from its rows: counts as Int64 with missing values, text without any."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=list(COLUMNS))
    types = {int: "Int64", float: "Float64"}
    dtypes = {column: types[kind] for column, kind in COLUMNS.items() if kind in types}
    text = [column for column, kind in COLUMNS.items() if kind is str]
    table[text] = table[text].astype(object).where(table[text].notna(), "")
    return table.astype(dtypes)


def read_audit(path: str) -> pd.DataFrame:
    """Read the audit's table, with the columns and types of `COLUMNS`.

    This module imports quickly, unlike the audit itself: later stages need no OpenCV to read the verdicts.
    """
    return build_table(read_csv(path).to_dict("records"))


def write_usable(usable: Mapping[str, np.ndarray], path: str | PathLike) -> None:
    """Write the table of usable crops: name, and frames as ``2-5 9``; a row for every name.

    Parameters
    ----------
    usable
        The frame numbers (n,) of the usable crops by name, ascending.
    path
        The CSV file.
    """
    import pandas as pd

    from mimamo.corpus.stretches import frame_ranges

    rows = [(name, " ".join(frame_ranges(frames))) for name, frames in sorted(usable.items())]
    write_csv(pd.DataFrame(rows, columns=["name", "frames"]), path)


def read_usable_crops(path: str | PathLike) -> dict[str, np.ndarray]:
    """Read the table of usable crops: frame numbers (n,) int64 by name, ascending."""
    from mimamo.corpus.stretches import frames_of_ranges

    table = read_csv(path, converters={"frames": str}, na_filter=False)
    return {
        name: frames_of_ranges(frames) for name, frames in zip(table["name"], table["frames"], strict=True)
    }
