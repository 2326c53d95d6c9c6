"""Rows of tables of frames: sorted and found by name and frame, many millions of them.

Names are compared once each and not once a row: a row's key is a number, of its name's place among the sorted
names and of its frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

#: Key of the first frame of a name less that of the name before; frame numbers are smaller by far.
_NAME_STEP = 1 << 32


def sort_by_frame(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table sorted by name and frame, equal ones in their order, with rows numbered from 0."""
    keys = _frame_keys(table, _sorted_names(table))
    if (keys[1:] < keys[:-1]).any():
        return table.iloc[np.argsort(keys, kind="stable")].reset_index(drop=True)
    return table.reset_index(drop=True)


def repeated_rows(table: pd.DataFrame) -> np.ndarray:
    """Return which rows have the name and frame of the row before; bool, (rows,), of a sorted table."""
    names, frames = table["name"].to_numpy(), table["frame"].to_numpy()
    repeated = np.zeros(len(table), dtype=bool)
    repeated[1:] = (frames[1:] == frames[:-1]) & (names[1:] == names[:-1])
    return repeated


def find_rows(table: pd.DataFrame, wanted: pd.DataFrame) -> np.ndarray:
    """Find rows by name and frame.

    Parameters
    ----------
    table
        name, frame; sorted by these, none of them twice.
    wanted
        name, frame; in any order.

    Returns
    -------
    numpy.ndarray
        The row of `table` with the name and frame of every row of `wanted`, -1 where there is none; int64,
        shape (wanted,).
    """
    names = _sorted_names(table)
    keys, wanted_keys = _frame_keys(table, names), _frame_keys(wanted, names)
    rows = np.searchsorted(keys, wanted_keys)
    found = np.zeros(len(wanted), dtype=bool)
    inside = rows < len(keys)
    found[inside] = keys[rows[inside]] == wanted_keys[inside]
    return np.where(found, rows, -1)


def run_starts(values: np.ndarray) -> np.ndarray:
    """Return where runs of equal values begin, ascending from 0; int64, shape (runs,)."""
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    return np.flatnonzero(begins)


def _sorted_names(table: pd.DataFrame) -> pd.Index:
    """Return the names of a table, each once, sorted."""
    import pandas as pd

    text = table["name"].to_numpy()
    return pd.Index(sorted(set(text[run_starts(text)])), dtype=object)


def _frame_keys(table: pd.DataFrame, names: pd.Index) -> np.ndarray:
    """Return the key of every row, int64 (rows,): ascending by name and frame; below 0 for other names."""
    # Rows of a name mostly follow each other, and numbers are compared faster than text.
    text = table["name"].to_numpy()
    starts = run_starts(text)
    counts = np.diff(starts, append=len(table))
    return np.repeat(names.get_indexer(text[starts]), counts) * _NAME_STEP + table["frame"].to_numpy(np.int64)
