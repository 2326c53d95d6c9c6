"""Metrics of a prediction against the truth, in one dimension: CCC, Pearson correlation and RMSE."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Score:
    """The value of a metric, or the reason why it is undefined.

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
    """Compute the concordance correlation coefficient (CCC), the official score of the challenge.

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
    if reason := _undefined_reason(truth, prediction):
        return Score(nan, reason)
    constant = [_is_constant(truth), _is_constant(prediction)]
    if all(constant):
        return Score(nan, "truth and prediction are both constant")
    if any(constant):
        return Score(0.0)
    # The score does not change with the unit; in this one no square underflows.
    unit = max(np.abs(truth).max(), np.abs(prediction).max())
    truth, prediction = truth / unit, prediction / unit
    x, y = truth - truth.mean(), prediction - prediction.mean()
    offset = truth.mean() - prediction.mean()
    return Score(float(2 * (x * y).mean() / ((x * x).mean() + (y * y).mean() + offset**2)))


def pearson(truth: ArrayLike, prediction: ArrayLike) -> Score:
    """Compute Pearson's correlation of a truth and a prediction, both of shape (frames,).

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
    if reason := _undefined_reason(truth, prediction):
        return Score(nan, reason)
    for values, what in ((truth, "truth"), (prediction, "prediction")):
        if _is_constant(values):
            return Score(nan, f"the {what} is constant")
    x, y = _unit_vector(truth), _unit_vector(prediction)
    return Score(float(np.clip((x * y).sum(), -1.0, 1.0)))


def rmse(truth: ArrayLike, prediction: ArrayLike) -> Score:
    """Compute the root of the mean squared error, in the unit of the labels; both of shape (frames,).

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
    if reason := _undefined_reason(truth, prediction):
        return Score(nan, reason)
    return Score(sqrt(float(((truth - prediction) ** 2).mean())))


def _paired(truth: ArrayLike, prediction: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return both as float64 arrays of shape (frames,); raise ValueError where they have other shapes."""
    truth, prediction = np.asarray(truth, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != prediction.shape:
        raise ValueError(f"expected two arrays of shape (frames,), got {truth.shape} and {prediction.shape}")
    return truth, prediction


def _undefined_reason(truth: np.ndarray, prediction: np.ndarray) -> str:
    """Return why no metric of these arrays is defined; empty where metrics are."""
    if truth.size == 0:
        return "no frames"
    for values, what in ((truth, "truth"), (prediction, "prediction")):
        if invalid := int((~np.isfinite(values)).sum()):
            return f"{invalid} of {values.size} values of the {what} are not finite numbers"
    return ""


def _is_constant(values: np.ndarray) -> bool:
    """Return whether all values are equal."""
    # Not by the variance: that of many equal values is seldom exactly zero.
    return bool(values.min() == values.max())


def _unit_vector(values: np.ndarray) -> np.ndarray:
    """Return the centred values scaled to length 1, without squares that underflow."""
    centred = values - values.mean()
    centred = centred / np.abs(centred).max()
    return centred / np.linalg.norm(centred)
