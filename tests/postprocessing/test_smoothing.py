import numpy as np
import pandas as pd
import pytest

from mimamo.corpus.stretches import Stretches
from mimamo.postprocessing.smoothing import Treatment, smooth, treat

#: One stretch of 600 frames.
WHOLE = Stretches(np.array([0]), np.array([600]))
ALL = [("savitzky_golay", 9), ("savitzky_golay", 65), ("low_pass", 0.2), ("low_pass", 0.0125)]


def table(values, frames, name="a"):
    return pd.DataFrame({"name": name, "frame": frames, "valence": values, "arousal": values})


@pytest.mark.parametrize("method, parameter", ALL)
def test_smoothing_takes_jitter_away_and_leaves_slow_courses_where_they_are(method, parameter):
    frames = np.arange(600)
    slow = 0.6 * np.sin(2 * np.pi * frames / 300)[:, None]
    noise = np.random.default_rng(0).normal(0, 0.2, slow.shape)
    smoothed = smooth(slow + noise, WHOLE, method, parameter)
    inner = slice(60, -60)
    assert np.std((smoothed - slow)[inner]) < 0.75 * np.std(noise)
    # Forward and backward: no delay. A shift either way fits worse.
    clean = smooth(slow, WHOLE, method, parameter)
    errors = {lag: np.abs(np.roll(clean, lag, axis=0) - slow)[inner].max() for lag in (-6, 0, 6)}
    assert errors[0] < min(errors[-6], errors[6]) and errors[0] < 0.02


@pytest.mark.parametrize("treatment", [Treatment(*kind, 2) for kind in ALL])
def test_nothing_crosses_a_hole_or_a_name(treatment):
    generator = np.random.default_rng(1)
    parts = [(np.arange(1, 30), "a"), (np.arange(40, 60), "a"), (np.arange(60, 90), "b")]
    tables = [table(generator.uniform(-1, 1, len(frames)), frames, name) for frames, name in parts]
    choice = {"valence": treatment, "arousal": Treatment()}
    whole = treat(pd.concat(tables, ignore_index=True), choice)
    alone = pd.concat([treat(part, choice) for part in tables], ignore_index=True)
    pd.testing.assert_frame_equal(whole, alone)
    assert whole["arousal"].tolist() == pd.concat(tables)["arousal"].tolist()
    assert (whole["valence"] != pd.concat(tables, ignore_index=True)["valence"]).any()


def test_result_stays_in_the_labels_range():
    step = np.repeat([-1.0, 1.0], 20)
    overshooting = smooth(step[:, None], Stretches(np.array([0]), np.array([40])), "savitzky_golay", 17)
    assert overshooting.max() > 1
    treated = treat(
        table(step, range(40)), dict.fromkeys(("valence", "arousal"), Treatment("savitzky_golay", 17))
    )
    assert treated["valence"].max() == 1 and treated["valence"].min() == -1


def test_no_rows_are_no_rows():
    empty = table(np.empty(0), np.empty(0, int)).astype({"name": object})
    assert treat(empty, dict.fromkeys(("valence", "arousal"), Treatment("low_pass", 0.1))).empty
