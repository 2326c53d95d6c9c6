from dataclasses import replace

import numpy as np
import pytest
import torch

from mimamo.corpus.crops import read_crop
from mimamo.corpus.extraction import cache_records
from mimamo.errors import InputError
from mimamo.phase.cache import phase_batch
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import save_filters
from mimamo.storage.frame_cache import open_cache

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def batch(batch, tmp_path, filters):
    save_filters(filters, tmp_path / "filters.npz")
    return {**batch, "filters": tmp_path / "filters.npz"}


def test_a_batch_gets_a_cache_for_every_name(batch, tmp_path, single):
    phase_batch(**batch, folder=tmp_path / "phase")
    names = sorted(path.name for path in (tmp_path / "phase").iterdir())
    assert names == [f"{name}.{kind}" for name in ("105", "empty", "video1_left") for kind in ("json", "npy")]
    assert len(open_cache(tmp_path / "phase" / "empty.npy")) == 0
    cache = np.load(tmp_path / "phase" / "105.npy")
    assert cache["frame"].tolist() == [2, 3, 4, 6, 7, 9]
    assert [bool(row.any()) for row in cache["level1"]] == [False, True, True, False, True, False]
    crops = (tmp_path / "root" / "cropped_aligned" / "105" / f"{number:05d}.jpg" for number in (2, 3))
    expected, _ = single(torch.from_numpy(grey48([read_crop(crop, grey=True) for crop in crops])))
    assert np.allclose(cache["level1"][1].astype(float), expected[0], rtol=1e-3, atol=1e-5)


def test_a_batch_is_the_same_to_the_byte_each_time(batch, tmp_path):
    for folder in ("first", "second"):
        phase_batch(**batch, folder=tmp_path / folder)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_a_crop_that_vanished_after_the_audit_is_told_and_leaves_nothing(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105" / "00003.jpg").unlink()
    with pytest.raises(InputError, match=r"00003\.jpg"):
        phase_batch(**batch, folder=tmp_path / "phase")
    assert list((tmp_path / "phase").iterdir()) == []


def test_differences_that_are_no_numbers_are_told_and_leave_nothing(batch, tmp_path, filters):
    save_filters(replace(filters, level1=filters.level1 * 1e30), tmp_path / "filters.npz")
    with pytest.raises(InputError, match=r"105: expected numbers as phase .* crops 2 to 9, .*too large"):
        phase_batch(**batch, folder=tmp_path / "phase")
    assert list((tmp_path / "phase").iterdir()) == []


def test_a_folder_that_vanished_after_the_audit_is_told(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105").rename(tmp_path / "gone")
    with pytest.raises(InputError, match="105: expected the folder of 6 crops"):
        phase_batch(**batch, folder=tmp_path / "phase")


def test_only_names_with_another_key_are_computed_again(batch, tmp_path):
    phase_batch(**batch, folder=tmp_path / "phase")
    caches = {name: tmp_path / "phase" / f"{name}.npy" for name in batch["keys"]}
    before = {name: path.stat().st_mtime_ns for name, path in caches.items()}
    batch["keys"] = {**batch["keys"], "105": "another"}
    phase_batch(**batch, folder=tmp_path / "phase")
    again = [name for name, path in caches.items() if path.stat().st_mtime_ns != before[name]]
    assert again == ["105"]


def test_a_killed_job_has_lost_only_the_name_that_it_was_at(batch, tmp_path):
    """Also where the name had a cache of another key, which must not be taken for the new one."""
    phase_batch(**batch, folder=tmp_path / "phase")
    batch["keys"] = dict.fromkeys(batch["keys"], "another")
    (tmp_path / "root" / "cropped_aligned" / "video1_left" / "00020.jpg").write_bytes(b"")
    with pytest.raises(InputError, match=r"00020\.jpg"):
        phase_batch(**batch, folder=tmp_path / "phase")
    assert cache_records(tmp_path / "phase").pending(batch["keys"]) == ["video1_left"]
    assert cache_records(tmp_path / "phase").key("video1_left") is None


def test_caches_of_another_run_are_taken_over_without_a_look_at_the_crops(batch, tmp_path):
    phase_batch(**batch, folder=tmp_path / "phase")
    (tmp_path / "root" / "cropped_aligned" / "105" / "00003.jpg").write_bytes(b"")
    phase_batch(**batch, folder=tmp_path / "mine", others=[tmp_path / "phase"])
    for path in (tmp_path / "phase").iterdir():
        assert path.read_bytes() == (tmp_path / "mine" / path.name).read_bytes()
