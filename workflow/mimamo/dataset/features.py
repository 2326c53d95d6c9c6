"""Cached features of a stream, read by frame number."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from mimamo.storage.frame_cache import Cache, caches_of, open_cache


class Features:
    """One name's cached features, read by frame number; the file is opened when it is first read.

    Parameters
    ----------
    path
        The cache file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def _cache(self) -> Cache:
        """The opened cache."""
        return open_cache(self.path)

    @property
    def frames(self) -> np.ndarray:
        """The frame numbers (n,) that the cache holds, ascending."""
        return self._cache.frames

    @property
    def width(self) -> int:
        """Values per frame."""
        return self._cache.dtype["pool5"].shape[0]

    @property
    def lacks_frames(self) -> bool:
        """Whether some of its frames may have no features."""
        return self._cache.lacks_frames

    def pool5(self, frames: np.ndarray) -> np.ndarray:
        """Return the features of some frames, which must all be there.

        Parameters
        ----------
        frames
            (n,) frame numbers, ascending.

        Returns
        -------
        numpy.ndarray
            (n, width) float16

        Raises
        ------
        InputError
            Where a frame has no features.
        """
        first, count = int(frames[0]), len(frames)
        if int(frames[-1]) - first + 1 == count:
            return self._cache.block(first, count)["pool5"]
        return self._cache.values("pool5", frames)


def open_features(names: Iterable[str], folder: str | os.PathLike) -> dict[str, Features]:
    """Open the cached features of `names`, which lie in `folder`.

    Raises
    ------
    InputError
        Where a name has no cache.
    """
    return {name: Features(path) for name, path in caches_of(names, folder, "features").items()}
