"""Caches of features that somebody brings: their rows at the frames with a crop."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from mimamo.audit.records import read_usable
from mimamo.corpus.brought import LARGEST, BroughtRows, read_brought
from mimamo.corpus.brought_rows import choose_rows, times_of
from mimamo.corpus.extraction import Block, Crops, cache_records, find_crops, write_caches
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import file_hash
from mimamo.storage.frame_cache import BLOCK, brought_dtype
from mimamo.streams import Settings

logger = logging.getLogger("mimamo.features.brought")


def brought_batch(
    stream: str,
    keys: Mapping[str, str],
    audit: Path,
    streams: Mapping[str, Settings],
    data: Mapping[str, object],
    root: str,
    folder: Path,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write the features of those names of a batch that have no cache with their key.

    Parameters
    ----------
    stream
        The stream.
    keys
        The key of every name of the batch, see `mimamo.storage.name_records`.
    audit
        The folder of the audit's records, which list the usable frames.
    streams, data
        The sections ``streams`` and ``data`` of the configuration.
    root
        The data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.brought_dtype` for every name,
        and its record with the digest of the file that it was made from.
    about
        What else is recorded: code and settings.

    Raises
    ------
    InputError
        Where a file cannot be read, or is not as wide as the others.
    """
    if not (names := cache_records(folder).pending(keys)):
        return
    corpus = Corpus.from_config({"data": data, "streams": streams}, root)
    files = corpus.all_brought_files(stream)
    # What cannot be used, the audit reported; such a name has no frames.
    batch = find_crops(read_usable(audit, names), data, root)
    width = brought_width(streams[stream])
    for crops in batch:
        path = next(iter(files.get(crops.name, [])), None)
        digests = {} if path is None else {_recorded_path(stream, path): file_hash(path)}
        containers = corpus.containers(crops.name)
        write_caches(
            [crops],
            keys,
            folder,
            brought_dtype(width),
            lambda crops, path=path, containers=containers: brought_rows(
                crops, path, streams[stream], containers, width
            ),
            {**(about or {}), "files": digests},
        )


def _recorded_path(stream: str, path: Path) -> str:
    """Return a path as it is recorded: without the folders of the machine."""
    return f"{stream}/{path.name}" if path.is_absolute() else str(path)


def brought_width(settings: Settings) -> int:
    """Return the values a row of a stream's first file that can be read; raise InputError without any."""
    corpus = Corpus.from_config({"data": {}, "streams": {"any": settings}}, ".")
    for _, (path, *_) in sorted(corpus.all_brought_files("any").items()):
        try:
            return read_rows(path, settings).values.shape[1]
        except InputError as error:
            logger.warning("%s", error)
    raise InputError(
        f"{settings['folder']}: expected a file of features that can be read, found none; bring one"
    )


def read_rows(path: Path, settings: Settings) -> BroughtRows:
    """Read a file of features as the settings of its stream say."""
    rows = settings["rows"]
    return read_brought(path, rows.get("frame") if isinstance(rows, Mapping) else None)


def frames_with_rows(crops: Crops, path: Path, settings: Settings, containers: list[Path]) -> np.ndarray:
    """Return which of a name's frames get a row of a file of features, (frames,) bool; see `brought_rows`."""
    last = int(crops.frames[-1])
    times = times_of(containers, settings, crops.name, last)
    return choose_rows(read_rows(path, settings), settings, last, times).found[crops.frames - 1]


def brought_rows(
    crops: Crops, path: Path | None, settings: Settings, containers: list[Path], width: int
) -> Iterator[Block]:
    """Yield the features of a name's frames, as blocks of rows of a cache.

    Parameters
    ----------
    crops
        The name and its usable frames.
    path
        Its file of features; None: it has none.
    settings
        Of the stream.
    containers
        The name's containers, whose time stamps say when a frame is, where rows are at a rate.
    width
        Values a row.

    Raises
    ------
    InputError
        Where the file cannot be read, is not as wide, or has values that half precision does not hold.
    """
    if not len(crops.frames):
        return
    if path is None:
        for start in range(0, len(crops.frames), BLOCK):
            numbers = crops.frames[start : start + BLOCK]
            shape = len(numbers)
            yield (
                numbers,
                {"present": np.zeros(shape, np.int16), "pool5": np.zeros((shape, width), np.float16)},
            )
        return
    rows, last = read_rows(path, settings), int(crops.frames[-1])
    if rows.values.shape[1] != width:
        raise InputError(
            f"{path}: expected {width} values a row as in the files of other names, found "
            f"{rows.values.shape[1]}; compute the features of all names alike"
        )
    choice = choose_rows(rows, settings, last, times_of(containers, settings, crops.name, last))
    for start in range(0, len(crops.frames), BLOCK):
        numbers = crops.frames[start : start + BLOCK]
        values = choice.values(rows.values, numbers)
        if np.abs(values).max() > LARGEST:
            raise InputError(
                f"{path}: expected values of at most {LARGEST:.0f}, found {np.abs(values).max():g}; scale "
                "all features of the stream"
            )
        present = choice.found[numbers - 1].astype(np.int16)
        yield numbers, {"present": present, "pool5": values.astype(np.float16)}
