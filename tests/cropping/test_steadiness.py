"""What alignment takes out of a video, and what it must leave in: rendered, and of real people."""

import av
import cv2
import numpy as np
import pytest

from mimamo.cropping.alignment import reduction, similarities, warp
from mimamo.cropping.analysis import Analysis, analyse
from mimamo.cropping.detection import load_detector
from mimamo.cropping.people import choose_people
from mimamo.cropping.smoothing import SECONDS, smooth_track
from mimamo.demo.face import Pose, draw, identity
from mimamo.demo.traces import PARTS
from support.videos import Person, scene, write_film

#: Frames of each real video, and how many of them show a face.
REAL = {"woman_expressions": (472, 472), "man_smiling": (72, 72), "no_face": (95, 0)}


@pytest.fixture(scope="session")
def analysed(real_videos) -> dict[str, Analysis]:
    return {name: analyse(real_videos / f"{name}.mp4", threads=2) for name in REAL}


def colours(path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def pictures(path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def track(found: Analysis) -> tuple[np.ndarray, np.ndarray]:
    """The times and landmarks of the largest person."""
    rows = choose_people(found.detections, "film").tracks["film"]
    return found.detections.time[rows], found.detections.landmarks[rows]


def crops(frames, transforms: np.ndarray) -> np.ndarray:
    return np.array([warp(f, t, reduction(transforms)) for f, t in zip(frames, transforms, strict=True)])


def aligned(path, frames, seconds: float = SECONDS) -> np.ndarray:
    times, landmarks = track(analyse(path))
    return crops(frames, similarities(smooth_track(times, landmarks, seconds, 0.5)))


def residual(found: np.ndarray, times: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """By how many pixels of its crop a point (n, 2) that moves with the head strays about its mean place."""
    transforms = similarities(smooth_track(times, found, SECONDS, 0.5))
    places = np.einsum("nij,nj->ni", transforms[:, :, :2], truth) + transforms[:, :, 2]
    return np.hypot(*(places - places.mean(axis=0)).T)


def test_a_head_that_sways_sways_far_less_in_its_crops(tmp_path):
    """How far less depends on the detector, which places a face by where it lies between its cells."""
    sway = 3 * np.sin(np.pi * np.arange(50) / 25)
    frames = [scene([Person(2, 150 + x, 120, 112)]) for x in sway]
    times, landmarks = track(analyse(write_film(tmp_path / "sway.mp4", frames, options={"crf": "10"})))
    truth = np.stack([150 + sway, np.full(50, 120)], axis=1)
    assert np.median(residual(landmarks, times, truth)) < 0.5 * np.median(np.abs(sway))


@pytest.mark.parametrize("name", ["woman_expressions", "man_smiling"])
def test_a_sway_of_three_pixels_that_is_painted_into_real_video_is_removed(analysed, real_videos, name):
    """The crops of the painted video are those of the video itself, up to 0.3 pixel in most frames."""
    images, detector = colours(real_videos / f"{name}.mp4")[:72], load_detector()
    times, landmarks = (values[:72] for values in track(analysed[name]))
    sway = 3 * np.sin(np.pi * times)
    moved = []
    for image, x in zip(images, sway, strict=True):
        matrix = np.array([[1, 0, x], [0, 1, 0.0]])
        moved.append(cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))
    painted = np.array([detector(image).landmarks[0] for image in moved])
    head = landmarks.mean(axis=1)
    before, after = (
        similarities(smooth_track(times, points, SECONDS, 0.5)) for points in (landmarks, painted)
    )
    shifted = head + np.stack([sway, 0 * sway], axis=1)
    places = [
        np.einsum("nij,nj->ni", transforms[:, :, :2], points) + transforms[:, :, 2]
        for transforms, points in ((before, head), (after, shifted))
    ]
    assert np.median(np.hypot(*(places[1] - places[0]).T)) < 0.3


def test_a_smile_stays_in_the_crops(tmp_path):
    rng = np.random.default_rng(2)
    person, still = identity(rng), dict.fromkeys(PARTS, np.zeros(2))
    faces = [
        draw(person, Pose(v, np.zeros(2), 0.0, still, 0.0, 1.0), rng) for v in np.linspace(-0.9, 0.9, 25)
    ]
    frames = [np.full((240, 320, 3), 90, np.uint8) for _ in faces]
    for frame, face in zip(frames, faces, strict=True):
        frame[60:172, 100:212] = face[..., ::-1]
    greys = [cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(np.uint8) for frame in frames]
    found = aligned(write_film(tmp_path / "smile.mp4", frames, options={"crf": "10"}), greys).astype(float)
    mouth, before = (
        np.s_[80:104, 34:78],
        np.abs(greys[0][140:164, 134:178] - greys[-1][140:164, 134:178].astype(float)),
    )
    assert np.abs(found[0][mouth] - found[-1][mouth]).mean() > 0.6 * before.mean()


@pytest.mark.parametrize("name", REAL)
def test_real_faces_are_found_in_every_frame_that_has_one(analysed, name):
    frames, faces = REAL[name]
    found = analysed[name].detections
    assert len(found.times) == frames and len(np.unique(found.frame)) == faces
    tracks = choose_people(found, name, "all").tracks
    assert [len(rows) for rows in tracks.values()] == ([faces] if faces else [])


@pytest.mark.parametrize("name", ["woman_expressions", "man_smiling"])
def test_real_crops_tremble_little_more_than_those_of_a_fixed_box(analysed, real_videos, name):
    """Frame by frame the eyes jitter by more than half a pixel, and there is twice the motion."""
    from torch import from_numpy

    from mimamo.phase.differences import PhaseDifference
    from mimamo.phase.energy import energy_of
    from mimamo.phase.grey import grey48
    from mimamo.phase.steerable_pyramid import build_filters

    frames, phase = pictures(real_videos / f"{name}.mp4"), PhaseDifference(build_filters())
    times, landmarks = track(analysed[name])
    fixed = np.repeat(similarities(np.median(landmarks, axis=0)[None]), len(frames), axis=0)
    scale = np.hypot(*fixed[0, :, 0])

    def measured(points: np.ndarray, transforms: np.ndarray) -> tuple[float, float]:
        """Jitter of the eyes in pixels of the crop, and phase energy."""
        eyes = points[:, :2].mean(axis=1) * scale
        jitter = float(np.sqrt((np.diff(eyes, 2, axis=0) ** 2).sum(axis=1).mean() / 6))
        return jitter, energy_of([phase(from_numpy(grey48(list(crops(frames, transforms)))))[0].numpy()])

    box = measured(landmarks, fixed)[1]
    smooth = smooth_track(times, landmarks, SECONDS, 0.5)
    raw, steady = (measured(points, similarities(points)) for points in (landmarks, smooth))
    assert raw[0] > 0.5 and raw[1] > 1.7 * box
    assert steady[0] < 0.25 and steady[1] < 1.1 * box
