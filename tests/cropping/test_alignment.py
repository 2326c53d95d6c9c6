import cv2
import numpy as np
import pytest

from mimamo.cropping.alignment import SIZE, TEMPLATE, reduction, share_inside, similarities, warp
from mimamo.cropping.crop import scaled


def moved(scale: float, degrees: float, x: float, y: float) -> np.ndarray:
    """The template as landmarks of a face in a picture."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * TEMPLATE @ turn.T + [x, y]


@pytest.mark.parametrize("place", [(1, 0, 0, 0), (2.5, 0, 40, 7), (0.7, 25, -3, 60), (4, -170, 300, 200)])
def test_the_transform_takes_landmarks_to_the_template(place):
    landmarks = moved(*place)
    matrix = similarities(landmarks[None])[0]
    np.testing.assert_allclose(landmarks @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-9)


def test_it_is_the_similarity_of_least_squares_without_shear_or_reflection():
    landmarks = moved(2, 10, 30, 40) + np.random.default_rng(0).normal(0, 4, (5, 2))
    matrix = similarities(landmarks[None])[0]
    linear = matrix[:, :2]
    np.testing.assert_allclose(linear @ linear.T, np.linalg.det(linear) * np.eye(2), atol=1e-12)
    assert np.linalg.det(linear) > 0

    def error(change: np.ndarray) -> float:
        a, b, x, y = change + np.array([matrix[0, 0], matrix[1, 0], *matrix[:, 2]])
        found = landmarks @ np.array([[a, -b], [b, a]]).T + [x, y]
        return float(((found - TEMPLATE) ** 2).sum())

    least = error(np.zeros(4))
    for direction in np.eye(4):
        for step in (1e-3, -1e-3):
            assert error(step * direction) > least
    # A mirrored face is not mirrored back: the best similarity leaves it far from the template.
    mirrored = similarities((TEMPLATE * [-1, 1])[None])[0]
    assert np.linalg.det(mirrored[:, :2]) > 0


@pytest.mark.parametrize("scale", [1, 2, 3.2, 5])
def test_a_crop_is_cut_where_the_landmarks_are(scale):
    landmarks = moved(scale, 12, 60, 40)
    picture = np.zeros((700, 800), np.uint8)
    for x, y in landmarks:
        cv2.circle(picture, (round(x * 256), round(y * 256)), round(4 * scale * 256), 255, -1, cv2.LINE_AA, 8)
    transforms = similarities(landmarks[None])
    assert reduction(transforms) == round(scale)
    crop = warp(picture, transforms[0], reduction(transforms)).astype(float)
    for point in TEMPLATE:
        x, y = np.round(point).astype(int)
        piece = crop[y - 8 : y + 9, x - 8 : x + 9]
        weights = np.array([piece.sum(axis=0), piece.sum(axis=1)])
        middle = (weights * np.arange(-8, 9)).sum(axis=1) / piece.sum()
        np.testing.assert_allclose(np.array([x, y]) + middle, point, atol=0.12)


def test_a_large_face_does_not_alias():
    """Lines as fine as two pixels are grey at a sixth of the size, and not a pattern."""
    picture = np.zeros((800, 800), np.uint8)
    picture[:, ::2] = 255
    transform = np.array([[1 / 6.1, 0, 0], [0, 1 / 6.1, 0]])
    inside = slice(1, -1), slice(1, -1)
    assert warp(picture, transform, reduction(transform[None]))[inside].std() < 6
    assert warp(picture, transform)[inside].std() > 30


def test_transforms_of_a_reduced_frame_cut_the_same_crop():
    rng = np.random.default_rng(0)
    fine = cv2.GaussianBlur(rng.uniform(0, 255, (480, 640)).astype(np.float32), (0, 0), 6)
    fine = np.clip((fine - 128) * 8 + 128, 0, 255).astype(np.uint8)
    transforms = similarities(moved(4, 5, 50, 30)[None])
    reduced = cv2.resize(fine, (320, 240), interpolation=cv2.INTER_AREA)
    one = warp(fine, transforms[0], 4).astype(float)
    other = warp(reduced, scaled(transforms, 2)[0], 2)
    assert one.std() > 20 and abs(one - other).mean() < 1.0


def test_the_share_inside_the_picture():
    inside, half = moved(1, 0, 10, 10), moved(1, 0, -SIZE / 2, 10)
    assert share_inside(similarities(np.stack([inside, half])), (200, 200)).tolist() == [1.0, 0.5]
