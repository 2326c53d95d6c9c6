"""Log-mel frames against the formula, written out as plain loops."""

import math

import numpy as np
import pytest

from mimamo.sound.log_mel import SILENCE, log_mel, mel_filters, moving_mean
from mimamo.streams import AUDIO_DEFAULTS
from support.sounds import noise, tone

SMALL = {**AUDIO_DEFAULTS, "bands": 6, "sample_rate": 8000, "highest": 3600.0, "window": 0.008, "hop": 0.005}


def triangle(frequency: float, band: int, settings) -> float:
    """How much of a frequency is in a band, by HTK's formula."""

    def corner(number: int) -> float:
        low, high = (1127.0105 * math.log(1 + settings[key] / 700) for key in ("lowest", "highest"))
        return 700 * (math.exp((low + (high - low) * number / (settings["bands"] + 1)) / 1127.0105) - 1)

    low, middle, high = (corner(band + more) for more in range(3))
    if low <= frequency <= middle:
        return (frequency - low) / (middle - low)
    return (high - frequency) / (high - middle) if middle <= frequency <= high else 0.0


def plain(samples, settings, length: int) -> np.ndarray:
    """The log-mel frames of samples, value by value, with a Fourier transform of so many samples."""
    rate, bands = settings["sample_rate"], settings["bands"]
    window, hop = round(settings["window"] * rate), round(settings["hop"] * rate)
    taper = [0.5 - 0.5 * math.cos(2 * math.pi * n / window) for n in range(window)]
    rows = []
    for middle in range(0, len(samples) + 1, hop):
        begin = middle - window // 2
        heard = [
            samples[begin + n] * taper[n] if 0 <= begin + n < len(samples) else 0.0 for n in range(window)
        ]
        power = [0.0] * bands
        for k in range(length // 2 + 1):
            value = sum(x * np.exp(-2j * math.pi * k * n / length) for n, x in enumerate(heard))
            for band in range(bands):
                power[band] += triangle(k * rate / length, band, settings) * abs(value) ** 2 / sum(taper) ** 2
        rows.append([10 * math.log10(max(value, 1e-10)) for value in power])
    return np.array(rows)


def test_frames_are_those_of_the_formula():
    samples = noise(0.012, seed=3)[:97].astype(np.float32)
    found = log_mel(samples, SMALL)
    expected = plain(samples.tolist(), SMALL, 64)
    assert found.shape == expected.shape == (3, 6) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_filters_are_triangles_between_neighbours():
    filters = mel_filters(AUDIO_DEFAULTS)
    expected = [[triangle(k * 16000 / 512, band, AUDIO_DEFAULTS) for band in range(64)] for k in range(257)]
    assert filters.shape == (257, 64) and (filters.max(axis=0) > 0).all()
    np.testing.assert_allclose(filters, expected, atol=2e-6)


@pytest.mark.parametrize("hertz", [300.0, 1000.0, 4000.0])
def test_a_tone_is_in_its_band_at_its_level(hertz):
    values = log_mel(tone(0.5, hertz).astype(np.float32), AUDIO_DEFAULTS)[10:-10]
    nearest = int(np.argmax([triangle(hertz, band, AUDIO_DEFAULTS) for band in range(64)]))
    assert (values.argmax(axis=1) == nearest).all()
    # An amplitude of a half has a quarter of it at its frequency: -12 dB, and some more beside it.
    assert (values.max(axis=1) > -14).all() and (values.max(axis=1) < -8).all()


def test_silence_is_its_value_and_numbers_come_of_anything():
    assert (log_mel(np.zeros(500, np.float32), AUDIO_DEFAULTS) == SILENCE).all()
    assert log_mel(np.zeros(0, np.float32), AUDIO_DEFAULTS).tolist() == [[SILENCE] * 64]
    spoilt = np.tile(np.array([np.nan, np.inf, -1e30, 1e30], np.float32), 200)
    assert np.isfinite(log_mel(spoilt, AUDIO_DEFAULTS)).all()


def test_long_sound_is_the_same_as_its_parts():
    """Blocks join without a seam."""
    samples = noise(42.0).astype(np.float32)
    whole, start = log_mel(samples, AUDIO_DEFAULTS), 4090 * 160
    part = log_mel(samples[start : start + 4000], AUDIO_DEFAULTS)
    assert len(whole) == 4201
    np.testing.assert_allclose(whole[4092:4110], part[2:20], atol=1e-3)


@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_moving_mean(count):
    values = np.random.default_rng(0).normal(size=(11, 2)).astype(np.float32)
    expected = [
        values[max(0, row - (count - 1) // 2) : row + count // 2 + 1].mean(axis=0) for row in range(11)
    ]
    np.testing.assert_allclose(moving_mean(values, count), expected, atol=1e-6)
