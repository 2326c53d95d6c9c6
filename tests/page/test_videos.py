"""The data of videos, in the page and beside it."""

import base64
import json

import numpy as np
import pandas as pd
import pytest

from mimamo import DIMENSIONS
from mimamo.audit.tables import build_table
from mimamo.figures.traces import Trace
from mimamo.page.videos import (
    MOST_IN_PAGE,
    NONE,
    OUT_OF_FOLD,
    STEPS,
    TEST,
    Video,
    encode,
    store,
    submitted_videos,
)
from mimamo.storage.files import write_csv


def video(name: str, rank: str = "", frames: int = 40, truth: bool = True) -> Video:
    """Return a video whose frames 5 and 6 have no crop."""
    values = np.sin(np.arange(frames) / 7)
    missing = np.isin(np.arange(frames), (4, 5))
    known = {dimension: values if truth else np.full(frames, np.nan) for dimension in DIMENSIONS}
    predicted = {dimension: np.where(missing, np.nan, values / 2) for dimension in DIMENSIONS}
    ccc = dict.fromkeys(DIMENSIONS, 0.5 if truth else np.nan)
    trace = Trace(name, known, predicted, ccc, {"no crop, no prediction": missing})
    return Video(name, OUT_OF_FOLD, trace, 25.0, rank)


def decoded(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<i2")


def test_values_come_back_to_a_ten_thousandth_and_missing_ones_as_none():
    data = encode(video("a"), None)
    assert (data["frames"], data["rate"], data["tiles"]) == (40, 25.0, None)
    assert data["shades"] == {"no crop, no prediction": [[5, 6]]}
    values = decoded(data["prediction"]["valence"])
    expected = np.sin(np.arange(40) / 7) / 2
    present = values != NONE
    assert list(np.flatnonzero(~present)) == [4, 5]
    assert np.abs(values[present] / STEPS - expected[present]).max() <= 0.5 / STEPS
    assert encode(video("a", truth=False), None)["truth"] is None
    assert "NaN" not in json.dumps(data)


def test_a_label_says_scores_and_missing_crops():
    assert video("a").label == "a: CCC 0.50 / 0.50, 2 of 40 frames without a crop"
    assert video("a", truth=False).label == "a: 2 of 40 frames without a crop"


def test_a_small_corpus_is_in_the_page(tmp_path):
    stored = store((encode(video(name), None) for name in "abc"), tmp_path / "traces", MOST_IN_PAGE)
    assert list(stored.inside) == ["a", "b", "c"] and {entry["file"] for entry in stored.index} == {""}
    assert list((tmp_path / "traces").iterdir()) == []


def test_of_a_large_corpus_the_page_has_those_it_shows_and_files_the_others(tmp_path):
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "0099.js").write_text("of an earlier run")
    names = {"a": "", "b": "worst", "c": "", "<d>/e": "best"}
    data = [encode(video(name, rank), None) for name, rank in names.items()]
    stored = store(iter(data), traces, most=len(json.dumps(data[0])) + 10)
    assert list(stored.inside) == ["b", "<d>/e"]
    files = {entry["name"]: entry["file"] for entry in stored.index}
    assert files == {"a": "traces/0001.js", "b": "", "c": "traces/0003.js", "<d>/e": ""}
    assert sorted(path.name for path in traces.iterdir()) == ["0001.js", "0003.js"]
    text = (tmp_path / files["c"]).read_text()
    assert json.loads(text.removeprefix("showVideo(").removesuffix(");\n")) == data[2]


@pytest.fixture
def filled(tmp_path):
    """A test name without its first two crops, and one without any but the last."""
    rows = []
    for name, crops in {"often": 8, "once": 1}.items():
        sources = ["before_first"] * (10 - crops) + ["predicted"] * crops
        values = [-5.0 if source == "before_first" else 0.25 for source in sources]
        rows += zip([name] * 10, range(1, 11), values, values, sources, strict=True)
    write_csv(pd.DataFrame(rows, columns=["name", "frame", *DIMENSIONS, "source"]), tmp_path / "filled.csv")
    return tmp_path / "filled.csv"


def test_test_names_are_there_without_truth_and_also_where_nearly_all_is_filled(filled, tmp_path):
    rows = [{"name": "often", "container_rate": 25.0, "length": 10}, {"name": "once", "length": 10}]
    shown = list(submitted_videos(filled, None, build_table(rows)))
    assert [(one.name, one.kind, one.rate) for one in shown] == [("often", TEST, 25.0), ("once", TEST, None)]
    assert shown[1].label == "once: 9 of 10 frames without a crop"
    assert list(shown[0].trace.cropped) == list(range(3, 11))
    assert encode(shown[1], None)["shades"]["no crop, -5 submitted"] == [[1, 9]]
