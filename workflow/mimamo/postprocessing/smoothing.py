"""Temporal smoothing of predictions, and their delay to match the labels', within contiguous stretches.

Annotators' traces of valence and arousal change slowly and lag behind the face; a network's estimates jitter
and do not lag. What is best for a data set is chosen in `mimamo.postprocessing.fit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.corpus.stretches import Stretches
from mimamo.dataset.label_range import clip_to_range
from mimamo.postprocessing.stretch_filters import delayed_rows, low_pass, savitzky_golay

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


def smooth(values: np.ndarray, stretches: Stretches, method: str, parameter: float) -> np.ndarray:
    """Smooth every stretch by itself.

    Parameters
    ----------
    values
        (rows, columns), each column smoothed by itself.
    stretches
        The stretches of the rows.
    method, parameter
        See `Treatment`. In a stretch shorter than the window, the window is shortened to the stretch.

    Returns
    -------
    numpy.ndarray
        (rows, columns)
    """
    if method == SAVITZKY_GOLAY:
        return savitzky_golay(values, stretches, int(parameter), DEGREE)
    if method == LOW_PASS:
        return low_pass(values, stretches, parameter, ORDER)
    return values


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
    return next(treat_each(table, [treatments]))


def treat_each(table: pd.DataFrame, choices: Iterable[Mapping[str, Treatment]]) -> Iterator[pd.DataFrame]:
    """Yield a table of predictions after each of some choices of treatments, see `treat`.

    What several of them share is computed once.
    """
    stretches = stretches_of(table)
    smoothed: dict[tuple[str, str, float], np.ndarray] = {}
    for treatments in choices:
        treated = {}
        for dimension in DIMENSIONS:
            treatment = treatments[dimension]
            key = (dimension, treatment.method, treatment.parameter)
            if key not in smoothed:
                values = table[dimension].to_numpy(np.float64)[:, None]
                smoothed[key] = clip_to_range(smooth(values, stretches, *key[1:])[:, 0])
            treated[dimension] = smoothed[key][delayed_rows(stretches, treatment.delay)]
        yield table.assign(**treated)


def stretches_of(table: pd.DataFrame) -> Stretches:
    """Return the contiguous stretches of a table sorted by name and frame."""
    return Stretches.of_rows(table["name"].to_numpy(), table["frame"].to_numpy())
