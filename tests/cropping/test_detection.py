import hashlib

import cv2
import numpy as np
import pytest

from mimamo.cropping.alignment import TEMPLATE
from mimamo.cropping.detection import find_faces, load_detector
from mimamo.cropping.weights import find_yunet
from mimamo.errors import InputError
from support.onnx_files import write_rectifier
from support.paths import REPO
from support.videos import Person, scene


@pytest.fixture(scope="module")
def detector():
    return load_detector()


def test_the_installed_weights_are_those_that_the_documentation_names():
    digest = hashlib.sha256(find_yunet().read_bytes()).hexdigest()
    assert f"`{digest}`" in (REPO / "docs/own-video.md").read_text()


def test_without_the_package_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setattr("mimamo.cropping.weights.YUNET_PACKAGE", "no_such_package")
    with pytest.raises(InputError, match=r"install it with .* --requirement requirements-detector\.txt"):
        load_detector()
    assert (REPO / "requirements-detector.txt").is_file()


@pytest.mark.parametrize("side", [50, 112, 200])
def test_faces_are_found_with_their_landmarks_from_left_to_right(detector, side):
    faces = detector(scene([Person(2, 150, 120, side)]))
    assert len(faces) == 1 and faces.confidence[0] > 0.8
    found = (faces.landmarks[0] - [150, 120]) * 112 / side + 55.5
    # A rendered face is not built as the average real one.
    assert abs(found - TEMPLATE).max() < 12
    assert abs(faces.boxes[0, :2] + faces.boxes[0, 2:] / 2 - [150, 120]).max() < 0.2 * side


def test_several_faces_and_none(detector):
    assert len(detector(scene([Person(1, 80, 80, 70), Person(2, 230, 120, 90)]))) == 2
    nobody = detector(scene([]))
    assert len(nobody) == 0 and nobody.landmarks.shape == (0, 5, 2)


def test_a_face_that_fills_the_frame_is_found_at_half_of_it():
    """With a detector that finds small faces only."""
    sides = []

    def small_only(image):
        sides.append(image.shape[:2])
        return load_detector()(image if image.shape[1] < 300 else np.zeros_like(image))

    faces = find_faces(small_only, scene([Person(2)]))
    assert sides == [(240, 320), (120, 160)]
    assert abs(faces.boxes[0, :2] + faces.boxes[0, 2:] / 2 - [160, 120]).max() < 15


def test_a_file_that_is_no_detector_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"gone\.onnx: expected a detector's ONNX file, found none"):
        load_detector(tmp_path / "gone.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    with pytest.raises(InputError, match=r"text\.onnx: expected the ONNX file of a YuNet or a RetinaFace"):
        load_detector(tmp_path / "text.onnx")


def test_another_network_is_refused_with_the_outputs_that_it_has(tmp_path):
    path = write_rectifier(tmp_path / "other.onnx")
    assert cv2.dnn.readNetFromONNX(str(path)).getUnconnectedOutLayersNames() == ("rectified",)
    with pytest.raises(InputError, match=r"found a file with other outputs \(rectified\); give another file"):
        load_detector(path)


def test_a_detector_given_by_path_is_used(tmp_path):
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(find_yunet().read_bytes())
    assert len(load_detector(copy)(scene())) == 1
    assert cv2.getNumThreads() >= 1
