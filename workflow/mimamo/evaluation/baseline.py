"""Single-frame baseline: ridge regression from pool5 to the labels, scored out of fold.

A check on a corpus as much as a baseline: the CCC that it reaches is reached without motion.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from os import PathLike

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mimamo import DIMENSIONS
from mimamo.dataset.features import Features, open_features
from mimamo.dataset.label_range import clip_to_range
from mimamo.dataset.labels import read_labels
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: Strength of the penalty, for standardised features: about one for every two of ResNet-50's 2048.
PENALTY = 1000.0
#: Frames that a fold is fitted on at most; neighbouring frames are nearly the same.
MAX_FRAMES = 20_000


def score_baseline(
    features: str | PathLike,
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Fit a ridge regression for every fold, score them pooled, and write baseline.csv.

    Parameters
    ----------
    features
        Folder of feature caches, ``<name>.npy`` with the fields frame and pool5.
    labels
        Folder of labels, one CSV a name.
    folds
        folds.csv. A fold is fitted on its names with the roles train and stop, and scored on those with
        score.
    out
        CSV to write: dimension, ccc, frames, note (why there is no score).
    caveat
        Caveat to log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where a labelled frame has no features, or features are not finite numbers.
    """
    by_name = dict(iter(read_labels(labels).groupby("name")))
    inputs = open_features(by_name, features)
    truth, prediction = [], []
    for _, fold in read_csv(folds).groupby("fold", sort=True):
        model = fit_fold(fold, inputs, by_name)
        for name in sorted(set(fold[fold["role"] == "score"]["name"]) & set(by_name)):
            truth.append(by_name[name][list(DIMENSIONS)].to_numpy())
            prediction.append(clip_to_range(model.predict(pool5_of(inputs[name], by_name[name]))))
    table = _score_table(np.concatenate(truth), np.concatenate(prediction))
    write_csv(table, out)
    for row in table.to_dict("records"):
        suffix = f" ({caveat})" if caveat else ""
        logger.info("Ridge on single frames, %s: pooled CCC %.3f%s", row["dimension"], row["ccc"], suffix)
    return table


def fit_fold(
    fold: pd.DataFrame, features: Mapping[str, Features], labels: Mapping[str, pd.DataFrame]
) -> Pipeline:
    """Fit one fold on every k-th labelled frame of its training side, with k for `MAX_FRAMES` at most.

    Parameters
    ----------
    fold
        The fold's rows of folds.csv.
    features
        The features of every name that has labels.
    labels
        Labels of every name that has any: name, frame, valence, arousal.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Standardisation and ridge regression, from pool5 to (valence, arousal).
    """
    names = fold[fold["role"].isin(["train", "stop"])]["name"]
    tables = [labels[name] for name in sorted(names) if name in labels]
    step = max(1, -(-sum(map(len, tables)) // MAX_FRAMES))
    inputs, truth, passed = [], [], 0
    for labelled in tables:
        rows = labelled.iloc[-passed % step :: step]
        passed += len(labelled)
        if len(rows):
            inputs.append(pool5_of(features[rows["name"].iloc[0]], rows))
            truth.append(rows[list(DIMENSIONS)].to_numpy(dtype=np.float32))
    model = make_pipeline(StandardScaler(copy=False), Ridge(alpha=PENALTY, solver="cholesky"))
    return model.fit(np.concatenate(inputs), np.concatenate(truth))


def pool5_of(features: Features, rows: pd.DataFrame) -> np.ndarray:
    """Return the features of one name's labelled frames in `rows`, (len(rows), width) float32."""
    values = features.pool5(rows["frame"].to_numpy()).astype(np.float32)
    if not np.isfinite(values).all():
        raise InputError(
            f"{features.path} holds values that are not numbers: delete it, so that the workflow recreates it"
        )
    return values


def _score_table(truth: np.ndarray, prediction: np.ndarray) -> pd.DataFrame:
    """Return the pooled scores, one row a dimension; both arrays have the shape (frames, 2)."""
    scores = {name: concordance(truth[:, i], prediction[:, i]) for i, name in enumerate(DIMENSIONS)}
    rows = [(name, score.value, len(truth), score.reason) for name, score in scores.items()]
    return pd.DataFrame(rows, columns=["dimension", "ccc", "frames", "note"])
