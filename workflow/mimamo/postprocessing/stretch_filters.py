"""Filters that act on every contiguous stretch of a table by itself, on all of them at once.

A corpus has tens of thousands of stretches, most of them short, so a call for each would take longer than the
arithmetic. What comes out is, but for rounding, what SciPy's filters return for each stretch alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from mimamo.corpus.stretches import Stretches

#: Stretches that are filtered side by side differ in length by this factor at most, plus `SLACK` frames: what
#: a shorter one lacks to the longest is computed in vain.
SPREAD, SLACK = 1.25, 16
#: Values that are filtered side by side at most, which bounds memory.
BLOCK = 500_000


def delayed_rows(stretches: Stretches, frames: int) -> np.ndarray:
    """Return the row whose value each row has after a delay by `frames`, (rows,); none before its stretch."""
    first = np.repeat(stretches.starts, stretches.lengths)
    return np.maximum(np.arange(len(first)) - frames, first)


def savitzky_golay(values: np.ndarray, stretches: Stretches, window: int, degree: int) -> np.ndarray:
    """Smooth every stretch by polynomials fitted to windows, as `scipy.signal.savgol_filter` does.

    Parameters
    ----------
    values
        (rows, columns) float64.
    stretches
        The stretches of the rows.
    window, degree
        Frames of the window, odd, and degree of the polynomials. In a stretch shorter than the window, the
        window is shortened to it; where it then has too few frames for the polynomial, values stay.

    Returns
    -------
    numpy.ndarray
        (rows, columns). At the ends of a stretch the polynomial of its first or last window is evaluated.
    """
    windows = np.minimum(window, stretches.lengths - 1 + stretches.lengths % 2)
    smoothed = values.copy()
    for fitting in np.unique(windows[windows > degree]).tolist():
        chosen = windows == fitting
        rows, lengths = stretches.rows_of(chosen), stretches.lengths[chosen]
        starts = np.cumsum(lengths) - lengths
        smoothed[rows] = _savitzky_golay(values[rows], starts, lengths, fitting, degree)
    return smoothed


def _savitzky_golay(
    values: np.ndarray, starts: np.ndarray, lengths: np.ndarray, window: int, degree: int
) -> np.ndarray:
    """Smooth stretches of `window` rows or more, see `savitzky_golay`."""
    from scipy.ndimage import convolve1d

    weights, half = _window_weights(window, degree), window // 2
    # Turned around, as a convolution meets its weights.
    smoothed = convolve1d(values, weights[half, ::-1], axis=0, mode="constant")
    for first, places in ((starts, range(half)), (starts + lengths - window, range(half + 1, window))):
        ends = values[first[:, None] + np.arange(window)]
        smoothed[first[:, None] + np.array(places)] = weights[places] @ ends
    return smoothed


@cache
def _window_weights(window: int, degree: int) -> np.ndarray:
    """Return what the values of a window weigh in its polynomial at each of its places: (places, window)."""
    from scipy.signal import savgol_coeffs

    return np.stack([savgol_coeffs(window, degree, pos=place, use="dot") for place in range(window)])


def low_pass(values: np.ndarray, stretches: Stretches, cut_off: float, order: int) -> np.ndarray:
    """Smooth every stretch by a Butterworth filter forward and backward, as `scipy.signal.sosfiltfilt` does.

    Parameters
    ----------
    values
        (rows, columns) float64.
    stretches
        The stretches of the rows.
    cut_off, order
        Cycles a frame, and order of the filter. It needs about a period to settle, so each stretch is
        extended by that, or by as much as it has, turned by 180 degrees around its ends. A single frame
        stays as it is.

    Returns
    -------
    numpy.ndarray
        (rows, columns)
    """
    from scipy.signal import butter, sosfilt, sosfilt_zi

    sections = butter(order, cut_off, fs=1.0, output="sos")
    settled = sosfilt_zi(sections)[:, None, :, None]

    def run(signals: np.ndarray) -> np.ndarray:
        """Filter signals (stretches, frames, columns) from a state that is settled at their first frame."""
        return sosfilt(sections, signals, axis=1, zi=settled * signals[:, :1])[0]

    smoothed = values.copy()
    padding = np.minimum(stretches.lengths - 1, round(1 / cut_off))
    for chosen in _alike(stretches.lengths + 2 * padding, stretches.lengths > 1, values.shape[1]):
        starts, lengths, pads = stretches.starts[chosen], stretches.lengths[chosen], padding[chosen]
        # Each stretch is followed by repeats up to the longest, which a filter that runs forward meets last.
        back = _backward(run(_extended(values, starts, lengths, pads)), lengths + 2 * pads)
        filtered = _backward(run(back), lengths + pads)
        inside = np.arange(filtered.shape[1]) < lengths[:, None]
        rows = (starts[:, None] + np.arange(filtered.shape[1]))[inside]
        smoothed[rows] = filtered[inside]
    return smoothed


def _alike(extents: np.ndarray, chosen: np.ndarray, columns: int) -> Iterator[np.ndarray]:
    """Yield the numbers of the `chosen` stretches in sets of similar extents, see `SPREAD` and `BLOCK`."""
    order = np.flatnonzero(chosen)
    order = order[np.argsort(extents[order], kind="stable")]
    start = 0
    while start < len(order):
        longest = int(extents[order[start]] * SPREAD) + SLACK
        stop = int(np.searchsorted(extents[order], longest, side="right"))
        stop = min(stop, start + max(1, BLOCK // (longest * columns)))
        yield order[start:stop]
        start = stop


def _extended(values: np.ndarray, starts: np.ndarray, lengths: np.ndarray, pads: np.ndarray) -> np.ndarray:
    """Return stretches extended at both ends by `pads` frames, and then by repeats.

    The shape is (stretches, frames, columns).
    """
    last = lengths[:, None] - 1
    place = np.arange((lengths + 2 * pads).max()) - pads[:, None]
    place = np.minimum(place, last + pads[:, None])
    inner = np.abs(place)
    inner = np.where(inner > last, 2 * last - inner, inner)
    extended = values[starts[:, None] + inner]
    for outside, end in ((place < 0, starts), (place > last, starts + lengths - 1)):
        mirrored = np.nonzero(outside)
        extended[mirrored] = 2 * values[end[mirrored[0]]] - extended[mirrored]
    return extended


def _backward(signals: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return signals (stretches, frames, columns) backward from the frame before `ends`, then its repeats."""
    place = np.maximum(ends[:, None] - 1 - np.arange(signals.shape[1]), 0)
    return np.take_along_axis(signals, place[:, :, None], axis=1)
