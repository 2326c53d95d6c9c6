"""Temporal smoothing of predictions, and their delay to match the labels', within contiguous stretches.

Annotators' traces of valence and arousal change slowly and lag behind the face; a network's estimates jitter
and do not lag. What is best for a data set is chosen in `mimamo.postprocessing.fit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.corpus.stretches import contiguous_runs
from mimamo.postprocessing.ensemble import clip_to_range

NONE, SAVITZKY_GOLAY, LOW_PASS = "none", "savitzky_golay", "low_pass"
#: Degree of the polynomial that the Savitzky-Golay filter fits to each window.
DEGREE = 2
#: Order of the low-pass filter; run forward and backward, it acts as one of twice that order without delay.
ORDER = 2


@dataclass(frozen=True)
class Treatment:
    """Smoothing and delay of the predictions of one dimension.

    Attributes
    ----------
    method
        ``none``, ``savitzky_golay`` (Savitzky and Golay, Analytical Chemistry 36, 1964) or ``low_pass``
        (Butterworth, forward and backward: Gustafsson, IEEE Transactions on Signal Processing 44, 1996).
    parameter
        Frames of the window (odd), or the cut-off in cycles a frame; 0 for ``none``.
    delay
        Frames by which predictions are delayed, as labels lag behind the face.
    """

    method: str = NONE
    parameter: float = 0.0
    delay: int = 0


def smooth(values: np.ndarray, method: str, parameter: float) -> np.ndarray:
    """Smooth one stretch.

    Parameters
    ----------
    values
        (frames, columns), each column smoothed by itself.
    method, parameter
        See `Treatment`. In a stretch shorter than the window, the window is shortened to the stretch.

    Returns
    -------
    numpy.ndarray
        (frames, columns)
    """
    from scipy.signal import butter, savgol_filter, sosfiltfilt

    frames = len(values)
    if method == SAVITZKY_GOLAY:
        window = min(int(parameter), frames - 1 + frames % 2)
        return savgol_filter(values, window, DEGREE, axis=0) if window > DEGREE else values
    if method == LOW_PASS and frames > 1:
        filters = butter(ORDER, parameter, fs=1.0, output="sos")
        # The filter needs about a period to settle, so the stretch is extended by that, mirrored at its ends.
        return sosfiltfilt(filters, values, axis=0, padlen=min(frames - 1, round(1 / parameter)))
    return values


def apply_delay(values: np.ndarray, frames: int) -> np.ndarray:
    """Delay the values of a stretch by a number of frames; its first value is repeated at the beginning."""
    return values[np.maximum(np.arange(len(values)) - frames, 0)]


def treat(table: pd.DataFrame, treatments: Mapping[str, Treatment]) -> pd.DataFrame:
    """Smooth and delay a table of predictions, and clip it to the labels' range.

    Parameters
    ----------
    table
        name, frame, valence, arousal, sorted by name and frame.
    treatments
        The treatment of each dimension.

    Returns
    -------
    pandas.DataFrame
        A copy with the treated values.
    """
    values = table[list(DIMENSIONS)].to_numpy(np.float64).copy()
    for rows in stretches_of(table):
        for i, dimension in enumerate(DIMENSIONS):
            treatment = treatments[dimension]
            smoothed = smooth(values[rows, i : i + 1], treatment.method, treatment.parameter)
            values[rows, i : i + 1] = apply_delay(smoothed, treatment.delay)
    return table.assign(**{dimension: clip_to_range(values[:, i]) for i, dimension in enumerate(DIMENSIONS)})


def stretches_of(table: pd.DataFrame) -> list[slice]:
    """Return the rows of every contiguous stretch of a table sorted by name and frame."""
    stretches, start = [], 0
    for _, frames in table.groupby("name", sort=False)["frame"]:
        for _, length in contiguous_runs(frames.to_numpy()):
            stretches.append(slice(start, start + length))
            start += length
    return stretches
