"""Who is who, by boxes alone."""

import numpy as np

from mimamo.cropping.people import choose_people
from mimamo.cropping.tracks import Detections, follow, overlap, sides, split_short

RATE = 25


def detections(*people: dict[int, tuple[float, float, float]], frames: int = 100, cuts=()) -> Detections:
    """Faces of people, each given by the middle and the side of the box in each frame where it is seen."""
    rows = sorted((frame, i, *box) for i, person in enumerate(people) for frame, box in person.items())
    table = np.array([row[2:] for row in rows], float).reshape(-1, 3)
    boxes = np.column_stack([table[:, :2] - table[:, 2:] / 2, table[:, 2], table[:, 2]])
    shots = np.searchsorted(np.asarray(cuts, int), np.arange(1, frames + 1), side="right")
    return Detections(
        np.arange(frames) / RATE,
        shots,
        np.array([row[0] for row in rows], np.int64),
        boxes,
        np.zeros((len(rows), 5, 2)),
        np.ones(len(rows)),
    )


def paths(found: Detections, tracks) -> list[list[int]]:
    """The frames of each track."""
    return [found.frame[rows].tolist() for rows in tracks]


def test_overlap_is_intersection_over_union():
    box, others = np.array([0, 0, 2, 2.0]), np.array([[0, 0, 2, 2], [1, 0, 2, 2], [5, 5, 1, 1.0]])
    np.testing.assert_allclose(overlap(box, others), [1, 1 / 3, 0])


def test_two_people_who_pass_each_other_keep_their_tracks():
    """Seen from above their boxes cover each other; only where they were going tells them apart."""
    one = {f: (50 + 4 * f, 100, 60) for f in range(1, 101)}
    other = {f: (450 - 4 * f, 115, 66) for f in range(1, 101)}
    found = detections(one, other)
    tracks = follow(found)
    assert paths(found, tracks) == [list(range(1, 101))] * 2
    for rows in tracks:
        assert len(set(found.boxes[rows, 2])) == 1
    assert sides(found, *tracks) is None


def test_missed_detections_do_not_end_a_track():
    person = {f: (100, 100, 50) for f in range(1, 101) if f % 10 > 3}
    found = detections(person)
    assert paths(found, follow(found)) == [sorted(person)]


def test_a_cut_ends_every_track_even_where_the_boxes_agree():
    person = {f: (100, 100, 50) for f in range(1, 101)}
    found = detections(person, cuts=[41])
    assert paths(found, follow(found)) == [list(range(1, 41)), list(range(41, 101))]


def test_who_leaves_and_comes_back_is_the_same_person():
    person = {f: (100, 100, 50) for f in range(1, 31)} | {f: (300, 90, 55) for f in range(90, 101)}
    found = detections(person)
    assert paths(found, follow(found)) == [sorted(person)]
    # But not after a cut, after a long time, or as somebody much larger.
    for change in ({"cuts": [50]}, {"frames": 400}):
        later = {f + 200 * ("frames" in change) * (f > 30): box for f, box in person.items()}
        assert len(follow(detections(later, **change))) == 2
    larger = {f: (300, 90, 120) if f > 30 else box for f, box in person.items()}
    assert len(follow(detections(larger))) == 2


def test_people_whom_the_camera_passes_are_not_the_one_who_left():
    one = {f: (130 - 4 * f, 100, 50) for f in range(1, 31)}
    # Who walks back in where the other one left is the same again.
    for place, step, people in ((320, -4, 2), (10, 4, 1)):
        other = {f: (place + step * (f - 40), 100, 50) for f in range(40, 71)}
        assert len(follow(detections(one, other))) == people


def test_where_either_of_two_may_be_back_nobody_is_taken_to_be():
    people = [{f: (x, 100, 50) for f in range(1, 31)} for x in (100, 300)]
    back = {f: (200, 100, 50) for f in range(90, 101)}
    assert len(follow(detections(*people, back))) == 3


def test_short_tracks_are_dropped_unless_the_video_is_short():
    long, short = {f: (100, 100, 50) for f in range(1, 101)}, {f: (300, 100, 80) for f in range(40, 46)}
    found = detections(long, short)
    kept, dropped = split_short(found, follow(found))
    assert paths(found, kept) == [list(range(1, 101))] and dropped == 1
    only = detections({f: (100, 100, 50) for f in (1, 2, 3)}, frames=4)
    assert len(split_short(only, follow(only))[0]) == 1
    nobody = detections(frames=10)
    assert split_short(nobody, follow(nobody)) == ([], 0)


def test_people_are_named_as_the_data_set_names_them():
    left = {f: (100, 100, 50) for f in range(1, 101)}
    right = {f: (300, 100, 60) for f in range(1, 101)}
    found = detections(left, right)
    assert list(choose_people(found, "film", "all").tracks) == ["film_right", "film_left"]
    largest = choose_people(found, "film")
    assert list(largest.tracks) == ["film"] and largest.left_out == 1
    assert set(found.boxes[largest.tracks["film"], 2]) == {60}
    after = {f: (300, 100, 40) for f in range(50, 101)}
    before = {f: (300, 100, 50) for f in range(1, 50)}
    several = choose_people(detections(left, before, after, cuts=[50]), "film", "all")
    assert list(several.tracks) == ["film_1", "film_2", "film_3", "film_4"]
    apart = choose_people(detections(before, after, cuts=[50]), "film", "all")
    assert list(apart.tracks) == ["film_1", "film_2"]
    assert list(choose_people(detections(left), "film", "all").tracks) == ["film"]
    assert choose_people(detections(), "film", "all").tracks == {}
