"""The five points of a face among the landmarks that a data set brings."""

import numpy as np
import pytest

from mimamo.own_data.landmarks import five_points
from support.imports import face_points, landmarks


def test_the_five_points_are_eyes_nose_and_mouth():
    points = face_points()
    assert np.allclose(five_points(np.array(landmarks(points))), points)
    # The centre of an eye is the mean of its six landmarks.
    marks = np.zeros((68, 2))
    marks[36:42, 0] = range(6)
    assert five_points(marks)[0].tolist() == [2.5, 0]


def test_one_place_is_no_face():
    with pytest.raises(ValueError, match="one place"):
        five_points(np.full((68, 2), 7.0))


@pytest.mark.parametrize("marks", [np.zeros((5, 2)), np.full((68, 2), np.nan)])
def test_other_landmarks_are_refused(marks):
    with pytest.raises(ValueError, match="68 pairs"):
        five_points(marks)
