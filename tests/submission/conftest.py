"""A submission of three names, before and after it is written."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mimamo.storage.files import write_csv
from support.submission import LENGTHS, submit


@pytest.fixture
def stage(tmp_path) -> Path:
    """A submission of three names, one of them without any crop."""
    generator = np.random.default_rng(4)
    parts = []
    for name, length in LENGTHS.items():
        values = generator.uniform(-1, 1, (length, 2))
        values[: 2 if name == "105" else 0] = -5
        if name == "video2_left":
            values[:] = -5
        parts.append(pd.DataFrame(values, columns=["valence", "arousal"]).assign(name=name))
        parts[-1]["frame"] = range(1, length + 1)
    filled = pd.concat(parts)[["name", "frame", "valence", "arousal"]].assign(source="predicted")
    write_csv(filled.sample(frac=1, random_state=1), tmp_path / "filled.csv")
    gaps = pd.DataFrame(LENGTHS.items(), columns=["name", "length"])
    write_csv(gaps, tmp_path / "gaps.csv")
    return tmp_path


@pytest.fixture
def good(stage) -> Path:
    return submit(stage)
