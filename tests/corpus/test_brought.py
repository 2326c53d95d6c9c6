"""Files of features that somebody brings: reading each kind, and what is said of all else."""

import pickle

import numpy as np
import pandas as pd
import pytest

from mimamo.corpus.brought import READERS, read_brought
from mimamo.corpus.layout import FEATURE_SUFFIXES
from mimamo.errors import InputError
from support.brought import write_file

VALUES = np.random.default_rng(0).normal(size=(7, 3))
NUMBERS = np.array([1, 2, 3, 5, 6, 8, 9])


class Trap:
    """Makes a file where it is loaded from a pickle."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_every_suffix_that_is_looked_for_has_a_reader():
    assert tuple(READERS) == FEATURE_SUFFIXES


@pytest.mark.parametrize("suffix", FEATURE_SUFFIXES)
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_values_of_any_float_type_are_read_from_every_kind_of_file(tmp_path, suffix, kind):
    values = VALUES.astype(kind)
    found = read_brought(write_file(tmp_path / f"a{suffix}", values))
    assert found.numbers is None and np.array_equal(found.values.astype(kind), values)
    if suffix != ".npy":
        found = read_brought(write_file(tmp_path / f"b{suffix}", values, NUMBERS), "frame")
        assert np.array_equal(found.values.astype(kind), values)
        assert np.array_equal(found.numbers, NUMBERS)


def told(path, frame=None) -> str:
    with pytest.raises(InputError) as caught:
        read_brought(path, frame)
    assert str(caught.value).startswith(f"{path}: expected ") and "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_pickles_are_not_loaded(tmp_path, suffix):
    trap, path = tmp_path / "trapped", tmp_path / f"a{suffix}"
    objects = np.array([[Trap(str(trap))]], dtype=object)
    if suffix == ".npy":
        np.save(path, objects, allow_pickle=True)
    else:
        np.savez(path, values=objects)
    assert "without pickled objects" in told(path)
    path.write_bytes(pickle.dumps(Trap(str(trap))))
    told(path)
    assert not trap.exists()


def test_an_hdf5_file_reads_no_other_file(tmp_path):
    h5py = pytest.importorskip("h5py")
    write_file(tmp_path / "other.h5", VALUES)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["values"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "values")
    assert "'values', which is not a data set in the file" in told(tmp_path / "a.h5")
    (tmp_path / "raw").write_bytes(VALUES.tobytes())
    with h5py.File(tmp_path / "b.h5", "w") as file:
        external = [(str(tmp_path / "raw"), 0, VALUES.nbytes)]
        file.create_dataset("values", VALUES.shape, VALUES.dtype, external=external)
    assert "which is not a data set in the file" in told(tmp_path / "b.h5")


@pytest.mark.parametrize("suffix", FEATURE_SUFFIXES)
def test_damaged_and_empty_files_are_told(tmp_path, suffix):
    path = write_file(tmp_path / f"a{suffix}", VALUES)
    path.write_bytes(path.read_bytes()[:20] if suffix != ".csv" else b'"a,b\n1,2\n')
    told(path)
    path.write_bytes(b"")
    told(path)
    path.unlink()
    assert "nothing there" in told(path)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (np.zeros(4), "an array of the shape 4"),
        (np.zeros((4, 0)), "an array of the shape 4 by 0"),
        (np.zeros((2, 2, 2)), "an array of the shape 2 by 2 by 2"),
        (np.array([["a"]]), "values of the type <U1"),
        (np.zeros((2, 2), complex), "values of the type complex128"),
    ],
)
def test_arrays_of_another_shape_or_type_are_told(tmp_path, values, found):
    assert found in told(write_file(tmp_path / "a.npy", values))


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (np.array([1, 2, 2, 3, 4, 5, 6]), "frame 2 in 2 rows"),
        (np.array([1, 2, 2.5, 3, 4, 5, 6]), "numbers of frames in 'frame' that are not whole"),
        (np.array([1, np.nan, 2, 3, 4, 5, 6]), "that are not whole"),
        (np.arange(6), "7 rows and 6 numbers of frames"),
    ],
)
def test_numbers_of_frames_that_cannot_be_meant_are_told(tmp_path, numbers, found):
    assert found in told(write_file(tmp_path / "a.npz", VALUES, numbers), "frame")


def test_what_tables_lack_is_told(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame(VALUES).to_csv(path, index=False, header=False)
    assert "a table without names of columns" in told(path)
    pd.DataFrame({"f": [1.0], "who": ["x"]}).to_csv(path, index=False)
    assert "a column 'who' that is not numeric" in told(path)
    assert "no 'frame' in it, but 'the other columns'" in told(write_file(path, VALUES), "frame")
    np.savez(tmp_path / "b.npz", values=VALUES, more=VALUES)
    assert "the arrays 'values' and 'more'" in told(tmp_path / "b.npz")
