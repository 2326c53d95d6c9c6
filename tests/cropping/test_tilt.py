"""Tilted heads: measured, and reported where the detector's landmarks are wrong."""

import cv2
import numpy as np
import pytest

from mimamo.corpus.videos import frames_of, open_video
from mimamo.cropping.crop import crop_video
from mimamo.cropping.detection import load_detector
from mimamo.cropping.tilt import measure_tilt
from support.videos import Person, scene, write_film


def first_frame(path) -> np.ndarray:
    """The first frame of a video, (height, width, 3)."""
    with open_video(path) as (container, stream):
        return next(frames_of(path, container, stream)).to_ndarray(format="bgr24")


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """A picture turned clockwise in a square that holds all of it."""
    height, width = picture.shape[:2]
    side = int(np.hypot(height, width))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    matrix[:, 2] += [(side - width) / 2, (side - height) / 2]
    return cv2.warpAffine(picture, matrix, (side, side))


@pytest.mark.parametrize("name", ["man_smiling", "woman_expressions"])
def test_the_tilt_of_real_heads_is_measured_where_landmarks_do_not_tell_it(name, real_videos):
    detector, picture = load_detector(), first_frame(real_videos / f"{name}.mp4")
    found = {}
    for degrees in (-60, -40, -20, 0, 20, 40, 60, 75):
        image = turned(picture, degrees)
        faces = detector(cv2.resize(image, (640, 640), interpolation=cv2.INTER_AREA)).scaled(
            image.shape[1] / 640, image.shape[0] / 640
        )
        found[degrees] = measure_tilt(detector, image, faces.boxes[np.argmax(faces.boxes[:, 2])])
    assert abs(found[0]) < 8
    assert max(abs(tilt - found[0] - degrees) for degrees, tilt in found.items()) < 13, found
    beyond = {degrees for degrees, tilt in found.items() if abs(tilt) > 33}
    assert {-60, 60, 75} <= beyond <= {-60, -40, 40, 60, 75}


def film(path, degrees: float):
    """A second of a person who sways with a tilted head."""
    return write_film(path, [scene([Person(2, 160 + n % 5, 120, 100, degrees)]) for n in range(15)])


@pytest.mark.parametrize("degrees", [0, 15])
def test_upright_heads_are_not_reported(degrees, tmp_path, caplog):
    crop_video(film(tmp_path / "film.mp4", degrees), tmp_path / "out")
    assert "tilted" not in caplog.text


@pytest.mark.parametrize("degrees", [-42, 42])
def test_a_head_that_is_tilted_further_than_the_detector_bears_is_reported(degrees, tmp_path, caplog):
    crop_video(film(tmp_path / "film.mp4", degrees), tmp_path / "out")
    (told,) = [record.message for record in caplog.records if record.name.endswith(".tilt")]
    assert told.startswith("film: in 12 of 12 frames looked at") and "landmarks are wrong above 30" in told


def test_without_a_face_there_is_no_tilt():
    assert measure_tilt(load_detector(), scene([]), np.array([100, 60, 80, 80])) is None
