"""Cutting contiguous stretches of frames into overlapping windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mimamo.corpus.stretches import contiguous_runs


@dataclass(frozen=True)
class Window:
    """A run of `frames` neighbouring frames of one name, from frame number `first` on.

    The first and the last one are labelled; those between them are too, unless holes are bridged.
    """

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


def cut_windows(name: str, frames: np.ndarray, window: int, hop: int, bridge: int = 0) -> list[Window]:
    """Cut the contiguous runs of labelled frames into windows.

    Parameters
    ----------
    name
        The name.
    frames
        (n,) the numbers of its labelled frames, ascending.
    window, hop
        See `window_starts`.
    bridge
        Holes of at most so many frames are parts of a run. A window that would begin or end in a hole ends
        where the hole begins, or begins where it ends.
    """
    cuts = [
        (first + start, first + start + min(window, length))
        for first, length in contiguous_runs(frames, bridge)
        for start in window_starts(length, window, hop)
    ]
    if bridge:
        # The next labelled frame, and the one before the end.
        begins = frames[np.searchsorted(frames, [begin for begin, _ in cuts])].tolist()
        ends = (frames[np.searchsorted(frames, [end for _, end in cuts]) - 1] + 1).tolist()
        cuts = list(dict.fromkeys(cut for cut in zip(begins, ends, strict=True) if cut[0] < cut[1]))
    return [Window(name, begin, end - begin) for begin, end in cuts]
