"""Training on the sound of videos, where it tells what is labelled."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mimamo import DIMENSIONS
from mimamo.demo.sound import SAMPLE_RATE
from mimamo.demo.traces import FRAME_RATE
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.evaluation.metrics import concordance
from support.fold import make_fold
from support.streams import LENGTH, add_sound_of, predicted, train

pytestmark = pytest.mark.usefixtures("one_thread")

#: Three to train on, one to stop by, and people who are held out.
NAMES, HELD_OUT = "abcdefghij", "efghij"


def labels(fold: Path, name: str) -> pd.DataFrame:
    """Valence and arousal of the frames 1 to LENGTH, 0 where they are not known."""
    table = pd.read_csv(fold / "labels" / f"{name}.csv").set_index("frame")
    return table.reindex(range(1, LENGTH + 1))[list(DIMENSIONS)].fillna(0.0)


def test_loudness_that_holds_the_label_is_learnt_for_people_who_are_held_out(tmp_path):
    make_fold(tmp_path, NAMES)

    def loud(name: str) -> np.ndarray:
        """Noise that is as loud as valence is high, below 1 kHz, and as arousal is, above."""
        rng, count = np.random.default_rng(ord(name)), round(LENGTH / FRAME_RATE * SAMPLE_RATE)
        frame = np.arange(count) / SAMPLE_RATE * FRAME_RATE
        spectrum = np.fft.rfft(rng.standard_normal(count))
        low = np.fft.rfftfreq(count, 1 / SAMPLE_RATE) < 1000
        parts = [np.fft.irfft(np.where(mask, spectrum, 0), count) for mask in (low, ~low)]
        heard = [
            part / part.std() * 10 ** ((np.interp(frame, np.arange(LENGTH), level) * 20 - 30) / 20)
            for part, level in zip(parts, labels(tmp_path, name).to_numpy().T, strict=True)
        ]
        return (np.clip(sum(heard), -1, 1) * 32767).astype(np.int16)

    add_sound_of(tmp_path, NAMES, loud)
    settings = {"epochs": 25, "patience": 25, "learning_rate": 0.03}
    table = predicted(tmp_path, train(tmp_path, tmp_path / "out", "sound", **settings), HELD_OUT)
    for truth, dimension in zip(TRUTHS, DIMENSIONS, strict=True):
        assert concordance(table[truth], table[dimension]).value > 0.8
