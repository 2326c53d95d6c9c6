"""Features that somebody brings, in every kind of file, and a data set that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mimamo.corpus.layout import Corpus
from support.corpus import DATA

#: A stream whose rows are those of the frames, from the first on.
BY_FRAMES = {"kind": "features", "rows": "frames", "missing": "zero", "hold": 0}


def stream(folder: Path, **settings: object) -> dict[str, object]:
    """Return the settings of a stream of features in a folder."""
    return {**BY_FRAMES, "folder": str(folder), **settings}


def corpus_with(root: Path, **streams: Mapping[str, object]) -> Corpus:
    """Return a data set with streams of features that are brought."""
    return Corpus.from_config({"data": DATA, "streams": streams}, root)


def write_file(path: Path, values: np.ndarray, numbers: np.ndarray | None = None) -> Path:
    """Write features, and the numbers of their frames as ``frame`` where a file can hold them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in (".h5", ".parquet"):
        pytest.importorskip({".h5": "h5py", ".parquet": "pyarrow"}[path.suffix])
    more = {} if numbers is None else {"frame": numbers}
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".npz":
        np.savez(path, values=values, **more)
    elif path.suffix == ".h5":
        import h5py

        with h5py.File(path, "w") as file:
            for name, array in {"values": values, **more}.items():
                file[name] = array
    else:
        table = pd.DataFrame(values, columns=[f"f{i}" for i in range(values.shape[1])]).assign(**more)
        if path.suffix == ".csv":
            table.to_csv(path, index=False)
        else:
            table.to_parquet(path)
    return path
