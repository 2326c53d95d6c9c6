import os
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.errors import InputError
from mimamo.storage.frame_cache import BLOCK, all_finite, cache_writer, feature_dtype, open_cache, phase_dtype


def write(path, frames, width=8):
    frames = np.asarray(frames)
    values = np.arange(len(frames) * width, dtype=np.float16).reshape(-1, width)
    with cache_writer(path, feature_dtype(width), len(frames)) as cache:
        for start in range(0, len(frames), 2):
            cache.append(frames[start : start + 2], pool5=values[start : start + 2])
    return values


def test_rows_have_the_size_that_was_promised():
    assert phase_dtype().itemsize == 4 + 2 * 2 * (48 * 48 + 24 * 24) <= 12_000
    assert feature_dtype(2048).itemsize <= 4_100


def test_what_is_written_is_read(tmp_path):
    values = write(tmp_path / "a.npy", [2, 3, 7])
    cache = open_cache(tmp_path / "a.npy")
    assert cache.frames.tolist() == [2, 3, 7]
    assert np.array_equal(cache.rows(0, 3)["pool5"], values)
    # Nothing of this project is needed to read it.
    assert np.array_equal(np.load(tmp_path / "a.npy", allow_pickle=False), cache.rows(0, 3))


def test_every_value_in_half_precision_is_a_finite_number_or_not():
    values = np.arange(2**16, dtype=np.uint16).view(np.float16)
    assert [all_finite(value) for value in values.reshape(-1, 1)] == np.isfinite(values).tolist()


def test_phase_rows_keep_both_levels_apart(tmp_path):
    rng = np.random.default_rng(0)
    level1 = rng.normal(size=(3, 2, 48, 48)).astype(np.float16)
    level2 = rng.normal(size=(3, 2, 24, 24)).astype(np.float16)
    with cache_writer(tmp_path / "a.npy", phase_dtype(), 3) as cache:
        cache.append(np.array([1, 2, 3]), level1=level1, level2=level2)
    rows = open_cache(tmp_path / "a.npy").rows(0, 3)
    assert np.array_equal(rows["level1"], level1)
    assert np.array_equal(rows["level2"], level2)


def test_a_name_without_crops_has_a_cache_without_rows(tmp_path):
    write(tmp_path / "a.npy", [])
    cache = open_cache(tmp_path / "a.npy")
    assert len(cache) == 0
    assert cache.frames.tolist() == []
    assert len(cache.rows(0, 5)) == 0


@given(st.sets(st.integers(1, 300), max_size=60))
def test_frame_numbers_are_found_whatever_the_holes(frames):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.npy"
        write(path, sorted(frames))
        assert open_cache(path).frames.tolist() == sorted(frames)


def test_frame_numbers_of_few_runs_are_found_in_few_reads(tmp_path, monkeypatch):
    write(tmp_path / "a.npy", [*range(1, 4001), *range(5001, 9001)])
    reads = []
    read = os.pread
    monkeypatch.setattr(os, "pread", lambda *arguments: reads.append(0) or read(*arguments))
    assert len(open_cache(tmp_path / "a.npy").frames) == 8000
    assert len(reads) < 60


@pytest.mark.parametrize("numbers", [[1, 5, 3, 9], [0, 1, 2, 3], [-(2**31), 1, 2, 2**31 - 1], [1, 2, 2, 9]])
def test_frame_numbers_in_disorder_are_told_before_a_row_is_read(tmp_path, numbers):
    rows = np.zeros(4, feature_dtype(2))
    rows["frame"] = numbers
    np.save(tmp_path / "a.npy", rows)
    with pytest.raises(InputError, match=r"a\.npy should be a cache"):
        _ = open_cache(tmp_path / "a.npy").frames


def test_a_strange_frame_between_good_ones_is_told_when_it_is_read(tmp_path):
    """Where first and last frame leave no room for a hole, the numbers between them are believed at first."""
    rows = np.zeros(4, feature_dtype(2))
    rows["frame"] = [1, 2, 1000, 4]
    np.save(tmp_path / "a.npy", rows)
    cache = open_cache(tmp_path / "a.npy")
    assert len(cache.between(1, 2)) == 2
    with pytest.raises(InputError, match="its frame numbers do not ascend"):
        cache.between(1, 4)


def test_frame_numbers_that_do_not_ascend_are_told(tmp_path):
    rows = np.zeros(3, feature_dtype(8))
    rows["frame"] = [4, 5, 5]
    np.save(tmp_path / "a.npy", rows)
    with pytest.raises(InputError, match="frame 5 stands 2 rows after frame 4"):
        _ = open_cache(tmp_path / "a.npy").frames


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path):
    level1, level2 = np.zeros((10, 2, 48, 48), np.float16), np.zeros((10, 2, 24, 24), np.float16)
    tracemalloc.start()
    with cache_writer(tmp_path / "a.npy", phase_dtype(), 2000) as cache:
        for start in range(1, 2001, 10):
            cache.append(np.arange(start, start + 10), level1=level1, level2=level2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(open_cache(tmp_path / "a.npy")) == 2000
    # 2,000 rows take 23 MB.
    assert peak < 2e6


@pytest.mark.parametrize(
    ("frames", "said", "fields", "complaint"),
    [
        ([1, 2], 3, {"pool5": np.zeros((2, 8), np.float16)}, "2 were written"),
        ([1, 2], 1, {"pool5": np.zeros((2, 8), np.float16)}, "1 rows were declared"),
        ([1, 2], 2, {"pool5": np.zeros((2, 8), np.float32)}, "float32"),
        ([1, 2], 2, {"pool5": np.zeros((2, 4), np.float16)}, r"\(2, 4\)"),
        ([1, 2], 2, {"level1": np.zeros((2, 8), np.float16)}, "level1"),
        ([2, 2], 2, {"pool5": np.zeros((2, 8), np.float16)}, "ascend"),
        ([0, 1], 2, {"pool5": np.zeros((2, 8), np.float16)}, "ascend"),
    ],
)
def test_a_wrong_block_leaves_nothing_behind(tmp_path, frames, said, fields, complaint):
    with (
        pytest.raises(ValueError, match=complaint),
        cache_writer(tmp_path / "a.npy", feature_dtype(8), said) as cache,
    ):
        cache.append(np.array(frames), **fields)
    assert list(tmp_path.iterdir()) == []


def test_frames_ascend_across_blocks(tmp_path):
    with (
        pytest.raises(ValueError, match="ascend"),
        cache_writer(tmp_path / "a.npy", feature_dtype(1), 2) as cache,
    ):
        for frame in (5, 4):
            cache.append(np.array([frame]), pool5=np.zeros((1, 1), np.float16))


def test_an_older_cache_survives_a_failure(tmp_path):
    write(tmp_path / "a.npy", [1])
    with (
        pytest.raises(ValueError, match="0 were written"),
        cache_writer(tmp_path / "a.npy", feature_dtype(8), 5),
    ):
        pass
    assert len(open_cache(tmp_path / "a.npy")) == 1


def cut(path):
    path.write_bytes(path.read_bytes()[:-3])


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"abc")


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("frame,pool5\n1,2\n")


def broken_header(path):
    path.write_bytes(path.read_bytes().replace(b"'descr'", b"'desc\x00'"))


def pickled(path):
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def plain(path):
    np.save(path, np.zeros((4, 2)))


def foreign(path):
    np.save(path, np.zeros(4, [("frame", "<i4"), ("pool5", "<f4", (8,))]))


def archive(path):
    with open(path, "wb") as handle:
        np.savez(handle, a=np.zeros(3))


def folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage", [cut, lengthen, empty, text, broken_header, pickled, plain, foreign, archive, folder]
)
def test_a_damaged_or_foreign_file_is_told_in_one_sentence(tmp_path, damage):
    path = tmp_path / "a.npy"
    write(path, [1, 2, 3])
    damage(path)
    with pytest.raises(InputError) as told:
        open_cache(path)
    assert str(path) in str(told.value)
    assert "delete it" in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        open_cache(tmp_path / "a.npy")


def test_a_block_is_read_by_frame_number(tmp_path):
    values = write(tmp_path / "a.npy", [2, 3, 4, 9, 10])
    cache = open_cache(tmp_path / "a.npy")
    block = cache.block(3, 2)
    assert block["frame"].tolist() == [3, 4]
    assert np.array_equal(block["pool5"], values[1:3])
    assert cache.block(9, 2)["frame"].tolist() == [9, 10]


@pytest.mark.parametrize(("first", "count"), [(4, 2), (1, 2), (10, 2), (5, 1), (11, 1)])
def test_a_block_with_a_hole_is_refused(tmp_path, first, count):
    write(tmp_path / "a.npy", [2, 3, 4, 9, 10])
    with pytest.raises(InputError, match=f"frames from {first} to {first + count - 1}"):
        open_cache(tmp_path / "a.npy").block(first, count)


def test_single_frames_are_read_from_all_over_a_file(tmp_path):
    frames = np.arange(1, 2 * BLOCK + 10)
    values = write(tmp_path / "a.npy", frames)
    wanted = np.array([1, 5, BLOCK, BLOCK + 1, len(frames)])
    assert np.array_equal(open_cache(tmp_path / "a.npy").values("pool5", wanted), values[wanted - 1])
    with pytest.raises(InputError, match="none of frame 5000 and 0 others"):
        open_cache(tmp_path / "a.npy").values("pool5", np.array([1, 5000]))
