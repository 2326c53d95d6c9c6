"""Cutting contiguous stretches of frames into overlapping windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mimamo.corpus.stretches import contiguous_runs


@dataclass(frozen=True)
class Window:
    """A run of `frames` neighbouring frames of one name, from frame number `first` on."""

    name: str
    first: int
    frames: int


def window_starts(length: int, window: int, hop: int) -> list[int]:
    """Return the offsets of the windows that cover a stretch.

    Windows start every `hop` frames; a last one ends with the stretch, so that no frame is left out. A
    stretch shorter than a window gets one window, to be padded.

    Parameters
    ----------
    length
        Frames of the stretch, at least 1.
    window, hop
        Frames of a window, and from one window's start to the next's; ``0 < hop <= window``.

    Returns
    -------
    list[int]
        Offsets from the start of the stretch, ascending.
    """
    if length <= window:
        return [0]
    starts = list(range(0, length - window + 1, hop))
    if starts[-1] + window < length:
        starts.append(length - window)
    return starts


def cut_windows(name: str, frames: np.ndarray, window: int, hop: int) -> list[Window]:
    """Cut the contiguous runs of the ascending frame numbers `frames` (n,) of `name` into windows."""
    return [
        Window(name, first + start, min(window, length))
        for first, length in contiguous_runs(frames)
        for start in window_starts(length, window, hop)
    ]
