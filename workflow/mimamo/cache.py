"""Per-frame arrays on disk: one NumPy file of structured rows per name, read by memory map.

A file is an ordinary ``.npy`` of one structured array, a row per crop in ascending order of frame number,
so that ``numpy.load`` opens it without this project. Nothing is ever pickled.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mimamo.errors import InputError
from mimamo.files import written_whole


def phase_dtype() -> np.dtype:
    """Return the row of phase differences: frame t against frame t - 1, zero where that has no crop."""
    return np.dtype([("frame", "<i4"), ("level1", "<f2", (2, 48, 48)), ("level2", "<f2", (2, 24, 24))])


def feature_dtype(width: int) -> np.dtype:
    """Return the row of spatial features, `width` values a frame."""
    return np.dtype([("frame", "<i4"), ("pool5", "<f2", (width,))])


class CacheWriter:
    """Appends blocks of rows to a file whose number of rows was said beforehand.

    Rows go straight to the file and not through a memory map: pages of a map count as memory of the process
    until the system takes them back, and a writer's memory should not grow with the length of a video.
    """

    def __init__(self, handle: BinaryIO, dtype: np.dtype, rows: int) -> None:
        self._handle, self._dtype, self._rows = handle, dtype, rows
        self._written, self._last = 0, 0
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (rows,)}
        np.lib.format.write_array_header_1_0(handle, header)

    def append(self, frame: np.ndarray, **fields: np.ndarray) -> None:
        """Write one block of rows.

        Parameters
        ----------
        frame
            (n,) frame numbers, ascending from one block to the next.
        **fields
            The other fields of the row, (n, …) each, in the row's own precision.

        Raises
        ------
        ValueError
            Where fields, shapes or precision are not those of the rows, where frame numbers do not ascend,
            or at more rows than were said.
        """
        frame = np.asarray(frame)
        if np.any(np.diff(frame, prepend=self._last) <= 0):
            raise ValueError(
                f"frame numbers must ascend from 1, and a block goes from {self._last} to {frame[:8]}"
            )
        fields = {"frame": frame.astype("<i4"), **fields}
        block = np.empty(len(frame), self._dtype)
        self._check(block, fields)
        for field, values in fields.items():
            block[field] = values
        self._handle.write(block.tobytes())
        self._written += len(block)
        self._last = int(frame[-1]) if len(frame) else self._last

    def _check(self, block: np.ndarray, fields: dict[str, np.ndarray]) -> None:
        expected = {field: (block[field].shape, block[field].dtype) for field in block.dtype.names}
        found = {field: (values.shape, values.dtype) for field, values in fields.items()}
        if found != expected:
            raise ValueError(f"a block of rows needs {expected} and has {found}")
        if self._written + len(block) > self._rows:
            raise ValueError(f"{self._rows} rows were said and {self._written + len(block)} are written")

    def finish(self) -> None:
        """Raise ValueError unless as many rows were written as were said."""
        if self._written != self._rows:
            raise ValueError(f"{self._rows} rows were said and {self._written} were written")


@contextmanager
def written_cache(path: str | os.PathLike, dtype: np.dtype, rows: int) -> Iterator[CacheWriter]:
    """Write a cache file in blocks, whole or not at all, in memory that does not depend on its length.

    Parameters
    ----------
    path
        The ``.npy`` file.
    dtype
        `phase_dtype` or `feature_dtype`.
    rows
        The number of rows the file will have; 0 is allowed.

    Yields
    ------
    CacheWriter
        Append blocks to it.
    """
    with written_whole(path) as fresh:
        with open(fresh, "xb") as handle:
            writer = CacheWriter(handle, dtype, rows)
            yield writer
        writer.finish()


def find_caches(folders: Iterable[str | os.PathLike]) -> dict[str, Path]:
    """Return the cache file of every name in folders of caches, one folder per batch."""
    return {path.stem: path for folder in folders for path in sorted(Path(folder).glob("*.npy"))}


def open_cache(path: str | os.PathLike) -> np.ndarray:
    """Open a cache file without reading it.

    Parameters
    ----------
    path
        A file that `written_cache` wrote.

    Returns
    -------
    numpy.ndarray
        (rows,) structured, read-only and mapped into memory.

    Raises
    ------
    InputError
        Where there is no such file, where it is damaged or cut short, or where it holds something else.
    """
    path = Path(path)
    try:
        rows = np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise InputError(f"{path} is not there: let the workflow make it") from None
    # A header is literal text: a damaged one fails in Python's tokenizer or parser, in NumPy's arithmetic or
    # in the system, each with exceptions of its own.
    except Exception as error:
        raise _damaged(path, " ".join(str(error).split())) from error
    if rows.ndim != 1 or rows.dtype not in _known_dtypes(rows.dtype):
        raise _damaged(path, f"it holds an array of {rows.dtype} with shape {rows.shape}")
    if path.stat().st_size != rows.offset + rows.nbytes:
        raise _damaged(
            path, f"it has {path.stat().st_size} bytes where its header asks for {rows.offset + rows.nbytes}"
        )
    return rows


def _known_dtypes(dtype: np.dtype) -> list[np.dtype]:
    width = dtype["pool5"].shape[0] if "pool5" in (dtype.names or ()) and dtype["pool5"].shape else 0
    return [phase_dtype(), feature_dtype(width)]


def _damaged(path: Path, found: str) -> InputError:
    return InputError(
        f"{path} should be a cache of phase differences or features and is not ({found[:200]}): "
        "delete it, so that the workflow makes it anew"
    )


def read_block(cache: np.ndarray, first: int, count: int) -> np.ndarray:
    """Return the rows of the frames ``first … first + count - 1``, which must all be there.

    Parameters
    ----------
    cache
        What `open_cache` returned. Only the rows wanted, and those that a binary search meets, are read.
    first, count
        The first frame number, and the number of frames.

    Returns
    -------
    numpy.ndarray
        (count,) structured, a view of `cache`.

    Raises
    ------
    InputError
        Where a frame of the block is missing.
    """
    start = bisect_left(cache["frame"], first)
    block = cache[start : start + count]
    if not np.array_equal(block["frame"], np.arange(first, first + count)):
        raise InputError(
            f"{getattr(cache, 'filename', 'the cache')} should hold all frames from {first} to "
            f"{first + count - 1} and does not: it was made from other crops; delete it, so that "
            "the workflow makes it anew"
        )
    return block
