"""The table of caches, and what is wrong with them."""

import pytest

from mimamo.dataset.cache_table import write_cache_table
from mimamo.errors import InputError
from mimamo.storage.files import read_csv
from mimamo.storage.name_records import NameRecords
from support.fold import FEATURES

KEYS = {"phase": {"a": "p", "b": "p"}, "features": {"a": "f", "b": "f"}}


@pytest.fixture
def folders(tmp_path):
    """Phase differences and features of two names."""
    for folder, keys in KEYS.items():
        records = NameRecords(tmp_path / folder, ".npy")
        for number, (name, key) in enumerate(keys.items()):
            content = {"frames": 3 + number, "sha256": f"{folder}-{name}", "weights": FEATURES}
            records.write(name, key, content)
            records.result(name).write_bytes(b"rows")
    return tmp_path


def write(folders, keys=KEYS):
    """Write the table of both names."""
    places = {stage: folders / stage for stage in KEYS}
    write_cache_table(["b", "a"], places, keys, folders / "table.csv", [folders / "features"])


def test_every_name_has_a_row_with_the_digests_of_its_caches(folders):
    write(folders)
    assert read_csv(folders / "table.csv").to_dict("list") == {
        "name": ["a", "b"],
        "frames": [3, 4],
        "phase": ["phase-a", "phase-b"],
        "features": ["features-a", "features-b"],
    }


def test_caches_of_other_crops_settings_or_code_are_told(folders):
    keys = {**KEYS, "features": {"a": "f", "b": "later"}}
    with pytest.raises(
        InputError, match=r"features/b\.npy: expected a cache of the crops, settings and code"
    ):
        write(folders, keys)
    assert not (folders / "table.csv").exists()


def test_caches_of_different_frames_or_kinds_are_told(folders):
    features = NameRecords(folders / "features", ".npy")
    features.write("b", "f", {"frames": 9, "sha256": "x", "weights": FEATURES})
    with pytest.raises(InputError, match="b: expected as many frames in all caches, found 4 and 9"):
        write(folders)
    other = {**FEATURES, "sha256": "1" * 64}
    features.write("b", "f", {"frames": 4, "sha256": "x", "weights": other})
    with pytest.raises(InputError, match="found sha256 1111"):
        write(folders)
