"""Records of results that belong to names."""

import os
from pathlib import Path
from unittest.mock import Mock

import pytest

from mimamo.errors import ConfigError, InputError
from mimamo.storage.name_records import NameRecords, check_reused, key_of, recorded_key


@pytest.fixture
def records(tmp_path) -> NameRecords:
    """Records of results in files beside them, with one result."""
    records = NameRecords(tmp_path / "phase", ".npy")
    records.write("a", "first", {"frames": 3})
    records.result("a").write_bytes(b"rows")
    return records


def test_names_without_a_result_of_their_key_are_pending(records):
    assert records.read("a") == {"key": "first", "frames": 3}
    assert records.pending({"a": "first", "b": "first"}) == ["b"]
    assert records.pending({"b": "first", "a": "second"}) == ["a", "b"]
    records.result("a").unlink()
    assert records.key("a") is None and records.pending({"a": "first"}) == ["a"]


def test_a_name_with_a_dot_has_a_record_of_its_own(records):
    records.write("a.b", "other", {})
    assert records.key("a") == "first" and records.path("a.b").name == "a.b.json"


@pytest.mark.parametrize("content", ["", "[]", "{}", "{"])
def test_a_damaged_record_counts_as_none_and_is_told_where_it_is_read(records, content):
    records.path("a").write_text(content)
    assert records.key("a") is None
    with pytest.raises(InputError, match=r"a\.json: expected the record of what was made for a, found none"):
        records.read("a")


def test_forgotten_names_are_pending(records):
    records.forget(["nobody"])
    assert records.key("a") == "first"
    records.forget()
    assert records.key("a") is None and records.result("a").is_file()


def test_keys_depend_on_every_part_and_on_no_order_of_a_mapping():
    assert key_of({"a": 1, "b": [2]}, "c") == key_of({"b": [2], "a": 1}, "c")
    assert len({key_of("a", "b"), key_of("ab"), key_of("b", "a"), key_of(["a", "b"]), key_of("a", None)}) == 5


def test_the_key_of_a_job_is_read_from_its_record(tmp_path):
    path = tmp_path / "model.json"
    assert recorded_key(path) is None
    path.write_text('{"settings": {"epochs": 3}}')
    assert recorded_key(path) is None
    path.write_text('{"settings": {"key": "first"}}')
    assert recorded_key(path) == "first"


def test_results_of_the_same_key_are_taken_over_from_other_runs(records, tmp_path):
    mine = NameRecords(tmp_path / "mine/phase", ".npy")
    mine.write("b", "mine", {})
    mine.result("b").write_bytes(b"my rows")
    keys = {"a": "first", "b": "mine", "c": "first"}
    mine.take_over(keys, [tmp_path / "nothing", records.folder])
    assert mine.pending(keys) == ["c"] and mine.read("a") == records.read("a")
    # Without taking any disk.
    assert mine.result("a").samefile(records.result("a")) and mine.result("b").read_bytes() == b"my rows"
    mine.take_over({"a": "second"}, [records.folder])
    assert mine.key("a") == "first"


def test_results_are_copied_where_there_are_no_links_between_folders(records, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", Mock(side_effect=OSError("cross-device link")))
    mine = NameRecords(tmp_path / "mine", ".npy")
    mine.take_over({"a": "first"}, [records.folder])
    assert mine.key("a") == "first" and mine.result("a").read_bytes() == b"rows"


def test_a_result_that_the_other_run_makes_anew_meanwhile_is_not_taken(records, tmp_path, monkeypatch):
    def link(source: Path, place: Path) -> None:
        records.forget(["a"])
        place.write_bytes(b"other rows")

    monkeypatch.setattr(os, "link", link)
    mine = NameRecords(tmp_path / "mine", ".npy")
    mine.take_over({"a": "first"}, [records.folder])
    assert mine.key("a") is None


def test_a_folder_without_caches_is_refused(records, tmp_path):
    check_reused([str(tmp_path)])
    with pytest.raises(ConfigError, match=r"reuse is to name folders of results, .* found none in .*phase;"):
        check_reused([str(tmp_path), str(records.folder)])
