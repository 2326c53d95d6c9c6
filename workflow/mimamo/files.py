"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Decimal places of every number in a table: far below what any score resolves, short enough to read.
FLOAT_FORMAT = "%.6f"
#: Columns that hold text even where it looks like a number.
_TEXT = ("name", "id", "group", "partner", "reason", "note", "applies_to", "chosen_on_folds")


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

    Notes
    -----
    After an error nothing is left behind and an older `path` is as it was.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    nest = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
    fresh = nest / path.name
    try:
        yield fresh
        put_in_place(fresh, path)
    finally:
        shutil.rmtree(nest, ignore_errors=True)


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
