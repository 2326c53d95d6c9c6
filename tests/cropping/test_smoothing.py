import numpy as np
import pytest

from mimamo.cropping.smoothing import SECONDS, smooth_over_time, smooth_track


def test_a_straight_line_is_left_as_it_is_however_frames_are_spaced():
    times = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.08, 60))
    line = np.stack([3 * times + 1, -50 * times], axis=1)[:, None]
    np.testing.assert_allclose(smooth_over_time(times, line, SECONDS), line, atol=1e-9)


def test_noise_goes_by_the_seconds_and_not_by_the_frames():
    """White noise goes by the square root of the number of frames in the Gaussian."""
    rng = np.random.default_rng(0)
    for rate in (15, 30, 60):
        smoothed = smooth_over_time(np.arange(4000) / rate, rng.normal(size=4000), 0.1)
        # The variance of a Gaussian average is 1 / (2 sqrt(pi) sigma), with sigma in frames.
        assert smoothed.std() == pytest.approx((2 * np.sqrt(np.pi) * 0.1 * rate) ** -0.5, rel=0.1)


def test_zero_seconds_and_a_single_frame_change_nothing():
    values = np.random.default_rng(0).normal(size=(5, 5, 2))
    assert (smooth_over_time(np.arange(5) / 25, values, 0) == values).all()
    assert (smooth_over_time(np.array([0.2]), values[:1], 0.1) == values[:1]).all()


def test_frames_far_apart_keep_their_values():
    values = np.array([1.0, 5.0, -3.0])
    np.testing.assert_allclose(smooth_over_time(np.array([0.0, 2.0, 4.0]), values, 0.1), values)


def test_a_fast_slope_is_kept_at_the_ends_where_a_weighted_mean_would_lag():
    times = np.arange(50) / 25
    assert smooth_over_time(times, 100 * times, 0.1)[[0, -1]] == pytest.approx([0, 196])


def test_nothing_is_smoothed_over_a_gap():
    times = np.concatenate([np.arange(20), np.arange(30, 50)]) / 100
    values = np.repeat([0.0, 10.0], 20)
    np.testing.assert_allclose(smooth_track(times, values, 0.1, max_gap=0.05), values, atol=1e-9)
    joined = smooth_track(times, values, 0.1, max_gap=0.5)
    assert 1 < joined[19] < 5 and not np.allclose(joined, values)
