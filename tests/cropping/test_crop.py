"""Crops of one video: where they lie, what the table says of them, and that they are whole or not there."""

import json
import shutil

import cv2
import numpy as np
import pytest

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path, read_crop
from mimamo.cropping.alignment import TEMPLATE
from mimamo.cropping.crop import CropSettings, crop_video
from mimamo.cropping.crop_table import COLUMNS, landmarks_of
from mimamo.cropping.detection import load_detector
from mimamo.errors import InputError
from support.crops import names, numbers, table
from support.videos import Person, scene, turn_by_metadata, write_film

ALL = CropSettings(people="all")


@pytest.fixture(scope="module")
def swaying() -> list[np.ndarray]:
    """A second of a person who sways by a few pixels."""
    return [scene([Person(2, 160 + 6 * np.sin(n / 4), 120)]) for n in range(25)]


@pytest.fixture(scope="module")
def film(swaying, tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "a film né 2.mp4", swaying)


def test_crops_have_the_layout_of_the_data_set_and_the_template(film, tmp_path):
    record = crop_video(film, tmp_path)
    assert names(tmp_path) == ["a film né 2"] == list(record.people)
    assert numbers(tmp_path, "a film né 2") == list(range(1, 26))
    detector = load_detector()
    for number in (1, 13, 25):
        crop = read_crop(crop_path(tmp_path / "a film né 2", number, CropNaming()))
        assert crop.shape == (112, 112, 3)
        padded = cv2.copyMakeBorder(crop[..., ::-1], 60, 60, 60, 60, cv2.BORDER_CONSTANT)
        found = detector(padded).landmarks[0] - 60
        # A rendered face is not built as the average real one, so no similarity fits exactly.
        assert abs(found.mean(axis=0) - TEMPLATE.mean(axis=0)).max() < 3
        assert abs(found - TEMPLATE).max() < 12


def test_the_table_has_a_row_for_every_frame(film, tmp_path):
    crop_video(film, tmp_path)
    rows = table(tmp_path, "a film né 2")
    assert tuple(rows) == COLUMNS
    assert rows["frame"].tolist() == list(range(1, 26)) and (rows["person"] == "a film né 2").all()
    np.testing.assert_allclose(rows["time_s"], np.arange(25) / 25, atol=1e-3)
    assert (rows["confidence"] > 0.8).all() and (rows["inside"] == 1).all()
    _, _, landmarks = landmarks_of(rows, "a film né 2")
    sway = landmarks.mean(axis=(1, 2)) * 2
    assert np.corrcoef(sway, np.sin(np.arange(25) / 4))[0, 1] > 0.95


def test_smoothing_steadies_the_crops(film, tmp_path):
    motion = []
    for number, seconds in enumerate((0.0, 0.1)):
        crop_video(film, tmp_path / str(number), CropSettings(smoothing=seconds))
        crops = [
            read_crop(crop_path(tmp_path / str(number) / "a film né 2", n, CropNaming()), True)
            for n in range(1, 26)
        ]
        motion.append(np.abs(np.diff(np.array(crops, float), axis=0)).mean())
    assert motion[1] < 0.7 * motion[0]


def test_two_people_and_frames_without_anybody(tmp_path):
    frames = [scene([Person(1, 80, 120, 90), Person(2, 240, 120, 70)])] * 15 + [scene([])] * 5
    video = write_film(tmp_path / "two.mkv", frames)
    record = crop_video(video, tmp_path / "all", ALL)
    assert set(record.people) == {"two_left", "two_right"} and record.frames == 20
    for name in record.people:
        assert numbers(tmp_path / "all", name) == list(range(1, 16))
    rows = table(tmp_path / "all", "two")
    assert rows.groupby("frame").size().tolist() == [2] * 15 + [1] * 5
    assert rows["person"].isna().sum() == 5 and rows.loc[rows["frame"] > 15, "confidence"].isna().all()
    left, right = (rows[rows["person"] == f"two_{side}"]["left"].mean() for side in ("left", "right"))
    assert left + 100 < right
    assert crop_video(video, tmp_path / "one").people == ("two",)
    assert table(tmp_path / "one", "two")["width"].mean() > 50


def test_a_cut_to_another_person_and_a_person_who_comes_back(tmp_path, caplog):
    one, other = [scene([Person(1, side=80)])] * 15, [scene([Person(4)], room=3)] * 20
    crop_video(write_film(tmp_path / "cut.mp4", one + other), tmp_path / "out")
    assert numbers(tmp_path / "out", "cut") == list(range(16, 36))
    away = one + [scene([])] * 20 + [scene([Person(1, 200, side=84)])] * 15
    crop_video(write_film(tmp_path / "away.mp4", away), tmp_path / "out")
    assert numbers(tmp_path / "out", "away") == [*range(1, 16), *range(36, 51)]


def test_a_video_without_a_face_has_a_table_and_no_crops(tmp_path):
    record = crop_video(write_film(tmp_path / "room.mp4", [scene([])] * 6), tmp_path / "out")
    assert record.people == () and names(tmp_path / "out") == []
    rows = table(tmp_path / "out", "room")
    assert rows["frame"].tolist() == list(range(1, 7)) and rows["person"].isna().all()


@pytest.mark.parametrize("said", [True, False])
def test_a_video_that_lies_on_its_side_is_set_upright(said, swaying, tmp_path):
    stored = [np.rot90(frame) for frame in swaying[:14]]
    video = write_film(tmp_path / "phone.mp4", stored)
    if said:
        turn_by_metadata(video, 1)
    record = crop_video(video, tmp_path / "out")
    assert record.size == (320, 240) and record.quarter_turns == (0 if said else 3)
    assert numbers(tmp_path / "out", "phone") == list(range(1, 15))


def test_a_large_video_gives_the_same_crops_as_a_small_one(tmp_path):
    """Frames of it are read reduced: they have far more pixels than crops need."""
    frame = scene([Person(2, 150, 110, 90)])
    small = [cv2.resize(frame, (640, 480), interpolation=cv2.INTER_CUBIC)] * 3
    large = [cv2.resize(frame, (1920, 1440), interpolation=cv2.INTER_CUBIC)] * 3
    crops = []
    for name, frames in (("small", small), ("large", large)):
        crop_video(write_film(tmp_path / f"{name}.mp4", frames, options={"crf": "8"}), tmp_path)
        crops.append(read_crop(crop_path(tmp_path / name, 2, CropNaming())).astype(float))
    assert abs(crops[0] - crops[1]).mean() < 4


def test_finished_crops_are_not_made_again_and_other_settings_replace_them(film, tmp_path):
    counts = []
    crop_video(film, tmp_path, on_frames=counts.append)
    assert sum(counts) == 50
    first = crop_path(tmp_path / "a film né 2", 1, CropNaming()).stat().st_mtime_ns
    crop_video(film, tmp_path, on_frames=counts.append)
    assert (
        sum(counts) == 50 and crop_path(tmp_path / "a film né 2", 1, CropNaming()).stat().st_mtime_ns == first
    )
    record = crop_video(film, tmp_path, CropSettings(smoothing=0.0), on_frames=counts.append)
    assert sum(counts) == 100 and record.seconds == 0
    shutil.rmtree(tmp_path / "a film né 2")
    crop_video(film, tmp_path, CropSettings(smoothing=0.0), on_frames=counts.append)
    assert sum(counts) == 150 and len(numbers(tmp_path, "a film né 2")) == 25


def test_people_of_earlier_settings_do_not_stay(tmp_path):
    frames = [scene([Person(1, 80, 120, 90), Person(2, 240, 120, 70)])] * 8
    video = write_film(tmp_path / "two.mp4", frames)
    crop_video(video, tmp_path / "out", ALL)
    crop_video(video, tmp_path / "out")
    assert names(tmp_path / "out") == ["two"]


def test_an_interruption_leaves_nothing_that_looks_finished(film, tmp_path):
    """In the second pass, while crops are written."""
    done = []

    def interrupt(frames: int) -> None:
        done.append(frames)
        if sum(done) == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crop_video(film, tmp_path, on_frames=interrupt)
    assert list(tmp_path.iterdir()) == []
    crop_video(film, tmp_path)
    # A process that is killed between two folders leaves a record that says so.
    record = tmp_path / "a film né 2.json"
    record.write_text(record.read_text().replace('"complete": true', '"complete": false'))
    counts = []
    crop_video(film, tmp_path, on_frames=counts.append)
    assert sum(counts) == 50 and json.loads(record.read_text())["complete"]


def test_crops_of_somebody_else_are_not_overwritten(film, tmp_path):
    (tmp_path / "a film né 2").mkdir()
    crop_path(tmp_path / "a film né 2", 1, CropNaming()).write_bytes(b"mine")
    with pytest.raises(InputError, match="expected no such folder, found one not made from a film"):
        crop_video(film, tmp_path)
    assert crop_path(tmp_path / "a film né 2", 1, CropNaming()).read_bytes() == b"mine"


def test_a_name_that_the_data_set_cannot_have_is_refused(film, tmp_path):
    video = shutil.copy(film, tmp_path / "one, two.mp4")
    with pytest.raises(InputError, match="holds a comma"):
        crop_video(tmp_path / "one, two.mp4", tmp_path / "out")
    assert video.exists()
