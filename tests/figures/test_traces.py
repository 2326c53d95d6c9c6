import numpy as np
import pandas as pd
import pytest

from mimamo.figures.traces import _out_of_fold_trace, pick_three


def test_three_videos_are_the_best_the_median_and_the_worst():
    scores = pd.Series({"a": 0.1, "b": 0.9, "c": np.nan, "d": 0.5, "e": 0.4, "f": 0.45})
    assert pick_three(scores) == {"b": "best", "f": "median", "a": "worst"}
    assert pick_three(scores[["a", "b"]]) == {"b": "best", "a": "worst"}
    assert pick_three(scores[["a"]]) == {"a": "best"}
    assert pick_three(scores[["c"]]) == {}


def test_lines_break_and_shades_lie_where_frames_lack_something():
    labelled = pd.DataFrame({"frame": [2, 3], "valence": [0.2, 0.3], "arousal": 0.0})
    predicted = pd.DataFrame({"frame": [2, 3, 5], "valence": [0.1, 0.2, 0.4], "arousal": 0.0})
    trace = _out_of_fold_trace("t", labelled, predicted, 6, {})
    assert trace.truth["valence"] == pytest.approx([np.nan, 0.2, 0.3, np.nan, np.nan, np.nan], nan_ok=True)
    assert trace.prediction["valence"] == pytest.approx([np.nan, 0.1, 0.2, np.nan, 0.4, np.nan], nan_ok=True)
    assert trace.shaded["no crop, no prediction"].tolist() == [True, False, False, True, False, True]
    assert trace.shaded["no annotation"].tolist() == [False] * 4 + [True, False]
