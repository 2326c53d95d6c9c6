"""Cached inputs of single names, and the dataset of padded windows that training batches come from."""

from __future__ import annotations

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


class Recording:
    """One name's cached inputs, read by frame number.

    Parameters
    ----------
    name
        The name.
    phase, features
        Its cache files.

    Raises
    ------
    InputError
        Where the two caches do not hold the same frames.
    """

    def __init__(self, name: str, phase: Path, features: Path) -> None:
        self.name = name
        self._phase, self._features = open_cache(phase), Features(features)
        if not np.array_equal(self.frames, self._phase.frames):
            raise InputError(
                f"{phase} and {features} should hold the same frames and do not: delete both, so that the "
                "workflow makes them anew from one list of crops"
            )

    @property
    def frames(self) -> np.ndarray:
        """The frame numbers (n,) that the caches hold, ascending."""
        return self._features.frames

    @property
    def pool5_width(self) -> int:
        """Values per frame of the features."""
        return self._features.width

    @property
    def row_bytes(self) -> int:
        """Bytes of a frame in both caches."""
        return self._phase.dtype.itemsize + self._features.row_bytes

    def pool5(self, first: int, count: int) -> np.ndarray:
        """Return the features of the frames ``first … first + count - 1``, which must all be there.

        Returns
        -------
        numpy.ndarray
            (count, width) float16
        """
        return self._features.pool5(np.arange(first, first + count))

    def held_pool5(self, first: int, needed: np.ndarray) -> np.ndarray:
        """Return the features of frames from `first` on, of which some may be missing.

        Parameters
        ----------
        first
            The number of the first frame.
        needed
            (n,) bool: the frames that must have features, among them the first. Another one without any has
            those of the last one before it.

        Returns
        -------
        numpy.ndarray
            (n, width) float16

        Raises
        ------
        InputError
            Where a needed frame has no features.
        """
        if needed.all():
            return self.pool5(first, len(needed))
        numbers = first + np.arange(len(needed))
        start, stop = np.searchsorted(self.frames, [first, first + len(needed)])
        there = self.frames[start:stop]
        if not np.isin(numbers[needed], there).all():
            # Says which frames are missing, and what to do.
            return self._features.pool5(numbers[needed])
        return self._features.pool5(there)[np.searchsorted(there, numbers, side="right") - 1]

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield all rows of both caches, a block at a time: phase differences and features, structured.

        Raises
        ------
        InputError
            Where the rows are not those of `frames`.
        """
        for start in range(0, len(self.frames), BLOCK):
            first, last = (int(number) for number in self.frames[start : start + BLOCK][[0, -1]])
            yield tuple(cache.between(first, last - first + 1) for cache in (self._phase, self._features))

    def nonfinite_cache(self) -> Path | None:
        """Return the cache file with values that are not finite numbers; None where both are in order."""
        caches = (self._phase, open_cache(self._features.path))
        return next((cache.path for cache in caches if not cache.is_finite()), None)

    def file_signature(self) -> list[int]:
        """Return size and modification time of the cache files, which change when they are computed anew."""
        stats = [os.stat(cache.path) for cache in (self._phase, self._features)]
        return [value for stat in stats for value in (stat.st_size, stat.st_mtime_ns)]

    def phase_energy(self) -> float:
        """Return the phase energy of the crops, see `mimamo.phase.energy.phase_energy`."""
        return phase_energy(self._phase)

    def differences(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the phase differences of the frames ``first … first + count - 1``; missing ones are zero.

        Returns
        -------
        tuple[numpy.ndarray, numpy.ndarray]
            (count, 2, 48, 48) and (count, 2, 24, 24), float16.
        """
        block = self._phase.between(first, count)
        levels = []
        for field in ("level1", "level2"):
            level = np.zeros((count, *block.dtype[field].shape), block.dtype[field].base)
            level[block["frame"] - first] = block[field]
            levels.append(level)
        return levels[0], levels[1]


def open_recordings(
    names: Iterable[str], phase: Iterable[str | os.PathLike], features: Iterable[str | os.PathLike]
) -> dict[str, Recording]:
    """Open the caches of `names`, which lie somewhere in the folders of `phase` and `features`.

    Raises
    ------
    InputError
        Where a name has no cache, or its caches do not hold the same frames.
    """
    names = list(names)
    phase_caches = caches_of(names, phase, "phase differences")
    features_caches = caches_of(names, features, "features")
    return {name: Recording(name, phase_caches[name], features_caches[name]) for name in names}


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
    """

    def __init__(
        self,
        windows: list[Window],
        recordings: Mapping[str, Recording],
        labels: Mapping[str, Labels],
        length: int,
        differences: int,
    ) -> None:
        self.windows, self.recordings, self.labels = windows, recordings, labels
        self.length, self.context = length, DifferenceContext.from_differences(differences)

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return one window.

        Returns
        -------
        dict[str, torch.Tensor]
            ``pool5`` (length, width), ``level1`` (length + differences - 1, 2, 48, 48), ``level2`` (…, 24,
            24), all half precision; ``target`` (length, 2) float32; ``valid`` and ``labelled`` (length,)
            bool: all but the padding, which is at the end, and what there is a label for. In a hole that is
            bridged there is none; where there is no crop either, features are those of the frame before, and
            differences are zero.
        """
        window = self.windows[index]
        recording = self.recordings[window.name]
        target, labelled = self.targets(window)
        pad = self.length - window.frames
        level1, level2 = self.context.read(recording, window.first, window.frames)
        return {
            "pool5": _padded(recording.held_pool5(window.first, labelled), pad),
            "level1": _padded(level1, pad),
            "level2": _padded(level2, pad),
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
        labels = self.labels[window.name]
        rows = slice(*np.searchsorted(labels.frames, [window.first, window.first + window.frames]))
        target, labelled = np.zeros((window.frames, 2), np.float32), np.zeros(window.frames, bool)
        places = labels.frames[rows] - window.first
        target[places], labelled[places] = labels.values[rows], True
        return target, labelled


def _padded(values: np.ndarray, pad: int) -> Tensor:
    """Return a copy as a tensor with `pad` rows of zeros at the end."""
    return torch.from_numpy(np.concatenate([values, np.zeros((pad, *values.shape[1:]), values.dtype)]))


def random_flip(batch: dict[str, Tensor], shard: Shard | None = None) -> dict[str, Tensor]:
    """Flip the phase maps of each window left to right with probability one half.

    The features stay: pool5 of a mirrored face is close to that of the face itself. Where `batch` is a
    `shard` of a larger batch, random numbers are drawn for the larger one, so that the same windows are
    flipped on any number of processes.
    """
    shard = shard or Shard(0, len(batch["valid"]), len(batch["valid"]))
    chosen = to_device((torch.rand(shard.total) < 0.5)[shard.start : shard.stop], batch["level1"].device)
    flipped = dict(batch)
    # All are mirrored and half of them are taken: picking windows would wait for a GPU.
    for field, mirrored in zip(("level1", "level2"), flip(batch["level1"], batch["level2"]), strict=True):
        flipped[field] = torch.where(chosen.view(-1, 1, 1, 1, 1), mirrored, batch[field])
    return flipped
