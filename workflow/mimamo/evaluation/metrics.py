"""Agreement of a prediction with the truth, in one dimension: CCC, Pearson correlation and RMSE."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Score:
    """A number, or the reason why there is none.

    Attributes
    ----------
    value
        The score; NaN where it is undefined.
    reason
        Why `value` is NaN; empty where it is a number.
    """

    value: float
    reason: str = ""


def concordance(truth: ArrayLike, prediction: ArrayLike) -> Score:
    """Concordance correlation coefficient, the official score of the challenge.

    CCC = 2 cov(x, y) / (var(x) + var(y) + (mean(x) - mean(y))²), with population variances (division by n).

    Parameters
    ----------
    truth, prediction
        Values of the same frames, shape (frames,).

    Returns
    -------
    Score
        In [-1, 1]; 1 only for a perfect prediction; 0 for a constant prediction of a truth that varies. NaN
        where both are constant, where there is no frame, and where a value is not a finite number.

    Raises
    ------
    ValueError
        Where the shapes differ or are not one-dimensional.

    References
    ----------
    Lin, L. I.-K. (1989). A concordance correlation coefficient to evaluate reproducibility. Biometrics 45(1),
    255-268.
    """
    truth, prediction = _paired(truth, prediction)
    if fault := _fault(truth, prediction):
        return Score(nan, fault)
    still = [_is_constant(truth), _is_constant(prediction)]
    if all(still):
        return Score(nan, "truth and prediction are both constant")
    if any(still):
        return Score(0.0)
    # The score does not change with the unit; in this one no square underflows.
    unit = max(np.abs(truth).max(), np.abs(prediction).max())
    truth, prediction = truth / unit, prediction / unit
    x, y = truth - truth.mean(), prediction - prediction.mean()
    offset = truth.mean() - prediction.mean()
    return Score(float(2 * (x * y).mean() / ((x * x).mean() + (y * y).mean() + offset**2)))


def pearson(truth: ArrayLike, prediction: ArrayLike) -> Score:
    """Pearson's correlation of a truth and a prediction, both of shape (frames,).

    Returns
    -------
    Score
        In [-1, 1]; NaN where either is constant, where there is no frame, and where a value is not finite.

    Raises
    ------
    ValueError
        Where the shapes differ or are not one-dimensional.
    """
    truth, prediction = _paired(truth, prediction)
    if fault := _fault(truth, prediction):
        return Score(nan, fault)
    for values, what in ((truth, "truth"), (prediction, "prediction")):
        if _is_constant(values):
            return Score(nan, f"the {what} is constant")
    x, y = _unit(truth), _unit(prediction)
    return Score(float(np.clip((x * y).sum(), -1.0, 1.0)))


def rmse(truth: ArrayLike, prediction: ArrayLike) -> Score:
    """Root of the mean squared error, in the unit of the labels; both of shape (frames,).

    Returns
    -------
    Score
        Zero or more; NaN where there is no frame and where a value is not finite.

    Raises
    ------
    ValueError
        Where the shapes differ or are not one-dimensional.
    """
    truth, prediction = _paired(truth, prediction)
    if fault := _fault(truth, prediction):
        return Score(nan, fault)
    return Score(sqrt(float(((truth - prediction) ** 2).mean())))


def _paired(truth: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    truth, prediction = np.asarray(truth, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != prediction.shape:
        raise ValueError(f"expected two arrays of shape (frames,), got {truth.shape} and {prediction.shape}")
    return truth, prediction


def _fault(truth: np.ndarray, prediction: np.ndarray) -> str:
    """Why these arrays have no score at all; empty where they have one."""
    if truth.size == 0:
        return "no frames"
    for values, what in ((truth, "truth"), (prediction, "prediction")):
        if bad := int((~np.isfinite(values)).sum()):
            return f"{bad} of {values.size} values of the {what} are not finite numbers"
    return ""


def _is_constant(values: np.ndarray) -> bool:
    # Not by the variance: that of many equal values is seldom exactly zero.
    return bool(values.min() == values.max())


def _unit(values: np.ndarray) -> np.ndarray:
    """Centre and bring to length 1, without squares that underflow."""
    centred = values - values.mean()
    centred = centred / np.abs(centred).max()
    return centred / np.linalg.norm(centred)
