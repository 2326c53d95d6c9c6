"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd

#: Decimal places of every number in a table: far below what any score resolves, short enough to read.
FLOAT_FORMAT = "%.6f"
#: Columns that hold text even where it looks like a number.
_TEXT = ("name", "id", "group", "partner", "reason", "note", "applies_to", "chosen_on_folds")


#: What the system answers where nothing can be written, whoever asks, and what to do about it.
_REMEDIES = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room in your quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "write to another folder, or make its disk writable",
}
_RIGHTS = "see to the rights of its folder, or write to another one"


@contextmanager
def written_whole(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its name when the block ends well.

    Parameters
    ----------
    path
        The file or folder to write. Its parent folder is created.

    Yields
    ------
    Path
        A path that does not exist yet, in the same folder (so that the final rename is atomic), with the same
        suffix. Write a file there, or make it a folder.

    Raises
    ------
    OutputError
        Where the disk is full or read-only, or the folder must not be written to.

    Notes
    -----
    After an error nothing is left behind and an older `path` is as it was. What a killed process leaves is
    removed when `path` is next written.
    """
    path = Path(path)
    with write_faults_told(path), _nest_beside(path) as nest:
        fresh = nest / path.name
        yield fresh
        put_in_place(fresh, path)


@contextmanager
def _nest_beside(path: Path) -> Iterator[Path]:
    """Make a temporary folder beside `path`, which is locked as long as this process lives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beginning = f".{path.name[:40]}."
    _remove_abandoned(path.parent, beginning, path.name)
    nest, handle = _make_locked(path.parent, beginning)
    try:
        yield nest
    finally:
        shutil.rmtree(nest, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _make_locked(parent: Path, beginning: str) -> tuple[Path, int | None]:
    """Make a folder and lock it; where another process has taken it for abandoned in between, once more."""
    while True:
        nest = Path(tempfile.mkdtemp(prefix=beginning, dir=parent))
        handle = _locked(nest, wait=True)
        if nest.is_dir():
            return nest, handle
        if handle is not None:
            os.close(handle)


def _remove_abandoned(parent: Path, beginning: str, name: str) -> None:
    """Remove the temporary folders for `name` that no living process holds."""
    form = re.compile(re.escape(beginning) + "[a-z0-9_]{8}")
    for nest in [parent / entry for entry in os.listdir(parent) if form.fullmatch(entry)]:
        # The content is looked at as well, because long names may have the same beginning.
        with suppress(OSError):
            if os.listdir(nest) in ([], [name]) and (handle := _locked(nest)) is not None:
                shutil.rmtree(nest, ignore_errors=True)
                os.close(handle)


def _locked(folder: Path, wait: bool = False) -> int | None:
    """Lock a folder until the handle is closed or the process ends; None where that cannot be done."""
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
def write_faults_told(path: Path) -> Iterator[None]:
    """Tell in a sentence that `path` cannot be written, where an error of the system says so.

    Raises
    ------
    OutputError
        Where the disk is full or read-only, or the folder must not be written to. Other errors pass.
    """
    try:
        yield
    except (OSError, OutputError) as error:
        # The fault of a file in a folder that is being written is told with the folder's final name.
        cause = error.__cause__ if isinstance(error, OutputError) else error
        if (remedy := _remedy(cause, path)) is None:
            raise
        raise OutputError(
            f"{path}: expected to be able to write it, found: {cause.strerror}; {remedy}, then call the same"
            " command again, which goes on from what was finished before."
        ) from cause


def _remedy(error: BaseException | None, path: Path) -> str | None:
    """Say what to do about an error that kept `path` from being written; None for another kind of error."""
    if not isinstance(error, OSError):
        return None
    if error.errno in (errno.EACCES, errno.EPERM) and isinstance(error.filename, str):
        place = Path(error.filename)
        return _RIGHTS if place in path.parents or path.parent in (place, *place.parents) else None
    return _REMEDIES.get(error.errno)


def check_writable(folder: str | os.PathLike) -> None:
    """See that files can be made in a folder, which is made where it is not there.

    Raises
    ------
    OutputError
        Where they cannot.
    """
    probe = Path(folder) / "probe"
    with write_faults_told(probe), _nest_beside(probe):
        pass


def put_in_place(fresh: Path, path: Path) -> None:
    """Put `fresh` in the place of `path` beside it, which may be an old file or an old folder."""
    if fresh.is_dir():
        if path.is_dir():
            shutil.rmtree(path)
    else:
        # A file that has its name before it has its bytes would look finished after a power cut.
        with open(fresh, "rb") as handle:
            os.fsync(handle.fileno())
    os.replace(fresh, path)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and hashes of all files in a folder.

    Hidden files are no content: Snakemake marks the folders it made with one.
    """
    if not path.is_dir():
        return file_hash(path)
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        parts = file.relative_to(path).parts
        if file.is_file() and not any(part.startswith(".") for part in parts):
            digest.update(f"{file_hash(file)} {'/'.join(parts)}\n".encode())
    return digest.hexdigest()


def write_csv(table: pd.DataFrame, path: str | os.PathLike) -> None:
    """Write a table as CSV, whole or not at all, numbers with six decimals, no index column."""
    with written_whole(path) as fresh:
        table.to_csv(fresh, index=False, float_format=FLOAT_FORMAT, lineterminator="\n")


def read_csv(path: str | os.PathLike, **options) -> pd.DataFrame:
    """Read a table that `write_csv` wrote.

    Only empty fields are missing values, and text columns stay text: a name such as ``105`` or ``NA`` is a
    name.

    Parameters
    ----------
    path
        The CSV file.
    **options
        Passed on to `pandas.read_csv`.

    Returns
    -------
    pandas.DataFrame
        The table, with the columns of `_TEXT`, where present, as text.
    """
    import pandas as pd

    return pd.read_csv(
        path, dtype=dict.fromkeys(_TEXT, str), keep_default_na=False, na_values=[""], **options
    )
