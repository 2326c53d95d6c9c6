"""Atomic writes of files and folders, CSV tables with a fixed number format, and content hashes."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo import DIMENSIONS
from mimamo.errors import InputError, OutputError

if TYPE_CHECKING:
    import pandas as pd

#: Decimal places of every number in a table: far below what any score resolves, short enough to read.
FLOAT_FORMAT = "%.6f"
#: The types of columns in all tables, whatever is in them: text that looks like a number stays text, and a
#: table without rows has the types of one with rows, so that the two can be joined.
_TYPES = {
    **dict.fromkeys(
        (
            "name",
            "person",
            "id",
            "group",
            "partner",
            "reason",
            "note",
            "applies_to",
            "chosen_on_folds",
            "role",
            "source",
        ),
        "str",
    ),
    **dict.fromkeys(("frame", "fold"), "int64"),
    **dict.fromkeys(("valence", "arousal", "true_valence", "true_arousal"), "float64"),
}


#: System errors for which nobody can write, and what to do about each.
_REMEDIES = {
    errno.ENOSPC: "free some space on its disk",
    errno.EDQUOT: "free some space in your quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "write to another folder, or make its disk writable",
}
_RIGHTS = "check the permissions of its folder, or write to another one"


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside `path` that is renamed to it when the block succeeds.

    Parameters
    ----------
    path
        The file or folder to write. Its parent folder is created.

    Yields
    ------
    Path
        A path that does not exist yet, in a temporary folder beside `path` (so that the final rename is
        atomic), with the same name. Write a file there, or make it a folder.

    Raises
    ------
    OutputError
        Where the disk is full or read-only, or the folder must not be written to.

    Notes
    -----
    After an error nothing is left behind and an older `path` is unchanged. What a killed process leaves is
    removed when `path` is next written.
    """
    path = Path(path)
    with explain_write_errors(path), _temporary_folder_beside(path) as folder:
        fresh = folder / path.name
        yield fresh
        replace_path(fresh, path)


@contextmanager
def _temporary_folder_beside(path: Path) -> Iterator[Path]:
    """Make a temporary folder beside `path`, locked until it is removed or this process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{path.name[:40]}."
    _remove_abandoned(path.parent, prefix, path.name)
    folder, handle = _make_locked(path.parent, prefix)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _make_locked(parent: Path, prefix: str) -> tuple[Path, int | None]:
    """Make a folder and lock it; try again where another process removed it as abandoned in between."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        handle = _locked(folder, wait=True)
        if folder.is_dir():
            return folder, handle
        if handle is not None:
            os.close(handle)


def _remove_abandoned(parent: Path, prefix: str, name: str) -> None:
    """Remove the temporary folders for `name` that no running process has locked."""
    pattern = re.compile(re.escape(prefix) + "[a-z0-9_]{8}")
    for folder in [parent / entry for entry in os.listdir(parent) if pattern.fullmatch(entry)]:
        # The content is checked as well, because long names may share a prefix.
        with suppress(OSError):
            if os.listdir(folder) in ([], [name]) and (handle := _locked(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(handle)


def _locked(folder: Path, wait: bool = False) -> int | None:
    """Lock a folder until the returned handle is closed or the process ends; None if that fails."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        # Another process holds it, or the file system cannot lock.
        os.close(handle)
        return None
    return handle


@contextmanager
def explain_write_errors(path: Path) -> Iterator[None]:
    """Turn system errors that prevent `path` from being written into an `OutputError` with a remedy.

    Raises
    ------
    OutputError
        Where the disk is full or read-only, or the folder must not be written to. Other errors are raised
        unchanged.
    """
    try:
        yield
    except (OSError, OutputError) as error:
        # An error about a file in a folder that is being written is reported with the folder's final name.
        cause = error.__cause__ if isinstance(error, OutputError) else error
        if (remedy := _remedy(cause, path)) is None:
            raise
        raise OutputError(
            f"{path}: expected to be able to write it, found: {cause.strerror}; {remedy}, then repeat the "
            "same command to resume."
        ) from cause


def _remedy(error: BaseException | None, path: Path) -> str | None:
    """Return what to do about an error that kept `path` from being written; None for other kinds of error."""
    if not isinstance(error, OSError):
        return None
    if error.errno in (errno.EACCES, errno.EPERM) and isinstance(error.filename, str):
        place = Path(error.filename)
        return _RIGHTS if place in path.parents or path.parent in (place, *place.parents) else None
    return _REMEDIES.get(error.errno)


def check_writable(folder: str | os.PathLike) -> None:
    """Make sure that files can be created in a folder, which is created if it does not exist.

    Raises
    ------
    OutputError
        Where they cannot.
    """
    probe = Path(folder) / "probe"
    with explain_write_errors(probe), _temporary_folder_beside(probe):
        pass


def replace_path(fresh: Path, path: Path) -> None:
    """Replace `path`, an old file or folder if it exists, by `fresh`, on the same file system."""
    if fresh.is_dir():
        if path.is_dir():
            shutil.rmtree(path)
    else:
        # A file that is renamed before its bytes are on disk would look complete after a power cut.
        with open(fresh, "rb") as handle:
            os.fsync(handle.fileno())
    os.replace(fresh, path)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and hashes of all files in a folder.

    Hidden files are not counted as content: Snakemake marks the folders it made with one.
    """
    if not path.is_dir():
        return file_hash(path)
    digest = hashlib.sha256()
    for file in visible_files(path):
        digest.update(f"{file_hash(file)} {file.relative_to(path).as_posix()}\n".encode())
    return digest.hexdigest()


def visible_files(folder: Path) -> list[Path]:
    """Return the files in a folder and the folders in it, sorted, but for hidden ones."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def write_csv(table: pd.DataFrame, path: str | os.PathLike) -> None:
    """Write a table as CSV, atomically, numbers with six decimals, no index column."""
    with atomic_write(path) as fresh:
        table.to_csv(fresh, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def read_csv(path: str | os.PathLike | io.BytesIO, **options) -> pd.DataFrame:
    """Read a table written by `write_csv`.

    Only empty fields are missing values, and text columns stay text: a name such as ``105`` or ``NA`` is a
    name.

    Parameters
    ----------
    path
        The CSV file, or its bytes.
    **options
        Passed on to `pandas.read_csv`.

    Returns
    -------
    pandas.DataFrame
        The table, also one without rows: columns of text, such as ``name``, ``id`` and ``group``, hold text
        even where it looks like a number, ``frame`` and ``fold`` whole numbers, ``valence`` and ``arousal``
        numbers.
    """
    import pandas as pd

    return pd.read_csv(path, dtype=_TYPES, keep_default_na=False, na_values=[""], **options)


def read_values(path: str | os.PathLike, **options) -> pd.DataFrame:
    """Read a table with valence and arousal of frames as `read_csv` does.

    Raises
    ------
    InputError
        Where one of them is not a finite number. No stage writes such a table, so the file is damaged or was
        edited.
    """
    import numpy as np

    table = read_csv(path, **options)
    finite = np.isfinite(table[list(DIMENSIONS)].to_numpy(dtype=np.float64)).all(axis=1)
    if not finite.all():
        first = table[~finite].iloc[0]
        where = " frame ".join(str(first[key]) for key in ("name", "frame") if key in table)
        raise InputError(
            f"{path}: expected numbers, found none for {where} and {(~finite).sum() - 1} other rows; delete "
            "the file, so that the workflow recreates it"
        )
    return table


def read_named_values(paths: Mapping[str, Path]) -> pd.DataFrame:
    """Read tables with frame, valence and arousal, one a name, under each other; see `read_values`.

    Parameters
    ----------
    paths
        The CSV file of every name.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal: the names in the order of `paths`, rows in that of their files.

    Raises
    ------
    InputError
        As for `read_values`.
    """
    import numpy as np

    columns = ["frame", *DIMENSIONS]
    # A parser that starts anew for each of hundreds of files takes several times as long as their rows.
    table, counts = _read_together(list(paths.values()), columns)
    if len(table) != sum(counts) or not np.isfinite(table.to_numpy()).all():
        # Which file it is, and what is wrong with it, only reading them one by one tells.
        tables = [read_values(path, usecols=columns)[columns] for path in paths.values()]
        table, counts = join_tables(tables, columns), [len(one) for one in tables]
    table.insert(0, "name", np.repeat(np.array(list(paths), dtype=object), counts))
    return table.astype({"name": "str"})


def _read_together(paths: Sequence[Path], columns: Sequence[str]) -> tuple[pd.DataFrame, list[int]]:
    """Parse files with the same header at once; also return how many lines each has below the header.

    Where files are not alike the table is empty.
    """
    header, counts, bodies = b"", [], []
    for path in paths:
        first, _, body = path.read_bytes().partition(b"\n")
        header = header or first
        if first != header:
            return join_tables([], columns), [1]
        bodies.append(body if body.endswith(b"\n") or not body else body + b"\n")
        counts.append(bodies[-1].count(b"\n"))
    if not any(counts):
        return join_tables([], columns), counts
    return read_csv(io.BytesIO(b"".join([header, b"\n", *bodies])), usecols=columns)[list(columns)], counts


def read_role(path: str | os.PathLike, role: str) -> pd.DataFrame:
    """Read the rows of one role (score, test, validation) from a fold's predictions, see `read_values`.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal, in the order of the file.
    """
    table = read_values(path)
    return table.loc[table["role"] == role, ["name", "frame", *DIMENSIONS]].reset_index(drop=True)


def join_tables(tables: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put tables under each other; the types of the columns do not depend on which of them have rows.

    Parameters
    ----------
    tables
        The tables, each with `columns` or more; there may be none.
    columns
        The columns of the result.

    Returns
    -------
    pandas.DataFrame
        The rows of all tables, numbered from 0.
    """
    import pandas as pd

    # pandas would take the type of a column from tables without rows as well, and joins no fewer than one.
    filled = [table[list(columns)] for table in tables if len(table)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return pd.DataFrame({column: pd.Series(dtype=_TYPES.get(column, "object")) for column in columns})
