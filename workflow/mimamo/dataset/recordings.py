"""Cached inputs of single names, and the dataset of padded windows that training batches come from."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mimamo.dataset.features import Features
from mimamo.dataset.labels import Labels
from mimamo.dataset.windows import Window
from mimamo.device import to_device
from mimamo.distributed import Shard
from mimamo.errors import InputError
from mimamo.phase.differences import flip
from mimamo.phase.energy import phase_energy
from mimamo.storage.frame_cache import BLOCK, caches_of, open_cache

#: The fields of both levels of phase differences.
LEVELS = ("level1", "level2")
#: The field of a batch with estimates of ridge regression.
RIDGE = "ridge"


def present_field(stream: str) -> str:
    """Return the field of a batch that says which frames a stream has."""
    return f"{stream} present"


class Recording:
    """One name's cached inputs, read by frame number.

    Parameters
    ----------
    name
        The name.
    caches
        Its cache file by stream. The rows of a file say whether it is one of phase differences.

    Raises
    ------
    InputError
        Where the caches do not hold the same frames.
    """

    def __init__(self, name: str, caches: Mapping[str, Path]) -> None:
        self.name = name
        self._caches = {stream: open_cache(path) for stream, path in caches.items()}
        self._phase = next((cache for cache in self._caches.values() if cache.holds_phase), None)
        self._features = {
            stream: Features(cache.path) for stream, cache in self._caches.items() if not cache.holds_phase
        }
        first, *others = self._caches.values()
        for other in others:
            if not np.array_equal(first.frames, other.frames):
                raise InputError(
                    f"{other.path} and {first.path} should hold the same frames and do not: delete both, so "
                    "that the workflow recreates them from one list of crops"
                )

    @property
    def frames(self) -> np.ndarray:
        """The frame numbers (n,) that the caches hold, ascending."""
        return next(iter(self._caches.values())).frames

    @property
    def widths(self) -> dict[str, int]:
        """Values per frame of every stream of features."""
        return {stream: features.width for stream, features in self._features.items()}

    @property
    def sees_phase(self) -> bool:
        """Whether a stream is one of phase differences."""
        return self._phase is not None

    @property
    def row_bytes(self) -> int:
        """Bytes of a frame in all caches."""
        return sum(cache.dtype.itemsize for cache in self._caches.values())

    def values(self, stream: str, first: int, count: int) -> np.ndarray:
        """Return a stream's features of the frames ``first … first + count - 1``, which must all be there.

        Returns
        -------
        numpy.ndarray
            (count, width) float16; zero where the stream lacks the frame.
        """
        return self._features[stream].pool5(np.arange(first, first + count))

    def lacks_frames(self, stream: str) -> bool:
        """Return whether a stream of features may lack some of the frames, see `present`."""
        return self._features[stream].lacks_frames

    def present(self, stream: str, first: int, count: int) -> np.ndarray:
        """Return which of the frames ``first … first + count - 1`` a stream has features of, (count,)."""
        rows, found = self._caches[stream].between(first, count), np.zeros(count, bool)
        found[rows["frame"] - first] = rows["present"] != 0 if self.lacks_frames(stream) else True
        return found

    def held_values(self, stream: str, first: int, needed: np.ndarray) -> np.ndarray:
        """Return a stream's features of frames from `first` on, of which some may be missing.

        Parameters
        ----------
        stream
            The stream.
        first
            The number of the first frame.
        needed
            (n,) bool: the frames that must have a row, among them the first. Another one without any has
            that of the last one before it.

        Returns
        -------
        numpy.ndarray
            (n, width) float16

        Raises
        ------
        InputError
            Where a needed frame has no row.
        """
        if needed.all():
            return self.values(stream, first, len(needed))
        there, held = self._held_rows(first, len(needed))
        numbers = first + np.flatnonzero(needed)
        if not np.isin(numbers, there).all():
            # Says which frames are missing, and what to do.
            return self._features[stream].pool5(numbers)
        return self._features[stream].pool5(there)[held]

    def held_present(self, stream: str, first: int, count: int) -> np.ndarray:
        """Return for which of `held_values` the stream has features, (count,) bool."""
        there, held = self._held_rows(first, count)
        return (self._caches[stream].values("present", there) != 0)[held]

    def _held_rows(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which of `count` frames have a row, and for each frame the place among these that it has."""
        numbers = first + np.arange(count)
        start, stop = np.searchsorted(self.frames, [first, first + count])
        there = self.frames[start:stop]
        return there, np.searchsorted(there, numbers, side="right") - 1

    def blocks(self) -> Iterator[dict[str, np.ndarray]]:
        """Yield the rows of all caches by stream, structured, a block at a time.

        Raises
        ------
        InputError
            Where the rows are not those of `frames`.
        """
        for start in range(0, len(self.frames), BLOCK):
            first, last = (int(number) for number in self.frames[start : start + BLOCK][[0, -1]])
            yield {stream: cache.between(first, last - first + 1) for stream, cache in self._caches.items()}

    def damaged_cache(self) -> str | None:
        """Say which cache holds values that are not finite numbers, and what to do; None: all are fine."""
        damaged = next((cache.path for cache in self._caches.values() if not cache.is_finite()), None)
        if damaged is None:
            return None
        return f"{damaged} holds values that are not numbers: delete it, so that the workflow recreates it"

    def file_signature(self) -> list[int]:
        """Return size and modification time of the cache files, which change when they are computed anew."""
        stats = [os.stat(cache.path) for cache in self._caches.values()]
        return [value for stat in stats for value in (stat.st_size, stat.st_mtime_ns)]

    def phase_energy(self) -> float:
        """Return the phase energy of the crops, see `mimamo.phase.energy`; NaN without phases."""
        return math.nan if self._phase is None else phase_energy(self._phase)

    def differences(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the phase differences of the frames ``first … first + count - 1``; missing ones are zero.

        Returns
        -------
        tuple[numpy.ndarray, numpy.ndarray]
            (count, 2, 48, 48) and (count, 2, 24, 24), float16.
        """
        block = self._phase.between(first, count)
        levels = []
        for field in LEVELS:
            level = np.zeros((count, *block.dtype[field].shape), block.dtype[field].base)
            level[block["frame"] - first] = block[field]
            levels.append(level)
        return levels[0], levels[1]


def open_recordings(names: Iterable[str], caches: Mapping[str, str | os.PathLike]) -> dict[str, Recording]:
    """Open the caches of `names`.

    Parameters
    ----------
    names
        The names.
    caches
        The folder of the caches of every stream.

    Raises
    ------
    InputError
        Where a name has no cache, or its caches do not hold the same frames.
    """
    names = list(names)
    found = {stream: caches_of(names, folder, stream) for stream, folder in caches.items()}
    return {name: Recording(name, {stream: found[stream][name] for stream in found}) for name in names}


@dataclass(frozen=True)
class DifferenceContext:
    """Which difference maps the network needs for a frame t: those of the frames t - before … t + after."""

    before: int
    after: int

    @classmethod
    def from_differences(cls, differences: int) -> DifferenceContext:
        """Return the context of a network that sees `differences` maps around each frame.

        Twelve differences lie between the thirteen frames t - 6 … t + 6; each is stored under its later
        frame, so they are those of the frames t - 5 … t + 6.
        """
        return cls(before=differences // 2 - 1, after=differences // 2)

    def read(self, recording: Recording, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the difference maps that the frames ``first … first + count - 1`` need, see `Recording`."""
        return recording.differences(first - self.before, count + self.before + self.after)


class WindowDataset:
    """Windows with their labels, padded to one length.

    Parameters
    ----------
    windows
        Windows of labelled frames.
    recordings, labels
        Inputs and labels by name.
    length
        Frames of a padded window.
    differences
        Phase differences around each frame.
    ridge
        For each name (n, 2) float32, the estimates of ridge regression for its n labelled frames; None: there
        are none.
    """

    def __init__(
        self,
        windows: list[Window],
        recordings: Mapping[str, Recording],
        labels: Mapping[str, Labels],
        length: int,
        differences: int,
        ridge: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.windows, self.recordings, self.labels, self.ridge = windows, recordings, labels, ridge
        self.length, self.context = length, DifferenceContext.from_differences(differences)

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return one window.

        Returns
        -------
        dict[str, torch.Tensor]
            By the name of every stream of features (length, width); ``level1`` (length + differences - 1, 2,
            48, 48) and ``level2`` (…, 24, 24) where there are phase differences, all half precision;
            ``target`` (length, 2) float32; ``valid`` and ``labelled`` (length,) bool: all but the padding,
            which is at the end, and what there is a label for. In a hole that is bridged there is none; where
            there is no crop either, features are those of the frame before, and differences are zero. Of a
            stream that may lack frames also its `present_field` (length,) bool. Where there are estimates of
            ridge regression, ``ridge`` (length, 2) float32, zero in frames without a label.
        """
        window = self.windows[index]
        recording = self.recordings[window.name]
        target, labelled = self.targets(window)
        pad = self.length - window.frames
        item = {}
        for stream in recording.widths:
            item[stream] = _padded(recording.held_values(stream, window.first, labelled), pad)
            if recording.lacks_frames(stream):
                present = recording.held_present(stream, window.first, window.frames)
                item[present_field(stream)] = _padded(present, pad)
        if recording.sees_phase:
            maps = self.context.read(recording, window.first, window.frames)
            item |= {field: _padded(level, pad) for field, level in zip(LEVELS, maps, strict=True)}
        if self.ridge is not None:
            item[RIDGE] = _padded(self.of_labelled(window, self.ridge[window.name])[0], pad)
        return item | {
            "target": _padded(target, pad),
            "valid": torch.arange(self.length) < window.frames,
            "labelled": _padded(labelled, pad),
        }

    def batch(self, numbers: list[int]) -> dict[str, Tensor]:
        """Return the windows `numbers`, stacked: every entry of `__getitem__` with the windows first."""
        items = [self[number] for number in numbers]
        return {field: torch.stack([item[field] for item in items]) for field in items[0]}

    def targets(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the labels of a window, (frames, 2) float32, and which of its frames have one, (frames,)."""
        return self.of_labelled(window, self.labels[window.name].values)

    def of_labelled(self, window: Window, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a window's part of `values` (n, 2) of the labelled frames of its name, and which these are.

        Returns
        -------
        tuple[numpy.ndarray, numpy.ndarray]
            (frames, 2) float32, zero in frames without a label, and (frames,) bool.
        """
        numbers = self.labels[window.name].frames
        rows = slice(*np.searchsorted(numbers, [window.first, window.first + window.frames]))
        placed, labelled = np.zeros((window.frames, 2), np.float32), np.zeros(window.frames, bool)
        places = numbers[rows] - window.first
        placed[places], labelled[places] = values[rows], True
        return placed, labelled


def _padded(values: np.ndarray, pad: int) -> Tensor:
    """Return a copy as a tensor with `pad` rows of zeros at the end."""
    return torch.from_numpy(np.concatenate([values, np.zeros((pad, *values.shape[1:]), values.dtype)]))


def random_flip(batch: dict[str, Tensor], shard: Shard | None = None) -> dict[str, Tensor]:
    """Flip the phase maps of each window left to right with probability one half.

    Features stay: pool5 of a mirrored face is close to that of the face itself. Where `batch` is a
    `shard` of a larger batch, random numbers are drawn for the larger one, so that the same windows are
    flipped on any number of processes. Without phase maps there is nothing to flip.
    """
    if LEVELS[0] not in batch:
        return batch
    shard = shard or Shard(0, len(batch["valid"]), len(batch["valid"]))
    chosen = to_device((torch.rand(shard.total) < 0.5)[shard.start : shard.stop], batch["level1"].device)
    flipped = dict(batch)
    # All are mirrored and half of them are taken: picking windows would wait for a GPU.
    for field, mirrored in zip(LEVELS, flip(batch["level1"], batch["level2"]), strict=True):
        flipped[field] = torch.where(chosen.view(-1, 1, 1, 1, 1), mirrored, batch[field])
    return flipped
