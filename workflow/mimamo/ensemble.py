"""The mean of the fold models' predictions on the test names."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: The labels' range, which a submission must not leave.
LOWEST, HIGHEST = -1.0, 1.0


def ensemble_folds(predictions: Sequence[str | PathLike], out: str | PathLike) -> pd.DataFrame:
    """Average the fold models on the test names, clip to the labels' range and write ensemble.csv.

    Parameters
    ----------
    predictions
        One CSV per fold: name, role, frame, valence, arousal. The rows with role ``test`` count.
    out
        The CSV to write: name, frame, valence, arousal, sorted by name and frame.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where the folds do not predict the same frames, a frame comes twice, or a prediction is not a number.
    """
    tables = [read_test_rows(path) for path in predictions]
    for path, table in zip(predictions[1:], tables[1:], strict=True):
        _check_same_rows(predictions[0], tables[0], path, table)
    mean = mean_of_folds(tables)
    write_csv(mean, out)
    logger.info("Mean of %d folds over %d frames of %d names", len(tables), len(mean), mean["name"].nunique())
    return mean


def mean_of_folds(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Average tables of the same rows (name, frame, valence, arousal) and clip to the labels' range."""
    values = np.mean([table[list(DIMENSIONS)].to_numpy(dtype=np.float64) for table in tables], axis=0)
    mean = tables[0][["name", "frame"]].copy()
    mean[list(DIMENSIONS)] = np.clip(values, LOWEST, HIGHEST)
    return mean


def read_test_rows(path: str | PathLike) -> pd.DataFrame:
    """Rows of one fold's predictions whose role is ``test``, sorted by name and frame.

    Raises
    ------
    InputError
        Where a frame comes twice or a prediction is not a finite number.
    """
    table = read_csv(path)
    rows = table[table["role"] == "test"].sort_values(["name", "frame"], ignore_index=True)
    if (twice := rows.duplicated(["name", "frame"])).any():
        raise InputError(
            f"{path}: expected every test frame once, found {_row(rows[twice])} twice; predict again"
        )
    finite = np.isfinite(rows[list(DIMENSIONS)].to_numpy(dtype=np.float64)).all(axis=1)
    if not finite.all():
        raise InputError(
            f"{path}: expected numbers, found none for {_row(rows[~finite])} and {(~finite).sum() - 1} other "
            "frames; train the fold again with a lower learning rate"
        )
    return rows


def _check_same_rows(
    first_path: str | PathLike, first: pd.DataFrame, path: str | PathLike, table: pd.DataFrame
) -> None:
    keys = ["name", "frame"]
    if first[keys].equals(table[keys]):
        return
    both = first[keys].merge(table[keys], on=keys, how="outer", indicator=True)
    odd = both[both["_merge"] != "both"]
    holder = first_path if odd.iloc[0]["_merge"] == "left_only" else path
    raise InputError(
        f"{path}: expected the same test frames as in {first_path}, found {len(odd)} frames in only one of "
        f"them, the first being {_row(odd)} in {holder}; predict both folds again"
    )


def _row(rows: pd.DataFrame) -> str:
    return f"{rows.iloc[0]['name']} frame {rows.iloc[0]['frame']}"
