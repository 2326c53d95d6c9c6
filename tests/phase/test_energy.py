import numpy as np
import pytest

from mimamo.phase.energy import BLOCKS, ROWS, energy_of, phase_energy
from mimamo.storage.frame_cache import cache_writer, open_cache, phase_dtype


def write(path, level1: np.ndarray):
    count = len(level1)
    with cache_writer(path, phase_dtype(), count) as writer:
        for start in range(0, count, 256):
            maps = level1[start : start + 256]
            numbers = np.arange(start + 1, start + 1 + len(maps))
            writer.append(numbers, level1=maps, level2=np.zeros((len(maps), 2, 24, 24), np.float16))
    return open_cache(path)


def test_it_is_the_root_mean_square_of_frames_that_have_a_predecessor(tmp_path):
    maps = np.random.default_rng(0).normal(0, 0.2, (70, 2, 48, 48)).astype(np.float16)
    maps[[0, 40]] = 0
    expected = np.sqrt((maps[maps.any(axis=(1, 2, 3))].astype(float) ** 2).mean())
    assert phase_energy(write(tmp_path / "a.npy", maps)) == pytest.approx(expected, rel=1e-5)
    assert energy_of([maps[:30], maps[30:]]) == pytest.approx(expected, rel=1e-5)


def test_a_long_video_is_sampled_from_all_over(tmp_path):
    count = 2 * BLOCKS * ROWS
    maps = np.empty((count, 2, 48, 48), np.float16)
    maps[:] = np.where(np.arange(count) < count / 2, 0.1, 0.3)[:, None, None, None]
    assert phase_energy(write(tmp_path / "a.npy", maps)) == pytest.approx(np.sqrt(0.05), rel=0.02)


def test_where_nothing_moves_there_is_none(tmp_path):
    for count in (0, 1, 5):
        cache = write(tmp_path / f"{count}.npy", np.zeros((count, 2, 48, 48), np.float16))
        assert np.isnan(phase_energy(cache))
