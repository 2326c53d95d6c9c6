"""The crops of a data set's names: who each shows, what is left of an interruption, what is done again."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mimamo.cropping.crop_table import read_table
from mimamo.cropping.name_record import read_name_record
from mimamo.cropping.names import Making, cut_batch
from mimamo.cropping.weights import find_yunet
from mimamo.errors import InputError
from mimamo.storage.files import read_csv
from support.corpus import corpus_at
from support.crops import names, numbers
from support.raw_videos import FRAMES, SETTINGS, make_raw_corpus
from support.videos import write_tone

ROLES = {"ann": "largest", "duo": "left", "duo_right": "right", "nobody": "largest"}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return make_raw_corpus(tmp_path_factory.mktemp("raw"), ["ann"], ["nobody"])


def making_in(out: Path, root: Path) -> Making:
    """The crops of the four names, not yet made."""
    return Making(
        corpus_at(root, **SETTINGS),
        ROLES,
        dict.fromkeys(ROLES, "key"),
        crops=out / "crops",
        records=out / "names",
    )


@pytest.fixture
def making(root, tmp_path) -> Making:
    return making_in(tmp_path / "out", root)


@pytest.fixture(scope="module")
def finished(root, tmp_path_factory) -> Path:
    """A folder with all crops, their records and table.csv. Nobody may change it."""
    out = tmp_path_factory.mktemp("finished")
    cut_batch(making_in(out, root), out / "table.csv")
    return out


def made(folder: Path) -> dict[str, int]:
    """When the crops of every name were made."""
    return {name: (folder / name).stat().st_mtime_ns for name in names(folder)}


def test_every_name_gets_the_crops_of_its_person_and_a_record(root, finished):
    making = making_in(finished, root)
    assert names(making.crops) == ["ann", "duo", "duo_right"]
    assert all(numbers(making.crops, name) == list(range(1, FRAMES + 1)) for name in names(making.crops))
    left, right = (read_table(making.records / f"{name}.csv")["left"].mean() for name in ("duo", "duo_right"))
    assert left + 100 < right
    table = read_csv(finished / "table.csv").set_index("name")
    assert table["crops"].to_dict() == {"ann": FRAMES, "duo": FRAMES, "duo_right": FRAMES, "nobody": 0}
    assert table["container"].to_dict() == {"ann": "ann.mp4", "nobody": "nobody.mp4"} | dict.fromkeys(
        ("duo", "duo_right"), "duo.mkv"
    )
    assert table.loc["nobody", "reason"] == "no face that stays for long enough"
    assert read_table(making.records / "nobody.csv")["frame"].tolist() == list(range(1, FRAMES + 1))


def test_what_was_finished_when_a_job_was_killed_is_not_made_again(making, tmp_path):
    def die_at(name: str) -> None:
        """End as a killed job does when this name's crops are about to be put in place."""
        if name == "duo_right":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_batch(replace(making, forget=die_at), tmp_path / "table.csv")
    assert names(making.crops) == ["ann"] and not (tmp_path / "table.csv").exists()
    first = made(making.crops)
    cut_batch(making, tmp_path / "table.csv")
    assert made(making.crops)["ann"] == first["ann"]
    assert names(making.crops) == ["ann", "duo", "duo_right"]
    again = made(making.crops)
    cut_batch(making, tmp_path / "table.csv")
    assert made(making.crops) == again


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ({"keys": dict.fromkeys(ROLES, "later")}, {"ann", "duo", "duo_right"}),
        (
            {"keys": dict.fromkeys(ROLES, "key") | {"duo": "later"}, "roles": {**ROLES, "duo": "other"}},
            {"duo"},
        ),
    ],
)
def test_names_with_another_key_are_made_anew(change, anew, root, finished, tmp_path):
    making = making_in(shutil.copytree(finished, tmp_path / "out"), root)
    before, forgotten = made(making.crops), []
    cut_batch(replace(making, forget=forgotten.append, **change), tmp_path / "table.csv")
    after = made(making.crops)
    assert {name for name in before if before[name] != after.get(name)} == anew
    assert anew <= set(forgotten) <= anew | {"nobody"}
    # Nobody is the third person of the duo.
    assert ("duo" in after) == ("roles" not in change)


def test_another_video_and_crops_that_are_gone_are_made_anew(tmp_path):
    root = make_raw_corpus(tmp_path / "raw", ["ann", "ben"], ["later"])
    making = Making(
        corpus_at(root, **SETTINGS),
        {"ann": "largest", "ben": "largest"},
        {"ann": "key", "ben": "key"},
        crops=tmp_path / "crops",
        records=tmp_path / "names",
    )
    cut_batch(making, tmp_path / "table.csv")
    before = made(making.crops)
    (root / "videos/ben.mp4").write_bytes((root / "videos/later.mp4").read_bytes())
    cut_batch(replace(making, keys={"ann": "key", "ben": "later"}), tmp_path / "table.csv")
    after = made(making.crops)
    assert after["ann"] == before["ann"] and after["ben"] != before["ben"]
    (making.crops / "ann").rename(tmp_path / "gone")
    cut_batch(replace(making, keys={"ann": "key", "ben": "later"}), tmp_path / "table.csv")
    assert len(numbers(making.crops, "ann")) == FRAMES


def test_a_container_that_cannot_be_read_stops_no_other_name(tmp_path, caplog):
    root = make_raw_corpus(tmp_path / "raw", ["ann", "ben", "cleo"], ["later"])
    (root / "videos/ann.mp4").write_bytes(b"no video")
    write_tone(root / "videos/tone.m4a").rename(root / "videos/ben.mp4")
    # Of two containers the one that can be read is taken.
    (root / "videos/ben.avi").write_bytes((root / "videos/cleo.mp4").read_bytes())
    making = Making(
        corpus_at(root, **SETTINGS),
        dict.fromkeys(("ann", "ben", "cleo", "gone"), "largest"),
        dict.fromkeys(("ann", "ben", "cleo", "gone"), "key"),
        crops=tmp_path / "crops",
        records=tmp_path / "names",
    )
    cut_batch(making, tmp_path / "table.csv")
    assert names(making.crops) == ["ben", "cleo"]
    assert read_name_record("ben", making.records).container == "ben.avi"
    reasons = {name: read_name_record(name, making.records).reason for name in ("ann", "gone")}
    assert reasons["ann"].startswith(f"{root}/videos/ann.mp4: expected a video, found")
    assert reasons["gone"] == "no container"


def test_a_missing_detector_is_no_fault_of_the_videos(making, tmp_path, monkeypatch):
    monkeypatch.setattr("mimamo.cropping.weights.YUNET_PACKAGE", "no_such_package")
    with pytest.raises(InputError, match="Face detector: expected the file"):
        cut_batch(making, tmp_path / "table.csv")
    assert not making.records.exists()


def test_smoothing_and_detector_are_those_that_were_given(making, tmp_path):
    """The same detector from another path finds the same faces; without smoothing their crops jitter."""
    detector = tmp_path / "own.onnx"
    detector.write_bytes(find_yunet().read_bytes())
    pictures = {}
    for place, change in (("as before", {}), ("own", {"detector": detector}), ("rough", {"smoothing": 0.0})):
        other = replace(making, roles={"ann": "largest"}, crops=tmp_path / place, **change)
        cut_batch(replace(other, records=tmp_path / f"names of {place}"), tmp_path / f"{place}.csv")
        pictures[place] = [path.read_bytes() for path in sorted((tmp_path / place / "ann").iterdir())]
    assert pictures["as before"] == pictures["own"] != pictures["rough"]


def test_a_detector_that_is_none_is_told_before_any_video(making, tmp_path):
    (tmp_path / "own.onnx").write_text("not a network")
    with pytest.raises(InputError, match=r"own\.onnx: expected the ONNX file of a YuNet or a RetinaFace"):
        cut_batch(replace(making, detector=tmp_path / "own.onnx"), tmp_path / "table.csv")
