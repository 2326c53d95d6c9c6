import tracemalloc

import numpy as np
import pytest

from mimamo.cache import feature_dtype, open_cache, phase_dtype, read_block, written_cache
from mimamo.errors import InputError


def write(path, frames, width=8):
    frames = np.asarray(frames)
    values = np.arange(len(frames) * width, dtype=np.float16).reshape(-1, width)
    with written_cache(path, feature_dtype(width), len(frames)) as cache:
        for start in range(0, len(frames), 2):
            cache.append(frames[start : start + 2], pool5=values[start : start + 2])
    return values


def test_rows_have_the_size_that_was_promised():
    assert phase_dtype().itemsize == 4 + 2 * 2 * (48 * 48 + 24 * 24) <= 12_000
    assert feature_dtype(2048).itemsize <= 4_100


def test_what_is_written_is_read(tmp_path):
    values = write(tmp_path / "a.npy", [2, 3, 7])
    cache = open_cache(tmp_path / "a.npy")
    assert cache["frame"].tolist() == [2, 3, 7]
    assert np.array_equal(cache["pool5"], values)
    # Nothing of this project is needed to read it.
    assert np.array_equal(np.load(tmp_path / "a.npy", allow_pickle=False), cache)


def test_phase_rows_keep_both_levels_apart(tmp_path):
    rng = np.random.default_rng(0)
    level1 = rng.normal(size=(3, 2, 48, 48)).astype(np.float16)
    level2 = rng.normal(size=(3, 2, 24, 24)).astype(np.float16)
    with written_cache(tmp_path / "a.npy", phase_dtype(), 3) as cache:
        cache.append(np.array([1, 2, 3]), level1=level1, level2=level2)
    cache = open_cache(tmp_path / "a.npy")
    assert np.array_equal(cache["level1"], level1)
    assert np.array_equal(cache["level2"], level2)


def test_a_name_without_crops_has_a_cache_without_rows(tmp_path):
    write(tmp_path / "a.npy", [])
    assert len(open_cache(tmp_path / "a.npy")) == 0


def test_a_cache_is_mapped_and_cannot_be_written(tmp_path):
    write(tmp_path / "a.npy", [1, 2])
    cache = open_cache(tmp_path / "a.npy")
    assert isinstance(cache, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        cache["frame"][0] = 5


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path):
    level1, level2 = np.zeros((10, 2, 48, 48), np.float16), np.zeros((10, 2, 24, 24), np.float16)
    tracemalloc.start()
    with written_cache(tmp_path / "a.npy", phase_dtype(), 2000) as cache:
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
        ([1, 2], 1, {"pool5": np.zeros((2, 8), np.float16)}, "1 rows were said"),
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
        written_cache(tmp_path / "a.npy", feature_dtype(8), said) as cache,
    ):
        cache.append(np.array(frames), **fields)
    assert list(tmp_path.iterdir()) == []


def test_frames_ascend_across_blocks(tmp_path):
    with (
        pytest.raises(ValueError, match="ascend"),
        written_cache(tmp_path / "a.npy", feature_dtype(1), 2) as cache,
    ):
        for frame in (5, 4):
            cache.append(np.array([frame]), pool5=np.zeros((1, 1), np.float16))


def test_an_older_cache_survives_a_failure(tmp_path):
    write(tmp_path / "a.npy", [1])
    with (
        pytest.raises(ValueError, match="0 were written"),
        written_cache(tmp_path / "a.npy", feature_dtype(8), 5),
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
    block = read_block(cache, 3, 2)
    assert block["frame"].tolist() == [3, 4]
    assert np.array_equal(block["pool5"], values[1:3])
    assert read_block(cache, 9, 2)["frame"].tolist() == [9, 10]


@pytest.mark.parametrize(("first", "count"), [(4, 2), (1, 2), (10, 2), (5, 1), (11, 1)])
def test_a_block_with_a_hole_is_refused(tmp_path, first, count):
    write(tmp_path / "a.npy", [2, 3, 4, 9, 10])
    with pytest.raises(InputError, match=f"frames from {first} to {first + count - 1}"):
        read_block(open_cache(tmp_path / "a.npy"), first, count)
