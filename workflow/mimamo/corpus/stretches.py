"""Contiguous stretches of frame numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


def stretch_numbers(frames: np.ndarray) -> np.ndarray:
    """Return the number of each frame's contiguous stretch.

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


def frame_ranges(frames: Iterable[int]) -> list[str]:
    """Format ascending frame numbers as ranges: ``2-5`` and ``9`` for 2, 3, 4, 5 and 9."""
    runs = contiguous_runs(np.fromiter(frames, np.int64))
    return [str(first) if length == 1 else f"{first}-{first + length - 1}" for first, length in runs]


def frames_of_ranges(ranges: str) -> np.ndarray:
    """Return the frame numbers (n,) int64 of ranges such as ``2-5 9``, see `frame_ranges`."""
    bounds = [part.partition("-") for part in ranges.split()]
    runs = [np.arange(int(first), int(last or first) + 1, dtype=np.int64) for first, _, last in bounds]
    return np.concatenate(runs) if runs else np.empty(0, np.int64)


def contiguous_runs(frames: np.ndarray, bridge: int = 0) -> list[tuple[int, int]]:
    """Return ``(first number, length)`` of every contiguous stretch of ascending frame numbers (n,).

    Holes of at most `bridge` frames count as parts of a stretch.
    """
    frames = np.asarray(frames, dtype=np.int64)
    ends = np.flatnonzero(np.diff(frames, append=frames[-1:] + bridge + 2) > bridge + 1)
    firsts = frames[np.append(0, ends[:-1] + 1)] if len(ends) else frames
    return list(zip(firsts.tolist(), (frames[ends] - firsts + 1).tolist(), strict=True))


def split_runs(frames: np.ndarray, longest: int) -> list[tuple[int, int]]:
    """Cut the contiguous stretches of ascending frame numbers (n,) into pieces of `longest` or less."""
    return [
        (first + start, min(longest, length - start))
        for first, length in contiguous_runs(frames)
        for start in range(0, length, longest)
    ]


@dataclass(frozen=True)
class Stretches:
    """The contiguous stretches of the rows of a table, which follow each other without a row between them.

    Attributes
    ----------
    starts
        The first row of every stretch, ascending from 0; int64, shape (stretches,).
    lengths
        Its number of rows, at least 1; int64, shape (stretches,).
    """

    starts: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of_rows(cls, names: np.ndarray, frames: np.ndarray) -> Stretches:
        """Find the stretches of the rows of a table that is sorted by name and frame.

        Parameters
        ----------
        names, frames
            The name, and the frame number, of every row; shape (rows,) each.
        """
        names, frames = np.asarray(names), np.asarray(frames, dtype=np.int64)
        begins = np.ones(len(frames), dtype=bool)
        begins[1:] = (frames[1:] != frames[:-1] + 1) | (names[1:] != names[:-1])
        starts = np.flatnonzero(begins)
        return cls(starts, np.diff(starts, append=len(frames)))

    @property
    def rows(self) -> int:
        """Number of rows of all stretches together."""
        return int(self.lengths.sum())

    def rows_of(self, chosen: np.ndarray) -> np.ndarray:
        """Return the rows of some stretches in order; `chosen` is a bool for each, shape (stretches,)."""
        return np.flatnonzero(np.repeat(chosen, self.lengths))
