"""Smoothing of landmarks over time: the noise of a detector is motion to the network that sees the crops."""

from __future__ import annotations

import numpy as np

#: Default standard deviation of the Gaussian in seconds.
SECONDS = 0.1
#: Standard deviations on either side that count.
_REACH = 3.0


def smooth_over_time(times: np.ndarray, values: np.ndarray, seconds: float) -> np.ndarray:
    """Smooth a signal with a Gaussian in time, whatever the frame rate.

    At each time, a straight line is fitted to the values around it, weighted with the Gaussian, and read off
    there (local linear regression; Fan and Gijbels 1996, "Local Polynomial Modelling and Its Applications",
    section 2.3). Unlike a weighted mean it does not lag at the ends or where frames are unevenly spaced.

    Parameters
    ----------
    times
        (n,) seconds, ascending.
    values
        (n, …) the signal.
    seconds
        Standard deviation of the Gaussian; 0: nothing is smoothed.

    Returns
    -------
    numpy.ndarray
        (n, …) float64.
    """
    flat = values.reshape(len(values), -1).astype(np.float64)
    if seconds <= 0 or len(values) < 2:
        return flat.reshape(values.shape)
    reach = _REACH * seconds
    most = int((np.searchsorted(times, times + reach, side="right") - np.arange(len(times))).max())
    moments = np.zeros((3, len(times), 1))
    sums = np.zeros((2, *flat.shape))
    for offset in range(1 - most, most):
        here = slice(max(0, -offset), len(times) - max(0, offset))
        there = slice(max(0, offset), len(times) + min(0, offset))
        distance = (times[there] - times[here])[:, None]
        weight = np.where(np.abs(distance) <= reach, np.exp(-0.5 * (distance / seconds) ** 2), 0)
        for power in range(3):
            moments[power, here] += weight * distance**power
        sums[0, here] += weight * flat[there]
        sums[1, here] += weight * distance * flat[there]
    determinant = moments[0] * moments[2] - moments[1] ** 2
    # A frame without neighbours keeps its value: no line can be fitted through one point.
    alone = determinant <= 1e-12 * moments[0] * seconds**2
    line = (moments[2] * sums[0] - moments[1] * sums[1]) / np.where(alone, 1, determinant)
    return np.where(alone, sums[0] / moments[0], line).reshape(values.shape)


def smooth_track(times: np.ndarray, values: np.ndarray, seconds: float, max_gap: float) -> np.ndarray:
    """Smooth the landmarks of one person, each stretch between two gaps for itself.

    Parameters
    ----------
    times, values, seconds
        As for `smooth_over_time`.
    max_gap
        Seconds without the face that end a stretch: a person who is back is elsewhere.
    """
    ends = np.flatnonzero(np.diff(times) > max_gap) + 1
    parts = zip(np.split(times, ends), np.split(values, ends), strict=True)
    return np.concatenate([smooth_over_time(moments, part, seconds) for moments, part in parts])
