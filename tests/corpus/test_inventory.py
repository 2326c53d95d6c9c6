"""A change of the data set's files is seen whatever their dates say, and the same bytes are no change."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from mimamo.corpus.inventory import PARTS, Inventory, brought_part, forget, forget_crops, record, stat_digests
from support.brought import corpus_with, stream, write_file
from support.corpus import corpus_at, make_folders, write_annotation

NAME = "video1"


@pytest.fixture
def root(tmp_path):
    """A data set of one name with three crops, an annotation and a container."""
    root = make_folders(tmp_path / "corpus", test_names=[])
    write_annotation(root, NAME, [(0.1, 0.2), (0.3, 0.4)])
    crops = corpus_at(root).crops[0] / NAME
    crops.mkdir(parents=True)
    for number in (1, 2, 3):
        (crops / f"{number:05d}.jpg").write_bytes(bytes([number]) * 100)
    videos = corpus_at(root).videos[0]
    videos.mkdir(exist_ok=True)
    (videos / f"{NAME}.mp4").write_bytes(b"container")
    return root


@pytest.fixture
def read(root, tmp_path):
    """What a job that read the name was started for; the record of it is in the folder ``inventory``."""
    return read_name(root, tmp_path / "inventory")


def read_name(root: Path, folder: Path, parts=PARTS) -> dict[str, str]:
    """Read the name as the audit does, and return the versions that it was started for."""
    versions = Inventory(corpus_at(root), folder).versions(NAME)
    record(corpus_at(root), NAME, versions, stat_digests(corpus_at(root), NAME), folder, parts)
    return versions


def changed(root: Path, versions: dict[str, str], full: bool = False) -> set[str]:
    """The parts whose version is another one now."""
    now = Inventory(corpus_at(root), root.parent / "inventory", full=full).versions(NAME)
    return {part for part in PARTS if now[part] != versions[part]}


def crop(root: Path, number: int = 1) -> Path:
    """The path of a crop."""
    return corpus_at(root).crops[0] / NAME / f"{number:05d}.jpg"


def write_as_old(path: Path, content: bytes) -> None:
    """Write other bytes of the same length in place, and give the file its old time."""
    before = path.stat()
    assert len(content) == before.st_size
    # Clocks of file systems tick every few milliseconds.
    time.sleep(0.02)
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_the_same_keeps_its_version(root, read):
    assert len(set(read.values())) == 3 and changed(root, read) == set()


def test_versions_before_and_after_the_first_reading_are_the_same(root, tmp_path):
    before = Inventory(corpus_at(root), tmp_path / "inventory").versions(NAME)
    assert read_name(root, tmp_path / "inventory") == before and changed(root, before) == set()


def test_other_bytes_with_the_same_name_size_and_time_are_seen(root, read):
    write_as_old(crop(root), bytes([9]) * 100)
    assert changed(root, read) == {"crops"}


def test_an_annotation_with_an_old_date_is_seen(root, read):
    write_annotation(root, NAME, [(0.5, 0.5), (0.3, 0.4)])
    os.utime(corpus_at(root).annotation(NAME), (1, 1))
    assert changed(root, read) == {"annotation"}


def test_another_version_stays_the_same_from_then_on(root, read, tmp_path):
    write_as_old(crop(root), bytes([9]) * 100)
    later = read_name(root, tmp_path / "inventory")
    assert later["crops"] != read["crops"] and changed(root, later) == set()


def test_a_crop_more_or_less_is_seen(root, read):
    crop(root, 4).write_bytes(b"more")
    assert changed(root, read) == {"crops"}
    crop(root, 4).unlink()
    assert changed(root, read) == set()
    crop(root, 3).unlink()
    assert changed(root, read) == {"crops"}


def test_a_container_that_appears_or_goes_is_seen(root, tmp_path):
    (container,) = corpus_at(root).containers(NAME)
    kept = container.rename(tmp_path / "kept.mp4")
    without = read_name(root, tmp_path / "inventory")
    kept.rename(container)
    assert changed(root, without) == {"containers"}


def test_dates_rights_and_another_place_alone_change_nothing(root, read, tmp_path):
    for path in sorted(root.rglob("*")):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert changed(root, read) == set()
    shutil.copytree(root, tmp_path / "elsewhere")
    assert Inventory(corpus_at(tmp_path / "elsewhere"), tmp_path / "inventory").versions(NAME) == read


def test_a_container_whose_bytes_were_not_read_counts_as_changed_where_its_time_is(root, tmp_path):
    versions = read_name(root, tmp_path / "inventory", ("crops", "annotation"))
    assert changed(root, versions) == set()
    os.utime(corpus_at(root).containers(NAME)[0], (1, 1))
    assert changed(root, versions) == {"containers"}


def test_what_changes_while_it_is_read_is_another_version_next_time(root, tmp_path):
    folder = tmp_path / "inventory"
    versions = Inventory(corpus_at(root), folder).versions(NAME)
    before = stat_digests(corpus_at(root), NAME)
    write_as_old(crop(root), bytes([9]) * 100)
    contents = record(corpus_at(root), NAME, versions, before, folder)
    assert contents["crops"] is None and contents["annotation"] is not None
    assert changed(root, versions) == {"crops"}


def test_the_full_check_finds_other_bytes_behind_the_same_state(root, read, tmp_path):
    """As after damage on the disk, which changes no time."""
    path = tmp_path / "inventory" / f"{NAME}.json"
    text = path.read_text()
    write_as_old(crop(root), bytes([9]) * 100)
    state = stat_digests(corpus_at(root), NAME)["crops"]
    path.write_text(text.replace(read["crops"], state, 1))
    assert '"stat"' in text and changed(root, {**read}, full=False) == set()
    assert changed(root, read, full=True) == {"crops"}


def test_a_corpus_that_is_not_there_yet_has_a_first_version(root, tmp_path):
    folder = tmp_path / "inventory"
    versions = Inventory(corpus_at(tmp_path / "nowhere"), folder, first="rendered").versions(NAME)
    assert versions == dict.fromkeys(PARTS, "rendered")
    record(corpus_at(root), NAME, versions, stat_digests(corpus_at(root), NAME), folder)
    assert Inventory(corpus_at(root), folder, first="rendered").versions(NAME) == versions
    write_as_old(crop(root), bytes([9]) * 100)
    assert Inventory(corpus_at(root), folder, first="rendered").versions(NAME)["crops"] != "rendered"
    forget(folder)
    assert Inventory(corpus_at(root), folder, first="rendered").versions(NAME) == versions


@pytest.mark.parametrize("content", ["", "[]", "{", '{"crops": {"stat": 1}}', '{"crops": 3}'])
def test_a_damaged_record_counts_as_none(root, read, tmp_path, content):
    (tmp_path / "inventory" / f"{NAME}.json").write_text(content)
    assert changed(root, read) == set()


def test_a_changed_part_changes_no_other_version_and_no_recorded_one(root, read, tmp_path):
    write_as_old(crop(root), bytes([9]) * 100)
    inventory = Inventory(corpus_at(root), tmp_path / "inventory")
    versions, recorded = inventory.versions(NAME), inventory.recorded(NAME)
    assert {part for part in read if versions[part] != read[part]} == {"crops"} and recorded == read
    assert inventory.recorded("another") == inventory.versions("another")


def test_a_long_check_reports_its_progress(root, tmp_path, monkeypatch):
    monkeypatch.setattr("mimamo.corpus.inventory._PATIENCE", -1.0)
    said = []
    Inventory(corpus_at(root), tmp_path / "inventory").check([NAME], said.append)
    assert said == ["Comparing sizes and times of the data set's files: 1 of 1 names."]


def test_made_crops_have_the_version_of_their_containers_until_somebody_changes_them(
    root, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    corpus, folder = corpus_at(root, crops="from videos"), tmp_path / "inventory"
    made = Path("results/crops") / NAME

    def versions() -> dict[str, str]:
        return Inventory(corpus, folder).versions(NAME)

    def read() -> None:
        record(corpus, NAME, versions(), stat_digests(corpus, NAME), folder)

    before = versions()
    assert before["crops"] == before["containers"]
    # Whether they are made yet changes nothing.
    shutil.copytree(crop(root).parent, made)
    assert versions() == before
    read()
    assert versions() == before
    seen = [before["crops"]]
    for _ in range(2):
        (made / "00001.jpg").unlink()
        seen.append(versions()["crops"])
        read()
        assert versions()["crops"] == seen[-1]
        (made / "00001.jpg").write_bytes(b"again")
        seen.append(versions()["crops"])
        read()
    assert len(set(seen)) == 5
    forget_crops(folder, NAME)
    assert versions()["crops"] == before["crops"] and versions()["annotation"] == before["annotation"]
    write_as_old(corpus.containers(NAME)[0], b"continent")
    later = versions()
    assert later["crops"] == later["containers"] != before["containers"]


def test_features_that_are_brought_are_parts_of_a_name(root, tmp_path):
    corpus = corpus_with(root, voice=stream(tmp_path / "voice"))
    path, other = (write_file(tmp_path / "voice" / f"{name}.npy", np.ones((3, 2))) for name in (NAME, "b"))

    def version(first: str | None = None) -> str:
        return Inventory(corpus, tmp_path / "inventory", first=first).versions(NAME)[brought_part("voice")]

    # A corpus that is rendered is known before; features never are.
    assert version("rendered") == version() != "rendered"
    versions = Inventory(corpus, tmp_path / "inventory").versions(NAME)
    digests = record(corpus, NAME, versions, stat_digests(corpus, NAME), tmp_path / "inventory")
    assert digests[brought_part("voice")]
    path.touch()
    other.write_bytes(b"other")
    assert version() == versions[brought_part("voice")]
    content = path.read_bytes()
    write_as_old(path, content[:-1] + bytes([content[-1] ^ 1]))
    assert version() != versions[brought_part("voice")]
