"""Per-frame caches on disk: one NumPy file of structured rows per name, read and written in blocks.

A file is an ordinary ``.npy`` of one structured array, a row per crop in ascending order of frame number,
so that ``numpy.load`` opens it without this project. Nothing is ever pickled.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mimamo.errors import InputError
from mimamo.storage.files import atomic_write

#: Rows read at once where all rows of a file are read.
BLOCK = 1024
#: Share of a file's rows below which they are read one by one.
SPARSE = 1 / 16


def phase_dtype() -> np.dtype:
    """Return the dtype of a row of phase differences: frame t against t - 1, zero where that has no crop."""
    return np.dtype([("frame", "<i4"), ("level1", "<f2", (2, 48, 48)), ("level2", "<f2", (2, 24, 24))])


def feature_dtype(width: int) -> np.dtype:
    """Return the dtype of a row of spatial features, `width` values per frame."""
    return np.dtype([("frame", "<i4"), ("pool5", "<f2", (width,))])


def brought_dtype(width: int) -> np.dtype:
    """Return the dtype of a row of features that somebody brings: those of a frame that has none are zero.

    ``present`` is 1 where the frame has some, else 0.
    """
    return np.dtype([("frame", "<i4"), ("present", "<i2"), ("pool5", "<f2", (width,))])


def all_finite(values: np.ndarray) -> bool:
    """Return whether all values in half precision are finite numbers.

    NumPy computes in half precision by converting each value; to look at the exponent's bits, which are all
    set in infinities and NaN alone, takes a fiftieth of the time.
    """
    return not ((values.view(np.uint16) & 0x7C00) == 0x7C00).any()


class CacheWriter:
    """Appends blocks of rows to a file whose number of rows is declared beforehand.

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
            (n,) frame numbers, ascending within and across blocks.
        **fields
            The other fields of the row, (n, …) each, in the row's own precision.

        Raises
        ------
        ValueError
            Where fields, shapes or precision are not those of the rows, where frame numbers do not ascend,
            or where there are more rows than declared.
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
        """Raise ValueError where fields do not match the rows of a block, or there are too many rows."""
        expected = {field: (block[field].shape, block[field].dtype) for field in block.dtype.names}
        found = {field: (values.shape, values.dtype) for field, values in fields.items()}
        if found != expected:
            raise ValueError(f"a block of rows needs {expected} and has {found}")
        if self._written + len(block) > self._rows:
            raise ValueError(f"{self._rows} rows were declared and {self._written + len(block)} are written")

    def finish(self) -> None:
        """Raise ValueError unless as many rows were written as declared."""
        if self._written != self._rows:
            raise ValueError(f"{self._rows} rows were declared and {self._written} were written")


@contextmanager
def cache_writer(path: str | os.PathLike, dtype: np.dtype, rows: int) -> Iterator[CacheWriter]:
    """Write a cache file in blocks, atomically, in memory that does not depend on its length.

    Parameters
    ----------
    path
        The ``.npy`` file.
    dtype
        `phase_dtype`, `feature_dtype` or `brought_dtype`.
    rows
        The number of rows the file will have; 0 is allowed.

    Yields
    ------
    CacheWriter
        To append blocks to.
    """
    with atomic_write(path) as fresh:
        with open(fresh, "xb") as handle:
            writer = CacheWriter(handle, dtype, rows)
            yield writer
        writer.finish()


def find_caches(folders: Iterable[str | os.PathLike]) -> dict[str, Path]:
    """Return the cache file of every name in folders of caches."""
    return {path.stem: path for folder in folders for path in sorted(Path(folder).glob("*.npy"))}


def caches_of(names: Iterable[str], folder: str | os.PathLike, what: str) -> dict[str, Path]:
    """Return the cache file of every name.

    Parameters
    ----------
    names
        The names.
    folder
        The folder of their caches.
    what
        What the caches hold, for the error.

    Raises
    ------
    InputError
        Where a name has no cache.
    """
    caches, names = find_caches([folder]), list(names)
    for name in names:
        if name not in caches:
            raise InputError(
                f"{name}: expected a cache {name}.npy of {what}, found none; run the workflow, which makes it"
            )
    return {name: caches[name] for name in names}


@dataclass(frozen=True)
class Cache:
    """A cache file, opened without loading any of its rows.

    Rows are read, not memory-mapped: the pages of a map count as memory of the process for as long as the
    system keeps them, and a cluster's scheduler kills a job that seems to use more than it requested.

    Attributes
    ----------
    path
        The file.
    dtype
        Of a row, `phase_dtype`, `feature_dtype` or `brought_dtype`.
    size
        Number of rows.
    offset
        Bytes before the first row.
    """

    path: Path
    dtype: np.dtype
    size: int
    offset: int

    def __len__(self) -> int:
        return self.size

    @cached_property
    def frames(self) -> np.ndarray:
        """The frame numbers (n,) int64, ascending.

        Bisects: where two rows are as far apart as their frame numbers, the rows between them need not be
        read, so that a video with few holes takes a few reads of four bytes.

        Raises
        ------
        InputError
            Where the frame numbers do not ascend.
        """
        numbers = np.zeros(self.size, np.int64)
        with open(self.path, "rb", buffering=0) as handle:
            last_row = self.size - 1
            spans = []
            if self.size:
                spans.append((0, last_row, self._number(handle, 0), self._number(handle, last_row)))
            while spans:
                low, high, first, last = spans.pop()
                if last - first < high - low:
                    raise _damaged(self.path, f"frame {last} stands {high - low} rows after frame {first}")
                if last - first == high - low:
                    numbers[low : high + 1] = np.arange(first, last + 1)
                    continue
                middle = (low + high) // 2
                spans.append((low, middle, first, self._number(handle, middle)))
                spans.append((middle + 1, high, self._number(handle, middle + 1), last))
        if (np.diff(numbers, prepend=0) < 1).any():
            raise _damaged(self.path, "its frame numbers do not ascend from 1 on")
        return numbers

    def _number(self, handle: BinaryIO, row: int) -> int:
        """Read the frame number, which is the first field, of one row."""
        raw = os.pread(handle.fileno(), 4, self.offset + row * self.dtype.itemsize)
        return int.from_bytes(raw, "little", signed=True)

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Read the rows ``start … stop - 1``, fewer at the end of the file: (n,) structured."""
        start, stop = max(start, 0), min(stop, self.size)
        offset = self.offset + start * self.dtype.itemsize
        return np.fromfile(self.path, self.dtype, max(stop - start, 0), offset=offset)

    def blocks(self) -> Iterator[np.ndarray]:
        """Return an iterator that reads all rows, `BLOCK` at a time."""
        return (self.rows(start, start + BLOCK) for start in range(0, self.size, BLOCK))

    def is_finite(self) -> bool:
        """Return whether all values of all rows are finite numbers."""
        fields = [field for field in self.dtype.names if field != "frame"]
        return all(all_finite(block[field]) for block in self.blocks() for field in fields)

    @property
    def holds_phase(self) -> bool:
        """Whether the rows are phase differences; otherwise they are features."""
        return self.dtype == phase_dtype()

    @property
    def lacks_frames(self) -> bool:
        """Whether rows may be those of frames without features."""
        return "present" in self.dtype.names

    def between(self, first: int, count: int) -> np.ndarray:
        """Read the rows of those of the frames ``first … first + count - 1`` that the cache has.

        Raises
        ------
        InputError
            Where other frames are among them, in rows that `frames` did not read.
        """
        start, stop = np.searchsorted(self.frames, [first, first + count])
        rows = self.rows(start, stop)
        if not np.array_equal(rows["frame"], self.frames[start:stop]):
            raise _damaged(self.path, "its frame numbers do not ascend")
        return rows

    def block(self, first: int, count: int) -> np.ndarray:
        """Read the rows of the frames ``first … first + count - 1``, (count,) structured.

        Raises
        ------
        InputError
            Where a frame of the block is missing.
        """
        block = self.between(first, count)
        if not np.array_equal(block["frame"], np.arange(first, first + count)):
            raise InputError(
                f"{self.path} should hold all frames from {first} to {first + count - 1} and does not: it "
                "was made from other crops; delete it, so that the workflow recreates it"
            )
        return block

    def values(self, field: str, frames: np.ndarray) -> np.ndarray:
        """Read one field of single frames.

        Parameters
        ----------
        field
            The field's name.
        frames
            (n,) frame numbers, ascending.

        Returns
        -------
        numpy.ndarray
            (n, …) values in the precision of the file.

        Raises
        ------
        InputError
            Where a frame has no row.
        """
        missing = frames[~np.isin(frames, self.frames)]
        if len(missing):
            raise InputError(
                f"{self.path}: expected a row for each of {len(frames)} frames, found none of frame "
                f"{missing[0]} and {len(missing) - 1} others; delete it, so that the workflow recreates it"
            )
        wanted = np.isin(self.frames, frames)
        values = np.empty((len(frames), *self.dtype[field].shape), self.dtype[field].base)
        done = 0
        for block in self._single_rows(wanted) if wanted.mean() < SPARSE else self._chosen_rows(wanted):
            values[done : done + len(block)] = block[field]
            done += len(block)
        return values

    def _chosen_rows(self, wanted: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the rows that are `wanted`, bool (size,), of one block after another."""
        for start in range(0, self.size, BLOCK):
            chosen = wanted[start : start + BLOCK]
            if chosen.any():
                yield self.rows(start, start + BLOCK)[chosen]

    def _single_rows(self, wanted: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the rows that are `wanted`, bool (size,), one by one, without reading those between."""
        with open(self.path, "rb", buffering=0) as handle:
            for row in np.flatnonzero(wanted).tolist():
                raw = os.pread(handle.fileno(), self.dtype.itemsize, self.offset + row * self.dtype.itemsize)
                yield np.frombuffer(raw, self.dtype)


def open_cache(path: str | os.PathLike) -> Cache:
    """Open a cache file: read and check its header.

    Parameters
    ----------
    path
        A file written by `cache_writer`.

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
    # A header is a Python literal: a damaged one fails in the tokenizer or parser, in NumPy's arithmetic or
    # in the operating system, each with exceptions of its own.
    except Exception as error:
        raise _damaged(path, " ".join(str(error).split())) from error
    if rows.ndim != 1 or rows.dtype not in _known_dtypes(rows.dtype):
        raise _damaged(path, f"it holds an array of {rows.dtype} with shape {rows.shape}")
    if path.stat().st_size != rows.offset + rows.nbytes:
        raise _damaged(
            path, f"it has {path.stat().st_size} bytes where its header asks for {rows.offset + rows.nbytes}"
        )
    return Cache(path, rows.dtype, len(rows), rows.offset)


def _known_dtypes(dtype: np.dtype) -> list[np.dtype]:
    """Return the dtypes that a cache may have, for features with the width found in `dtype`."""
    width = dtype["pool5"].shape[0] if "pool5" in (dtype.names or ()) and dtype["pool5"].shape else 0
    return [phase_dtype(), feature_dtype(width), brought_dtype(width)]


def _damaged(path: Path, found: str) -> InputError:
    """Build the error for a file that is not a valid cache."""
    return InputError(
        f"{path} should be a cache of phase differences or features and is not ({found[:200]}): "
        "delete it, so that the workflow recreates it"
    )
