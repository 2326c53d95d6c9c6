import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mimamo.phase.comparison import WINDOW, WINDOW_OFFSET, _measured, published_differences, recover, warp


@pytest.fixture(scope="module")
def crop():
    """A texture with edges at all scales."""
    noise = np.random.default_rng(0).normal(size=(96, 96))
    texture = gaussian_filter(noise, 2) + 2 * gaussian_filter(noise, 6)
    return np.clip(128 + 90 * texture / texture.std(), 0, 255).astype(np.uint8)


def test_published_differences_are_the_published_codes(shared):
    """To rounding, on all windows of the golden data; with a floored remainder they are others."""
    with np.load(shared / "golden" / "phase_pyramid.npz") as golden:
        for level in (1, 2):
            theirs = golden[f"published_phase_difference_level{level}"]
            coefficients = golden[f"coefficients_level{level}"].astype(np.complex128)
            for start, window in zip(golden["window_first_frame"], theirs, strict=True):
                for band in (0, 1):
                    part = coefficients[start : start + WINDOW, band]
                    assert np.abs(published_differences(part) - window[band]).max() < 1e-4
            floored = published_differences(part, np.mod)
            assert np.corrcoef(floored.ravel(), window[1].ravel())[0, 1] < 0.95


@pytest.mark.parametrize("axis", [0, 1])
def test_crops_move_as_far_as_they_should(crop, axis):
    """Checked on a ramp, whose grey value says where a place came from."""
    ramp = np.broadcast_to(np.linspace(0, 255, 96), (96, 96)).astype(np.uint8)
    ramp = np.ascontiguousarray(ramp if axis else ramp.T)
    still, moved = warp(ramp, np.array([0.0, 2.0]), axis) * 255
    slope = 255 / 48
    profile = np.cos(np.pi * (np.arange(48) + 0.5) / 48)
    shift = (still - moved) / slope
    found = shift.mean(axis=0) if axis else shift.mean(axis=1)
    assert np.abs(found - 2 * profile)[6:-6].max() < 0.25


def test_ours_find_the_motion_and_the_published_lose_much_of_it(crop, double):
    found = {key: _measured(*parts) for key, parts in recover(double, [crop], 0.2).items()}
    for level in (1, 2):
        ours, theirs = found["ours", level], found["published", level]
        assert ours["correlation"] > 0.8 > 0.7 > theirs["correlation"]
        assert ours["wrong_direction"] < 0.05 < theirs["wrong_direction"]
        assert ours["window_dependence"] == 0 < 0.03 < theirs["window_dependence"]


def test_only_frames_of_both_windows_are_compared(crop, double):
    for parts in recover(double, [crop], 0.4).values():
        assert {part.shape[1] for part in parts} == {WINDOW - 1 - WINDOW_OFFSET}
        assert all(np.abs(part).min(axis=(2, 3)).max() < np.abs(part).max() for part in parts)
