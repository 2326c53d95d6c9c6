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

#: Variances below this share of the mean square are rounding: the values are constant.
ROUNDING = 1e-12


def video_sums(joined: pd.DataFrame, by: str | Sequence[str] = "name") -> tuple[pd.Index, np.ndarray]:
    """Return the six sums over the frames of every video, or of every value of other columns.

    Parameters
    ----------
    joined
        One row a frame: ``true_valence``, ``true_arousal``, valence, arousal and the column(s) `by`.
    by
        Column(s) to group the frames by.

    Returns
    -------
    tuple[pandas.Index, numpy.ndarray]
        The keys, sorted, and their sums (keys, dimensions, 6) in the order of `mimamo.DIMENSIONS`: frames, x,
        y, x², y², xy with x the truth and y the prediction.
    """
    columns = []
    for dimension in DIMENSIONS:
        x, y = (joined[column].to_numpy(np.float64) for column in (f"true_{dimension}", dimension))
        columns += [np.ones(len(joined)), x, y, x * x, y * y, x * y]
    keys = [joined[key].to_numpy() for key in ([by] if isinstance(by, str) else by)]
    sums = pd.DataFrame(np.stack(columns, axis=1)).groupby(keys, sort=True).sum()
    return sums.index, sums.to_numpy().reshape(len(sums), len(DIMENSIONS), 6)


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
