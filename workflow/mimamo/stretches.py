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


def contiguous_runs(frames: np.ndarray) -> list[tuple[int, int]]:
    """Return ``(first number, length)`` of every contiguous stretch of ascending frame numbers (n,)."""
    frames = np.asarray(frames, dtype=np.int64)
    numbers = stretch_numbers(frames)
    firsts = frames[np.diff(numbers, prepend=0) == 1]
    return list(zip(firsts.tolist(), np.bincount(numbers)[1:].tolist(), strict=True))
