"""Who of the people in a video has which role: left, right, largest, other."""

import numpy as np
import pytest

from mimamo.cropping.people import people_by_role
from mimamo.cropping.tracks import Detections

FRAMES, WIDTH = 20, 400
ROLES = ("largest", "left", "right", "other")


def detections(*people: tuple[float, float, range]) -> Detections:
    """People who stay where they are: the middle of the face, its side, and the frames that show it."""
    rows = sorted((frame, x, side) for x, side, frames in people for frame in frames)
    boxes = np.array([(x - side / 2, 50, side, side) for _, x, side in rows]).reshape(-1, 4)
    times, shots = np.arange(FRAMES) / 25, np.zeros(FRAMES, np.int64)
    frame = np.array([frame for frame, _, _ in rows], np.int64)
    return Detections(times, shots, frame, boxes, np.zeros((len(rows), 5, 2)), np.ones(len(rows)))


def middles(found: Detections) -> dict[str, float | str]:
    """Where the person of every role is, or why there is none."""
    people = people_by_role(found, ROLES, WIDTH)
    return {
        role: rows
        if isinstance(rows, str)
        else float((found.boxes[rows, 0] + found.boxes[rows, 2] / 2).mean())
        for role, rows in people.items()
    }


ALL = range(1, FRAMES + 1)


def test_two_people_beside_each_other():
    found = middles(detections((300, 90, ALL), (100, 60, ALL)))
    assert (found["largest"], found["left"], found["right"]) == (300, 100, 300)
    assert found["other"] == "nobody besides the two people on the left and right"


def test_the_two_largest_of_three_are_left_and_right():
    found = middles(detections((40, 50, ALL), (200, 70, ALL), (330, 90, ALL)))
    assert found == {"largest": 330, "left": 200, "right": 330, "other": 40}


@pytest.mark.parametrize(("x", "side", "nobody"), [(120, "left", "right"), (250, "right", "left")])
def test_somebody_alone_is_on_the_side_of_the_half_of_the_picture(x, side, nobody):
    found = middles(detections((x, 80, ALL)))
    assert (found["largest"], found[side]) == (x, x)
    assert found[nobody] == f"one person alone, who is in the {side} half of the picture"


def test_people_who_are_never_seen_together_have_no_side():
    found = middles(detections((100, 80, range(1, 11)), (300, 40, range(11, 21))))
    assert found["largest"] == 100
    assert found["left"] == found["right"] == "no two people who are seen together and stay on their sides"


def test_nobody_at_all():
    assert set(middles(detections()).values()) == {"no face that stays for long enough"}
