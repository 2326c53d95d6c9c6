from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mimamo.figures.files import WIDTHS, files_beside
from mimamo.figures.traces import Trace, out_of_fold_trace, pick_three, trace_panels


def test_three_videos_are_the_best_the_median_and_the_worst():
    scores = pd.Series({"a": 0.1, "b": 0.9, "c": np.nan, "d": 0.5, "e": 0.4, "f": 0.45})
    assert pick_three(scores) == {"b": "best", "f": "median", "a": "worst"}
    assert pick_three(scores[["a", "b"]]) == {"b": "best", "a": "worst"}
    assert pick_three(scores[["a"]]) == {"a": "best"}
    assert pick_three(scores[["c"]]) == {}


def test_lines_break_and_shades_lie_where_frames_lack_something():
    labelled = pd.DataFrame({"frame": [2, 3], "valence": [0.2, 0.3], "arousal": 0.0})
    predicted = pd.DataFrame({"frame": [2, 3, 5], "valence": [0.1, 0.2, 0.4], "arousal": 0.0})
    trace = out_of_fold_trace("t", labelled, predicted, 6, {})
    assert trace.truth["valence"] == pytest.approx([np.nan, 0.2, 0.3, np.nan, np.nan, np.nan], nan_ok=True)
    assert trace.prediction["valence"] == pytest.approx([np.nan, 0.1, 0.2, np.nan, 0.4, np.nan], nan_ok=True)
    assert trace.shaded["no crop, no prediction"].tolist() == [True, False, False, True, False, True]
    assert trace.shaded["no annotation"].tolist() == [False] * 4 + [True, False]


def clipping_trace() -> Trace:
    values = {"valence": np.array([np.nan, 0.2, 1.0, 1.0, -1.0, 0.1]), "arousal": np.full(6, 0.5)}
    truth = {"valence": np.ones(6), "arousal": -np.ones(6)}
    return Trace("t", truth, values, {"valence": 0.5, "arousal": 0.5})


def bars(panel) -> list[tuple]:
    """Ends and heights of what is filled in a panel."""
    paths = [path for shade in panel.collections for path in shade.get_paths()]
    return [tuple(np.round(path.get_extents().extents, 2).tolist()) for path in paths]


def test_clipped_predictions_are_marked_and_counted():
    drawing = trace_panels([clipping_trace()], "prediction")
    assert drawing.facts == "Clipped frames: t: 3 of valence and 0 of arousal, of 5."
    for width in WIDTHS:
        sheet = drawing.sheet(width)
        valence, arousal = sheet.axes
        # The truth may well reach the border.
        assert bars(valence) == [(2.5, 1.04, 4.5, 1.12), (4.5, -1.12, 5.5, -1.04)] and not bars(arousal)
        assert "clipped" in [text.get_text() for text in sheet.legends[0].get_texts()]


def test_without_clipped_predictions_there_is_no_mark_of_them():
    trace = clipping_trace()
    trace.prediction["valence"] = trace.prediction["arousal"]
    sheet = trace_panels([trace], "prediction").sheet("page")
    assert not any(bars(panel) for panel in sheet.axes)
    assert "clipped" not in [text.get_text() for text in sheet.legends[0].get_texts()]


def test_a_long_video_with_many_gaps_makes_a_small_file(tmp_path):
    gaps = np.arange(20_000) % 20 < 3
    values = {name: np.sin(np.arange(20_000) / 300) for name in ("valence", "arousal")}
    trace = Trace("t", values, values, dict.fromkeys(values, 0.5), {"no crop, no prediction": gaps})
    trace_panels([trace], "prediction").write(tmp_path / "traces.png", "")
    for path in files_beside(tmp_path / "traces.png"):
        assert Path(path).stat().st_size < 200_000, path
    # The rest stays as lines and text.
    text = (tmp_path / "page/traces.svg").read_text()
    assert text.count("<image") == 2 and text.count("<text") > 20
