"""Small tables as the stages write them, and changes of them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import build_table
from mimamo.storage.files import read_csv, write_csv


def write_audit(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write an audit's table; the verdict on every name is ok unless its row says otherwise."""
    write_csv(build_table([{"verdict": "ok", **row} for row in rows]), path)


def write_label_table(root: Path, name: str, table: pd.DataFrame) -> None:
    """Write frames with values as the labels of a name, all of one stretch."""
    labels = table[["frame", *DIMENSIONS]].assign(stretch=1)
    write_csv(labels, root / "labels" / f"{name}.csv")


def write_predictions(path: Path, table: pd.DataFrame) -> None:
    """Write what a fold predicts."""
    write_csv(table[["name", "role", "frame", *DIMENSIONS]], path)


def joined_table(truth: np.ndarray, prediction: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Put truth and prediction, (frames, 2) each, beside each other."""
    frames = pd.DataFrame({"name": names, "frame": range(len(names))})
    for i, dimension in enumerate(DIMENSIONS):
        frames[f"true_{dimension}"], frames[dimension] = truth[:, i], prediction[:, i]
    return frames


def change(path: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change the table in a file."""
    write_csv(edit(read_csv(path)), path)
