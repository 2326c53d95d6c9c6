"""Ensembles of the models of all folds: mean, weighted mean or centred mean of their predictions."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.dataset.label_range import clip_to_range
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.storage.files import read_role
from mimamo.storage.frame_rows import repeated_rows, run_starts, sort_by_frame

#: How the folds' models may be combined; the first is what the technical report did.
METHODS = ("mean", "weighted", "centred")
#: The columns of the table of weights.
WEIGHT_COLUMNS = ["fold", "dimension", "ccc", "weight", "fitted_on_fold"]


def combine(
    tables: Sequence[pd.DataFrame], method: str = METHODS[0], weights: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Combine the folds' predictions of the same rows and clip to the labels' range.

    Parameters
    ----------
    tables
        One table per fold, in the order of the folds: name, frame, valence, arousal; the same rows in all,
        sorted by name and frame.
    method
        ``mean``; ``weighted`` by `weights`; ``centred``, see `centred`.
    weights
        fold, dimension, weight, as `mimamo.postprocessing.fit.ensemble_weights` returns them.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal.

    Raises
    ------
    InputError
        Where `weights` lack a number.
    """
    values = np.stack([table[list(DIMENSIONS)].to_numpy(dtype=np.float64) for table in tables])
    if method == "weighted":
        by_fold = weights.pivot(index="fold", columns="dimension", values="weight")
        combined = np.einsum("fnd,fd->nd", values, by_fold.sort_index()[list(DIMENSIONS)].to_numpy())
    elif method == "centred":
        starts = run_starts(tables[0]["name"].to_numpy())
        combined = np.empty(values.shape[1:])
        for start, end in zip(starts, [*starts, len(combined)][1:], strict=True):
            combined[start:end] = centred_mean(values[:, start:end])
    else:
        combined = values.mean(axis=0)
    if not np.isfinite(combined).all():
        raise InputError(
            f"Ensemble {method}: expected numbers from predictions that are numbers, found others, as the "
            "table of weights has none for a fold; delete that table, so that the workflow recreates it"
        )
    table = tables[0][["name", "frame"]].copy()
    table[list(DIMENSIONS)] = clip_to_range(combined)
    return table


def centred_mean(values: np.ndarray) -> np.ndarray:
    """Average one video's predictions after shifting each to a common level that the models agree on.

    Each model's predictions y_k are shifted from their mean m_k over the video to the common level
    c = sum_k a_k m_k / sum_k a_k, where a_k is how well model k agrees with the others: the mean CCC of its
    predictions with each of theirs, or 0 where that is negative. Then all are averaged. So a model that
    disagrees with the others does not affect the level. No truth is used.

    Parameters
    ----------
    values
        (models, frames, dimensions), one video.

    Returns
    -------
    numpy.ndarray
        (frames, dimensions)

    References
    ----------
    The method by which AVEC 2016 merged the annotations of several people (Valstar et al., arXiv 1605.01600);
    Zhang, Ding, Wei and Guan (ICCV 2021 workshops, arXiv 2107.01175) merge folds by it.
    """
    level = values.mean(axis=1)
    agreement = np.stack([_agreement(values[:, :, i]) for i in range(values.shape[2])], axis=1)
    common = (agreement * level).sum(axis=0) / agreement.sum(axis=0)
    return values.mean(axis=0) - level.mean(axis=0) + common


def _agreement(values: np.ndarray) -> np.ndarray:
    """Return the mean CCC of each model with the others, negative ones as 0; all 1 where none is above 0.

    `values` has the shape (models, frames), the result (models,).
    """
    models = range(len(values))
    ccc = [[concordance(values[k], values[j]).value for j in models if j != k] for k in models]
    mean = np.array([np.nan_to_num(row).mean() if row else 0.0 for row in ccc])
    return np.maximum(mean, 0.0) if mean.max() > 0 else np.ones(len(values))


def read_folds(predictions: Sequence[str | PathLike], role: str) -> list[pd.DataFrame]:
    """Read the rows of one role from all folds' predictions, see `read_rows`.

    Raises
    ------
    InputError
        Where the folds do not predict the same frames, a frame comes twice, or a prediction is not a number.
    """
    tables = [read_rows(path, role) for path in predictions]
    for path, table in zip(predictions[1:], tables[1:], strict=True):
        _check_same_rows(predictions[0], tables[0], path, table)
    return tables


def read_rows(path: str | PathLike, role: str) -> pd.DataFrame:
    """Read the rows of one role (test, validation) from a fold's predictions, sorted by name and frame.

    Raises
    ------
    InputError
        Where a frame comes twice or a prediction is not a finite number.
    """
    rows = sort_by_frame(read_role(path, role))
    if (repeated := repeated_rows(rows)).any():
        raise InputError(
            f"{path}: expected every {role} frame once, found {_row(rows[repeated])} twice; predict again"
        )
    return rows


def _check_same_rows(
    first_path: str | PathLike, first: pd.DataFrame, path: str | PathLike, table: pd.DataFrame
) -> None:
    """Raise InputError where two folds do not predict the same frames."""
    keys = ["name", "frame"]
    if first[keys].equals(table[keys]):
        return
    both = first[keys].merge(table[keys], on=keys, how="outer", indicator=True)
    unmatched = both[both["_merge"] != "both"]
    source = first_path if unmatched.iloc[0]["_merge"] == "left_only" else path
    raise InputError(
        f"{path}: expected the same frames as in {first_path}, found {len(unmatched)} frames in only one of "
        f"them, the first being {_row(unmatched)} in {source}; predict both folds again"
    )


def _row(rows: pd.DataFrame) -> str:
    """Describe the first of some rows by name and frame, for an error."""
    return f"{rows.iloc[0]['name']} frame {rows.iloc[0]['frame']}"
