"""What single frames alone give away: ridge regression from pool5 to the labels, out of fold.

A check on a corpus as much as a baseline: what this scores needs no motion.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mimamo import DIMENSIONS
from mimamo.dataset.labels import read_labels
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.storage.files import read_csv, write_csv
from mimamo.storage.frame_cache import find_caches, open_cache

logger = logging.getLogger(__name__)

#: Strength of the penalty, for standardised features: about one for every two of ResNet-50's 2048.
PENALTY = 1000.0
#: Frames that a fold is fitted on at most; neighbouring frames say nearly the same.
MOST_FRAMES = 20_000


def score_baseline(
    features: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    remark: str = "",
) -> pd.DataFrame:
    """Fit a ridge regression for every fold, score them pooled, and write baseline.csv.

    Parameters
    ----------
    features
        Folders of feature caches, ``<name>.npy`` with the fields frame and pool5.
    labels
        Folder of labels, one CSV a name.
    folds
        folds.csv. A fold is fitted on its names with the roles train and stop, and scored on those with
        score.
    out
        CSV to write: dimension, ccc, frames, note (why there is no score).
    remark
        What is told with the scores in the log.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where a labelled frame has no features.
    """
    caches = find_caches(features)
    by_name = dict(iter(read_labels(labels).groupby("name")))
    truth, prediction = [], []
    for _, fold in read_csv(folds).groupby("fold", sort=True):
        model = fit_fold(fold, caches, by_name)
        for name in sorted(set(fold[fold["role"] == "score"]["name"]) & set(by_name)):
            truth.append(by_name[name][list(DIMENSIONS)].to_numpy())
            prediction.append(model.predict(pool5_of(caches, by_name[name])))
    table = _table(np.concatenate(truth), np.concatenate(prediction))
    write_csv(table, out)
    for row in table.to_dict("records"):
        said = f" ({remark})" if remark else ""
        logger.info("Ridge on single frames, %s: pooled CCC %.3f%s", row["dimension"], row["ccc"], said)
    return table


def fit_fold(fold: pd.DataFrame, caches: Mapping[str, Path], labels: Mapping[str, pd.DataFrame]) -> Pipeline:
    """Fit one fold on every k-th labelled frame of its training side, k such that `MOST_FRAMES` are enough.

    Parameters
    ----------
    fold
        The fold's rows of folds.csv.
    caches
        The feature cache of every name.
    labels
        Labels of every name that has any: name, frame, valence, arousal.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Standardisation and ridge regression, from pool5 to (valence, arousal).
    """
    names = fold[fold["role"].isin(["train", "stop"])]["name"]
    rows = pd.concat([labels[name] for name in sorted(names) if name in labels], ignore_index=True)
    rows = rows.iloc[:: max(1, -(-len(rows) // MOST_FRAMES))]
    inputs = np.concatenate([pool5_of(caches, part) for _, part in rows.groupby("name", sort=False)])
    model = make_pipeline(StandardScaler(copy=False), Ridge(alpha=PENALTY, solver="cholesky"))
    return model.fit(inputs, rows[list(DIMENSIONS)].to_numpy(dtype=np.float32))


def pool5_of(caches: Mapping[str, Path], rows: pd.DataFrame) -> np.ndarray:
    """Read the features of some frames of one name.

    Parameters
    ----------
    caches
        The feature cache of every name.
    rows
        The frames wanted, ascending: columns name (all the same) and frame.

    Returns
    -------
    numpy.ndarray
        pool5, float32, shape (len(rows), width).

    Raises
    ------
    InputError
        Where a frame has no features.
    """
    name, frames = rows["name"].iloc[0], rows["frame"].to_numpy()
    if name not in caches:
        raise InputError(
            f"{name}: expected a feature cache {name}.npy, found none; compute the features again"
        )
    return open_cache(caches[name]).values("pool5", frames).astype(np.float32)


def _table(truth: np.ndarray, prediction: np.ndarray) -> pd.DataFrame:
    """Pooled scores; both arrays have the shape (frames, 2)."""
    scores = {name: concordance(truth[:, i], prediction[:, i]) for i, name in enumerate(DIMENSIONS)}
    rows = [(name, score.value, len(truth), score.reason) for name, score in scores.items()]
    return pd.DataFrame(rows, columns=["dimension", "ccc", "frames", "note"])
