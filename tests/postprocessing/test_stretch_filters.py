"""All stretches at once against SciPy's filters on each stretch alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import butter, savgol_filter, sosfiltfilt

from mimamo.corpus.stretches import Stretches
from mimamo.postprocessing.stretch_filters import delayed_rows, low_pass, savitzky_golay
from support.strategies import PATIENT

#: Lengths of stretches: mostly shorter than the filters, down to a single frame.
LENGTHS = st.lists(st.one_of(st.integers(1, 8), st.integers(1, 90), st.integers(60, 400)), max_size=25)


def stretches_and_values(lengths: list[int], seed: int) -> tuple[Stretches, np.ndarray]:
    """Stretches of these lengths, and values of two columns."""
    lengths = np.array(lengths, dtype=np.int64)
    values = np.random.default_rng(seed).uniform(-1, 1, (lengths.sum(), 2))
    return Stretches(np.cumsum(lengths) - lengths, lengths), values


def one_by_one(stretches: Stretches, values: np.ndarray, function) -> np.ndarray:
    """What a function makes of every stretch alone."""
    parts = [values[start : start + n] for start, n in zip(stretches.starts, stretches.lengths, strict=True)]
    return np.concatenate([values[:0], *map(function, parts)])


@PATIENT
@given(lengths=LENGTHS, window=st.sampled_from([5, 17, 65]), seed=st.integers(0, 99))
def test_polynomials_are_those_of_each_stretch_alone(lengths, window, seed):
    stretches, values = stretches_and_values(lengths, seed)

    def alone(part):
        fitting = min(window, len(part) - 1 + len(part) % 2)
        return savgol_filter(part, fitting, 2, axis=0) if fitting > 2 else part

    found = savitzky_golay(values, stretches, window, 2)
    np.testing.assert_allclose(found, one_by_one(stretches, values, alone), rtol=0, atol=1e-12)


@PATIENT
@given(lengths=LENGTHS, cut_off=st.sampled_from([0.2, 0.05, 0.0125]), seed=st.integers(0, 99))
def test_low_pass_is_that_of_each_stretch_alone(lengths, cut_off, seed):
    """To the bit: each frame goes through the same operations."""
    stretches, values = stretches_and_values(lengths, seed)
    sections = butter(2, cut_off, fs=1.0, output="sos")

    def alone(part):
        padding = min(len(part) - 1, round(1 / cut_off))
        return sosfiltfilt(sections, part, axis=0, padlen=padding) if len(part) > 1 else part

    found = low_pass(values, stretches, cut_off, 2)
    assert np.array_equal(found, one_by_one(stretches, values, alone))
    assert np.array_equal(found, low_pass(values, stretches, cut_off, 2))


@PATIENT
@given(lengths=LENGTHS, delay=st.integers(0, 20))
def test_delay_repeats_the_first_value_of_every_stretch(lengths, delay):
    stretches, values = stretches_and_values(lengths, 0)
    expected = one_by_one(stretches, values, lambda part: part[np.maximum(np.arange(len(part)) - delay, 0)])
    assert np.array_equal(values[delayed_rows(stretches, delay)], expected)


@pytest.mark.parametrize("frames", [1, 2, 3, 4, 10])
def test_short_stretches_keep_their_level(frames):
    stretches, level = Stretches(np.array([0]), np.array([frames])), np.full((frames, 2), 0.3)
    for smoothed in (savitzky_golay(level, stretches, 9, 2), low_pass(level, stretches, 0.0125, 2)):
        assert smoothed == pytest.approx(level)


def test_more_values_than_are_filtered_side_by_side(monkeypatch):
    stretches, values = stretches_and_values([30, 7, 31, 30, 200, 29] * 5, 0)
    whole = low_pass(values, stretches, 0.1, 2)
    monkeypatch.setattr("mimamo.postprocessing.stretch_filters.BLOCK", 150)
    assert np.array_equal(low_pass(values, stretches, 0.1, 2), whole)
