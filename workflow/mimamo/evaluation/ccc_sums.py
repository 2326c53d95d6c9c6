"""The CCC of any set of videos from sums over each video, exact and without going through the frames again.

Six sums of a video (frames, x, y, x², y², xy) add up over videos, and the CCC of all their frames together
follows from the totals. So a bootstrap over videos, or a choice of parameters on some of them, costs no more
than adding up rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS

#: Variances below this share of the mean square are rounding: the values are constant.
ROUNDING = 1e-12


def video_moments(joined: pd.DataFrame, by: str | Sequence[str] = "name") -> tuple[pd.Index, np.ndarray]:
    """Add up the moments of every video.

    Parameters
    ----------
    joined
        One row a frame: ``true_valence``, ``true_arousal``, valence, arousal and the column(s) `by`.
    by
        What frames are added up by.

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


def concordance_of(moments: np.ndarray) -> np.ndarray:
    """Return the CCC of frames whose moments are known.

    Parameters
    ----------
    moments
        (…, 6), as `video_moments` gives them or sums of them.

    Returns
    -------
    numpy.ndarray
        (…,), as `mimamo.evaluation.metrics.concordance`: 0 where one of truth and prediction is constant, NaN where both
        are or where there is no frame.

    Notes
    -----
    With sums instead of means, CCC = 2 (n Σxy - Σx Σy) / (n Σx² - (Σx)² + n Σy² - (Σy)² + (Σx - Σy)²), which
    is Lin's formula (Biometrics 45, 1989) times n² above and below.
    """
    n, x, y, xx, yy, xy = np.moveaxis(np.asarray(moments, dtype=np.float64), -1, 0)
    spread_x, spread_y = n * xx - x * x, n * yy - y * y
    still_x, still_y = spread_x <= ROUNDING * n * xx, spread_y <= ROUNDING * n * yy
    below = spread_x + spread_y + (x - y) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        ccc = 2 * (n * xy - x * y) / below
    return np.where(still_x & still_y, np.nan, np.where(still_x | still_y, 0.0, ccc))
