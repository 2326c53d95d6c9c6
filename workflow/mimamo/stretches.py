"""Runs of frames without a hole."""

from __future__ import annotations

import numpy as np


def stretch_numbers(frames: np.ndarray) -> np.ndarray:
    """Give each frame the number of its contiguous stretch.

    Parameters
    ----------
    frames
        Frame numbers, ascending, without repeats; shape (n,).

    Returns
    -------
    numpy.ndarray
        1, 2, … for each frame, one more after every hole; int64, shape (n,).
    """
    frames = np.asarray(frames, dtype=np.int64)
    # The first frame begins stretch 1; after it, every step other than one begins another.
    return np.cumsum(np.diff(frames, prepend=frames[:1] - 2) != 1)


def run_lengths(frames: np.ndarray) -> np.ndarray:
    """Give the number of frames of each contiguous stretch; shape (stretches,)."""
    return np.bincount(stretch_numbers(frames))[1:]
