"""A face's crop by its landmarks."""

import numpy as np
import pytest

from mimamo.own_data.alignment import SIDE, TEMPLATE, align_face, five_points, is_inside, similarity
from support.imports import face_points, landmarks, picture_of


def test_the_five_points_are_eyes_nose_and_mouth():
    points = face_points()
    assert np.allclose(five_points(np.array(landmarks(points))), points)
    # The centre of an eye is the mean of its six landmarks.
    marks = np.zeros((68, 2))
    marks[36:42, 0] = range(6)
    assert five_points(marks)[0].tolist() == [2.5, 0]


@pytest.mark.parametrize("angle", [-2.5, 0.0, 0.4])
@pytest.mark.parametrize("scale", [0.2, 1.0, 7.0])
def test_a_known_motion_is_undone(scale, angle):
    points = face_points(scale, angle, shift=-20 + 300j)
    back = similarity(points) @ np.column_stack([points, np.ones(5)]).T
    assert np.allclose(back.T, TEMPLATE)


def test_of_points_that_fit_no_similarity_the_squares_are_least():
    points = face_points() + np.random.default_rng(0).normal(0, 3, (5, 2))

    def loss(matrix):
        return (((matrix @ np.column_stack([points, np.ones(5)]).T).T - TEMPLATE) ** 2).sum()

    best = similarity(points)
    for place in np.ndindex(best.shape):
        # A step that keeps it a similarity.
        step = np.zeros((2, 3))
        step[place] = 1e-3
        if place[1] < 2:
            row, column = place
            step[1 - row, 1 - column] = 1e-3 if row == column else -1e-3
        assert loss(best + step) > loss(best) < loss(best - step)


def test_one_place_is_no_face():
    with pytest.raises(ValueError, match="one place"):
        similarity(np.full((5, 2), 7.0))


@pytest.mark.parametrize(("scale", "size"), [(1.0, (200, 220)), (1.7, (300, 330)), (6.0, (1000, 1100))])
def test_the_points_of_a_picture_come_where_the_template_has_them(scale, size):
    points = face_points(scale, angle=0.3, shift=60 + 40j)
    crop = align_face(picture_of(points, size), points)
    assert crop.shape == (SIDE, SIDE, 3) and crop.dtype == np.uint8
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for x, y in TEMPLATE:
        weight = np.where(np.hypot(columns - x, rows - y) < 6, crop[..., 0].astype(float) - 40, 0).clip(0)
        centre = (weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()
        assert centre == pytest.approx((x, y), abs=0.6)


def test_a_much_too_large_face_is_averaged_and_not_sampled():
    points = face_points(8.0, angle=0.0, shift=0)
    stripes = np.zeros((1000, 1000, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = align_face(stripes, points)[10:100, 10:100]
    assert np.abs(crop.astype(int) - 127).max() < 12


def test_a_crop_beyond_the_edge_is_known_and_black_there():
    inside, beyond = face_points(shift=60 + 60j), face_points(angle=0, shift=-30)
    assert is_inside(inside, 220, 200) and not is_inside(beyond, 220, 200)
    crop = align_face(np.full((200, 220, 3), 200, np.uint8), beyond)
    assert crop[:, :28].max() == 0 and crop[:, 32:].min() == 200
