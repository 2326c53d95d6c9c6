"""Which rows of brought features belong to which frames of a video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo.corpus.brought import BroughtRows
from mimamo.corpus.videos import frame_times
from mimamo.errors import InputError


@dataclass(frozen=True)
class RowChoice:
    """The rows that the frames 1 … n of a video get.

    Attributes
    ----------
    low, high
        (n,) the rows before and after; equal where one row is taken, -1 where there is none.
    share
        (n,) of the row `high`; that of `low` is the rest.
    """

    low: np.ndarray
    high: np.ndarray
    share: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """Which frames get a row, (n,) bool."""
        return self.low >= 0

    def values(self, rows: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """Return the features of some frames, (len(frames), width) float64: zero where there is no row."""
        low, high, share = (part[frames - 1] for part in (self.low, self.high, self.share))
        before = rows[low].astype(np.float64)
        mixed = share > 0
        before[mixed] += share[mixed, None] * (rows[high[mixed]].astype(np.float64) - before[mixed])
        before[low < 0] = 0
        return before


def choose_rows(
    rows: BroughtRows, settings: Mapping[str, object], count: int, times: np.ndarray | None
) -> RowChoice:
    """Choose the rows that the frames of a video get.

    A row with a value that is no finite number counts as missing.

    Parameters
    ----------
    rows
        The rows of the file.
    settings
        ``rows``: ``frames`` (the first row is that of the first frame), ``frame`` and ``first`` (the rows
        have numbers of frames that are counted from `first`), or ``rate``, ``offset`` and ``pick`` (row i is
        that of the time ``offset + i / rate``); ``hold``: frames that a row is held for, where those after it
        have none.
    count
        The number of the last frame that is wanted.
    times
        The time stamps of the frames (n,) in seconds, ascending, where rows are at a rate; frames beyond them
        get no row.
    """
    spec = settings["rows"]
    if spec == "frames":
        low = np.arange(count)
    elif "frame" in spec:
        low = np.full(count, -1)
        places = rows.numbers - spec["first"]
        inside = (places >= 0) & (places < count)
        low[places[inside]] = np.flatnonzero(inside)
    else:
        place = np.full(count, -1.0)
        known = min(count, len(times))
        place[:known] = (times[:known] - spec["offset"]) * spec["rate"]
        if spec["pick"] == "linear":
            return _held(_between(place, rows.values), int(settings["hold"]))
        low = np.floor(place + 0.5).astype(np.int64)
    usable = np.isfinite(rows.values).all(axis=1)
    low = np.where((low >= 0) & (low < len(usable)), low, -1)
    low = np.where(usable[low] & (low >= 0), low, -1)
    return _held(RowChoice(low, low, np.zeros(count)), int(settings["hold"]))


def _between(place: np.ndarray, values: np.ndarray) -> RowChoice:
    """Choose the rows on both sides of a place between them (n,)."""
    # A time stamp is a fraction, and the place of a row itself should be that row.
    place = np.where(np.abs(place - np.rint(place)) < 1e-9, np.rint(place), place)
    low, high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    usable = np.isfinite(values).all(axis=1)
    inside = (low >= 0) & (high < len(values))
    low, high, share = (
        np.where(inside, part, default) for part, default in ((low, -1), (high, -1), (place - low, 0.0))
    )
    found = inside & usable[low] & usable[high]
    return RowChoice(np.where(found, low, -1), np.where(found, high, -1), np.where(found, share, 0.0))


def _held(choice: RowChoice, most: int) -> RowChoice:
    """Give frames without a row that of the last frame before them that has one, `most` frames away."""
    if not most:
        return choice
    numbers = np.arange(len(choice.low))
    last = np.maximum.accumulate(np.where(choice.found, numbers, -1))
    held = np.where((last >= 0) & (numbers - last <= most), last, numbers)
    return RowChoice(choice.low[held], choice.high[held], choice.share[held])


def times_of(
    containers: list[Path], settings: Mapping[str, object], name: str, count: int
) -> np.ndarray | None:
    """Return the time stamps of a name's frames in seconds; None where rows are not at a rate.

    Parameters
    ----------
    containers
        Its containers, whose time stamps decide.
    settings
        Of the stream; without a container, ``rows.fps`` says how many frames there are a second.
    name
        The name, for the error.
    count
        The number of frames, without a container.

    Raises
    ------
    InputError
        Where there is neither a container nor ``rows.fps``.
    """
    spec = settings["rows"]
    if not isinstance(spec, Mapping) or "rate" not in spec:
        return None
    if containers:
        return frame_times(containers[0])
    if spec.get("fps") is None:
        raise InputError(
            f"{name}: expected a container, whose time stamps say which of {spec['rate']:g} rows a second "
            "belong to a frame, found none; give it in data.videos, or set rows.fps"
        )
    return np.arange(count) / spec["fps"]
