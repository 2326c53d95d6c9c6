import subprocess
import sys

import numpy as np
import pytest
import torch

from mimamo.errors import InputError
from mimamo.phase.steerable_pyramid import load_filters, save_filters
from support.phase import LEVELS, fourier_coefficients, mirrored, random_frames

pytestmark = pytest.mark.usefixtures("one_thread")


def pyrtools_coefficients(frame):
    from pyrtools.pyramids import SteerablePyramidFreq

    answer = SteerablePyramidFreq(mirrored(frame), height=2, order=1, is_complex=True).pyr_coeffs
    return [
        np.stack([answer[level, band] for band in (0, 1)])[:, :size, :size]
        for level, size in enumerate((48, 24))
    ]


def test_coefficients_are_those_of_pyrtools(double):
    frames = np.random.default_rng(0).random((2, 48, 48))
    found = double.coefficients(torch.from_numpy(frames))
    for index, frame in enumerate(frames):
        for ours, theirs in zip(found, pyrtools_coefficients(frame), strict=True):
            assert np.abs(ours[index].numpy() - theirs).max() < 1e-10


def test_coefficients_are_those_of_the_plain_transform(single, filters):
    frames = random_frames(3)
    for ours, plain in zip(
        single.coefficients(frames.float()), fourier_coefficients(frames.numpy(), filters), strict=True
    ):
        assert np.linalg.norm(ours.numpy() - plain) < 1e-5 * np.linalg.norm(plain)


def test_golden_coefficients(single, golden, faces):
    for level, ours in zip(LEVELS, single.coefficients(faces.float()), strict=True):
        theirs = golden[f"coefficients_{level}"]
        assert np.linalg.norm(ours.numpy() - theirs) < 1e-5 * np.linalg.norm(theirs)


def test_levels_and_orientations_share_the_spectrum_out(filters):
    radius = np.hypot(*np.mgrid[0:24, 0:24])
    between = (radius > 13) & (radius < 23.5)
    energy = sum(gain[:24, :24] ** 2 + gain.T[:24, :24] ** 2 for gain in (filters.level1, filters.level2))
    assert np.allclose(energy[between], 4, atol=0.02)
    assert energy[0, 0] < 1e-12


def test_filters_travel_in_a_file(filters, tmp_path):
    save_filters(filters, tmp_path / "filters.npz")
    loaded = load_filters(tmp_path / "filters.npz")
    for level in LEVELS:
        assert np.array_equal(getattr(loaded, level), getattr(filters, level))
    code = (
        "import sys; from mimamo.phase.steerable_pyramid import load_filters; load_filters(sys.argv[1]); "
        "assert not {'pyrtools', 'matplotlib', 'torch'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "filters.npz")],
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )


def test_a_damaged_file_of_filters_is_told(filters, tmp_path):
    path = tmp_path / "filters.npz"
    save_filters(filters, path)
    whole = path.read_bytes()
    for damaged in (whole[:1000], b"", b"text"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"filters\.npz .*recreates it"):
            load_filters(path)
    np.savez(path, level1=np.zeros((48, 48)), level2=np.zeros((12, 12)))
    with pytest.raises(InputError, match=r"\(12, 12\)"):
        load_filters(path)
    with pytest.raises(InputError, match="found nothing there"):
        load_filters(tmp_path / "other.npz")
