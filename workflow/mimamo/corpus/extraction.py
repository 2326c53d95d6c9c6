"""Extraction: from the usable crops of a batch of names to one cache file per name."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path, limit_threads, read_crop
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import file_hash
from mimamo.storage.frame_cache import cache_writer
from mimamo.storage.name_records import NameRecords

logger = logging.getLogger("mimamo.corpus.extraction")

#: Seconds between two messages about progress.
LOG_INTERVAL = 10.0

#: A block of rows: the frame numbers, and the other fields of the cache by name.
Block = tuple[np.ndarray, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Crops:
    """The usable crops of one name: their `folder`, ascending frame numbers (n,) and `naming`."""

    name: str
    folder: Path | None
    frames: np.ndarray
    naming: CropNaming

    def blocks(self, size: int, grey: bool = False) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Yield the crops, `size` at a time: frame numbers, and images as `read_crop` returns them."""
        for start in range(0, len(self.frames), size):
            numbers = self.frames[start : start + size]
            yield numbers, [read_crop(self.path(int(number)), grey) for number in numbers]

    def path(self, frame: int) -> Path:
        """Return the path of a frame's crop."""
        return crop_path(self.folder, frame, self.naming)


def find_crops(usable: Mapping[str, np.ndarray], data: Mapping[str, object], root: str) -> list[Crops]:
    """Find the usable crops of some names.

    Parameters
    ----------
    usable
        The frame numbers (n,) of each name's usable crops, ascending; a name may have none.
    data, root
        The section ``data`` of the configuration, and the data set's folder.

    Returns
    -------
    list[Crops]
        Sorted by name.

    Raises
    ------
    InputError
        Where crops that the audit listed no longer exist.
    """
    corpus = Corpus.from_config({"data": data}, root)
    batch = [
        Crops(name, corpus.crop_folder(name), frames, corpus.crop_naming)
        for name, frames in sorted(usable.items())
    ]
    for crops in batch:
        if crops.folder is None and len(crops.frames):
            raise InputError(
                f"{crops.name}: expected the folder of {len(crops.frames)} crops that the audit found, found "
                "none; put the folder back, or run the audit again"
            )
    return batch


def write_caches(
    batch: list[Crops],
    keys: Mapping[str, str],
    folder: Path,
    dtype: np.dtype,
    compute: Callable[[Crops], Iterator[Block]],
    about: Mapping[str, object],
) -> None:
    """Write one cache file per name into `folder`, each with its record, and log the progress.

    Parameters
    ----------
    batch
        The crops, from `find_crops`.
    keys
        The key of every name, see `mimamo.storage.name_records`.
    folder
        Gets a file ``<name>.npy`` for every name, without rows where the name has no usable crops.
    dtype
        The rows of the cache.
    compute
        Yields the blocks of rows of one name's crops, in order.
    about
        What else is recorded: code, settings, weights.
    """
    # Crops are so small that a second thread in OpenCV costs more time than it saves.
    limit_threads(1)
    records = cache_records(folder)
    progress = ProgressLogger(len(batch), sum(len(crops.frames) for crops in batch))
    for crops in batch:
        # First: a job that is killed between result and record must not leave an older record for it.
        records.forget([crops.name])
        write_cache(crops, folder, dtype, compute(crops), progress)
        outputs = {"frames": len(crops.frames), "sha256": file_hash(records.result(crops.name))}
        records.write(crops.name, keys[crops.name], {**about, **outputs})
        progress.add_name(crops.name)


def cache_records(folder: str | os.PathLike) -> NameRecords:
    """Return the records of a folder of caches."""
    return NameRecords(Path(folder), ".npy")


def write_cache(
    crops: Crops,
    folder: Path,
    dtype: np.dtype,
    blocks: Iterable[Block],
    progress: ProgressLogger | None = None,
) -> None:
    """Write the cache file ``<name>.npy`` of one name into `folder`.

    Parameters
    ----------
    crops
        The name's crops.
    folder
        The folder of caches.
    dtype
        The rows of the cache.
    blocks
        The blocks of rows, in order.
    progress
        Counts the frames, where given.
    """
    with cache_writer(folder / f"{crops.name}.npy", dtype, len(crops.frames)) as writer:
        for numbers, fields in blocks:
            writer.append(numbers, **fields)
            if progress is not None:
                progress.add_frames(len(numbers))


class ProgressLogger:
    """Logs the progress of a batch: names and frames done, frames per second, time left."""

    def __init__(self, names: int, frames: int) -> None:
        self.names, self.frames = names, frames
        self.names_done = self.frames_done = 0
        self._started = self._last_logged = time.monotonic()

    def add_frames(self, frames: int) -> None:
        """Count frames that are done, and log the progress every `LOG_INTERVAL` seconds."""
        self.frames_done += frames
        if time.monotonic() - self._last_logged >= LOG_INTERVAL:
            self._last_logged = time.monotonic()
            logger.info("%s", self)

    def add_name(self, name: str) -> None:
        """Count a name that is done, and log it."""
        self.names_done += 1
        logger.info("%s done: %s", name, self)

    def __str__(self) -> str:
        rate = self.frames_done / max(time.monotonic() - self._started, 1e-9)
        left = f", {(self.frames - self.frames_done) / rate:.0f} s left" if rate else ""
        return (
            f"{self.names_done} of {self.names} names, {self.frames_done} of {self.frames} frames, "
            f"{rate:.0f} frames/s{left}"
        )
