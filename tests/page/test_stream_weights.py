"""What the page shows of the streams' weights."""

import base64

import numpy as np
import pandas as pd
import pytest

from mimamo.figures.traces import Trace
from mimamo.page.stream_weights import StreamWeights
from mimamo.page.videos import NONE, STEPS, TEST, Video, encode


def decoded(text: str) -> list[int]:
    return np.frombuffer(base64.b64decode(text), "<i2").tolist()


def table(name: str, role: str, first: int, *weights: float) -> pd.DataFrame:
    frames = np.arange(first, first + len(weights))
    values = np.array(weights)
    return pd.DataFrame(
        {"name": name, "role": role, "frame": frames, "weight_a": values, "weight_motion": 1 - values}
    )


@pytest.fixture
def weights(tmp_path) -> StreamWeights:
    """Two folds of two people, a name of the validation set that both predict, and a test name."""
    paths = {
        "0": [table("one_left", "score", 1, 0.2, 0.4), table("held", "validation", 1, 0.9)],
        "1": [table("two", "score", 2, 0.6, 0.7, 0.8), table("held", "validation", 1, 0.1)],
        "test0": [table("new", "test", 2, 0.1, 0.3)],
        "test1": [table("new", "test", 2, 0.3, 0.5)],
    }
    for path, tables in paths.items():
        pd.concat(tables).to_csv(tmp_path / f"{path}.csv", index=False)
    files = [[tmp_path / f"{kind}{fold}.csv" for fold in (0, 1)] for kind in ("", "test")]
    return StreamWeights.read(*files)


def test_means_are_of_folds_people_and_test_names(weights):
    rows = {row["label"]: row for row in weights.rows({"one_left": "one", "two": "two", "held": "held"})}
    assert weights.streams == ["a", "motion"]
    assert {label: (row["kind"], row["frames"]) for label, row in rows.items()} == {
        "all folds": ("all", 5), "fold 0": ("fold", 2), "fold 1": ("fold", 3),
        "test names, all networks": ("test", 2), "one": ("person", 2), "two": ("person", 3),
    }  # fmt: skip
    means = {label: row["weights"][0] for label, row in rows.items()}
    expected = {"all folds": 0.54, "fold 0": 0.3, "fold 1": 0.7, "one": 0.3, "two": 0.7}
    assert means == pytest.approx(expected | {"test names, all networks": 0.3})
    assert all(sum(row["weights"]) == pytest.approx(1) for row in rows.values())


def test_a_video_has_its_own_over_time(weights):
    columns = {dimension: np.zeros(4) for dimension in ("valence", "arousal")}
    shaded = {"no crop, no prediction": np.zeros(4, bool)}
    trace = Trace("", columns, columns, dict.fromkeys(columns, np.nan), shaded)
    found = encode(Video("two", "out of fold", trace, None), None, weights)["weights"]
    assert decoded(found["a"]) == [NONE, 0.6 * STEPS, 0.7 * STEPS, 0.8 * STEPS]
    # Of a test name the mean over the networks.
    found = encode(Video("new", TEST, trace, None), None, weights)["weights"]
    assert decoded(found["motion"]) == [NONE, 0.8 * STEPS, 0.6 * STEPS, NONE]
    assert "weights" not in encode(Video("nobody", TEST, trace, None), None, weights)
    assert "weights" not in encode(Video("two", "out of fold", trace, None), None)


def test_without_attention_there_are_none(tmp_path):
    assert StreamWeights.read([], []) is None
    assert StreamWeights.read([tmp_path / "gone.csv"], []) is None
