"""Sufficient statistics of the CCC: sums per video, from which the CCC of any set of videos follows exactly.

Six sums of a video (frames, x, y, x², y², xy) add up over videos, and the CCC of all their frames together
follows from the totals. So a bootstrap over videos, or a choice of parameters on some of them, adds up
rows and never goes through the frames again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.storage.frame_rows import run_starts

#: Variances below this share of the mean square are rounding: the values are constant.
ROUNDING = 1e-12
#: Columns of the truth, in the order of `mimamo.DIMENSIONS`.
TRUTHS = [f"true_{dimension}" for dimension in DIMENSIONS]


def video_sums(joined: pd.DataFrame, by: str = "name") -> tuple[pd.Index, np.ndarray]:
    """Return the six sums over the frames of every video, or of every value of another column.

    Parameters
    ----------
    joined
        One row a frame: ``true_valence``, ``true_arousal``, valence, arousal and the column `by`.
    by
        Column to group the frames by.

    Returns
    -------
    tuple[pandas.Index, numpy.ndarray]
        The keys, sorted, and their sums (keys, dimensions, 6) in the order of `mimamo.DIMENSIONS`: frames, x,
        y, x², y², xy with x the truth and y the prediction.
    """
    keys = joined[by].to_numpy()
    starts = run_starts(keys)
    truth = joined[TRUTHS].to_numpy(np.float64)
    sums = run_sums(truth, joined[list(DIMENSIONS)].to_numpy(np.float64), starts)
    return add_up(sums, keys[starts])


def run_sums(truth: np.ndarray, prediction: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the six sums, as `video_sums` does, over runs of frames.

    Parameters
    ----------
    truth, prediction
        (frames, dimensions) each.
    starts
        The first frame of every run, ascending from 0; shape (runs,).

    Returns
    -------
    numpy.ndarray
        (runs, dimensions, 6)
    """
    sums = np.zeros((len(starts), truth.shape[1], 6))
    if len(starts):
        sums[..., 0] = np.diff(starts, append=len(truth))[:, None]
        factors = (truth, prediction, truth * truth, prediction * prediction, truth * prediction)
        for i, values in enumerate(factors, start=1):
            sums[..., i] = np.add.reduceat(values, starts, axis=0)
    return sums


def add_up(sums: np.ndarray, keys: Sequence) -> tuple[pd.Index, np.ndarray]:
    """Add up the sums (runs, dimensions, 6) of runs with the same key, which are then sorted."""
    added = pd.DataFrame(sums.reshape(len(sums), -1)).groupby(keys, sort=True).sum()
    return added.index, added.to_numpy().reshape(len(added), *sums.shape[1:])


def concordance_from_sums(sums: np.ndarray) -> np.ndarray:
    """Return the CCC of the frames that were added up in `sums`.

    Parameters
    ----------
    sums
        (…, 6), as `video_sums` returns them, or totals of these.

    Returns
    -------
    numpy.ndarray
        (…,), as `mimamo.evaluation.metrics.concordance`: 0 where one of truth and prediction is constant, NaN
        where both are or where there is no frame.

    Notes
    -----
    With sums instead of means, CCC = 2 (n Σxy - Σx Σy) / (n Σx² - (Σx)² + n Σy² - (Σy)² + (Σx - Σy)²), which
    is Lin's formula (Biometrics 45, 1989) times n² above and below.
    """
    n, x, y, xx, yy, xy = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    spread_x, spread_y = n * xx - x * x, n * yy - y * y
    constant_x, constant_y = spread_x <= ROUNDING * n * xx, spread_y <= ROUNDING * n * yy
    denominator = spread_x + spread_y + (x - y) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        ccc = 2 * (n * xy - x * y) / denominator
    return np.where(constant_x & constant_y, np.nan, np.where(constant_x | constant_y, 0.0, ccc))
