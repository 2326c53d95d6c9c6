"""Features that somebody brings: one file per name with a row of values per frame or moment.

Nothing in a file is executed: NumPy's files are read without pickles, of HDF5 only what lies in the file
itself, and tables by pandas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo.errors import InputError
from mimamo.storage.paths import describe_error

if TYPE_CHECKING:
    import pandas as pd

#: Largest value that half precision holds, in which caches keep features.
LARGEST = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class BroughtRows:
    """The rows of one file.

    Attributes
    ----------
    values
        (rows, width) of any float or integer type.
    numbers
        (rows,) int64: the numbers of the frames that they belong to, as the file counts them; None where the
        file has no such numbers.
    """

    values: np.ndarray
    numbers: np.ndarray | None = None


def read_brought(path: Path, frame: str | None = None) -> BroughtRows:
    """Read a file of features.

    Parameters
    ----------
    path
        A file with one of the suffixes of `READERS`: an array (rows, width); or a table with names of
        columns.
    frame
        The array or column with the numbers of frames; None: there is none, and all columns are features.

    Raises
    ------
    InputError
        Where the file cannot be read, or holds anything else.
    """
    try:
        arrays = READERS[path.suffix.lower()](path, frame)
    except InputError:
        raise
    except OSError as error:
        raise InputError(_sentence(path, describe_error(path, error), "get the file again")) from None
    # What is wrong with a damaged file is told in exceptions of many types.
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        found = f"one that cannot be read ({reason})"
        raise InputError(_sentence(path, found, "write it again, without pickled objects")) from None
    numbers = None
    if frame is not None:
        if frame not in arrays:
            there = ", ".join(map(repr, arrays)) or "none"
            remedy = "correct rows.frame, or give the numbers of frames in the file"
            raise InputError(_sentence(path, f"no {frame!r} in it, but {there}", remedy))
        numbers = _frame_numbers(path, frame, arrays.pop(frame))
    values = _values(path, arrays)
    if numbers is not None and len(numbers) != len(values):
        found = f"{len(values)} rows and {len(numbers)} numbers of frames"
        raise InputError(_sentence(path, found, "give every row the number of its frame"))
    return BroughtRows(values, numbers)


def _sentence(path: Path, found: str, remedy: str) -> str:
    """Return the sentence on a file that is no file of features."""
    return f"{path}: expected a file of features, a row of numbers for each frame, found {found}; {remedy}"


def _frame_numbers(path: Path, frame: str, numbers: np.ndarray) -> np.ndarray:
    """Return the numbers of frames as integers, after a check that each is there once."""
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuf":
        found = f"{frame!r} of {numbers.dtype} with shape {numbers.shape}"
        raise InputError(_sentence(path, found, "give a single number for each row"))
    if not np.isfinite(numbers).all() or (numbers != np.floor(numbers)).any():
        remedy = "count frames in whole numbers"
        raise InputError(_sentence(path, f"numbers of frames in {frame!r} that are not whole", remedy))
    whole, counts = np.unique(numbers, return_counts=True)
    if (counts > 1).any():
        found = f"frame {whole[counts > 1][0]:.0f} in {counts.max()} rows"
        raise InputError(_sentence(path, found, "give every frame one row at most"))
    return numbers.astype(np.int64)


def _values(path: Path, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Return the one array of features (rows, width)."""
    if len(arrays) != 1:
        there = " and ".join(map(repr, arrays)) or "none"
        raise InputError(_sentence(path, f"the arrays {there}", "leave one array of features in it"))
    (values,) = arrays.values()
    if values.ndim != 2 or not values.size:
        shape = " by ".join(map(str, values.shape)) or "none"
        raise InputError(_sentence(path, f"an array of the shape {shape}", "write rows × width"))
    if values.dtype.kind not in "fiu":
        raise InputError(_sentence(path, f"values of the type {values.dtype}", "write plain numbers"))
    return values


def _read_npy(path: Path, frame: str | None) -> dict[str, np.ndarray]:
    """Read a single array."""
    return {"values": np.load(path, allow_pickle=False)}


def _read_npz(path: Path, frame: str | None) -> dict[str, np.ndarray]:
    """Read all arrays of an archive."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _read_csv(path: Path, frame: str | None) -> dict[str, np.ndarray]:
    """Read a table of text."""
    import pandas as pd

    table = pd.read_csv(path)
    if all(_is_number(str(column)) for column in table.columns):
        raise InputError(
            _sentence(path, "a table without names of columns", "write them into its first line")
        )
    return _columns(path, table, frame)


def _is_number(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_parquet(path: Path, frame: str | None) -> dict[str, np.ndarray]:
    """Read a table of Parquet."""
    import pandas as pd

    _need("pyarrow", path)
    return _columns(path, pd.read_parquet(path, engine="pyarrow"), frame)


def _columns(path: Path, table: pd.DataFrame, frame: str | None) -> dict[str, np.ndarray]:
    """Return the columns of a table: the features as one array, and the numbers of frames."""
    table.columns = [str(column).strip() for column in table.columns]
    texts = [column for column, kind in table.dtypes.items() if kind.kind not in "fiu"]
    if texts:
        remedy = "leave columns of numbers alone in it"
        raise InputError(_sentence(path, f"a column {texts[0]!r} that is not numeric", remedy))
    arrays = {frame: table.pop(frame).to_numpy()} if frame in table.columns else {}
    return {**arrays, "the other columns": table.to_numpy()}


def _read_h5(path: Path, frame: str | None) -> dict[str, np.ndarray]:
    """Read all data sets of an HDF5 file that lie in the file itself."""
    _need("h5py", path)
    import h5py

    arrays = {}
    with h5py.File(path, "r") as file:
        for name in file:
            entry = file.get(name, getlink=True)
            inside = isinstance(entry, h5py.HardLink)
            if not inside or not isinstance(file[name], h5py.Dataset) or _lies_elsewhere(file[name]):
                remedy = "write data sets alone, without links and groups"
                raise InputError(_sentence(path, f"{name!r}, which is not a data set in the file", remedy))
            arrays[name] = file[name][()]
    return arrays


def _lies_elsewhere(dataset: object) -> bool:
    """Return whether the values of a data set are read from other files."""
    return bool(dataset.external) or dataset.is_virtual


def _need(package: str, path: Path) -> None:
    """Raise InputError where a package that reads a kind of file is not installed."""
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise InputError(
            f"{path}: expected the package {package}, which reads {path.suffix} files, found it not "
            f"installed; pip install '.[features]' in the project's folder, or use .npy files"
        )


#: The reader of every kind of file, by suffix; where a name has several files, none is preferred.
READERS: dict[str, Callable[[Path, str | None], dict[str, np.ndarray]]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".h5": _read_h5,
}
