import numpy as np

from mimamo.cropping.cuts import CutDetector, thumbnail
from support.videos import Person, scene


def shots(frames: list[np.ndarray]) -> list[int]:
    detector = CutDetector()
    return [detector.add(thumbnail(frame)) for frame in frames]


def test_another_room_is_a_cut_and_another_person_in_it_is_not():
    one, other = scene([Person(1)]), scene([Person(2)], room=3)
    assert shots([one, one, other, other, one]) == [0, 0, 1, 1, 2]
    assert shots([one, scene([Person(1, x=100)])]) == [0, 0]


def test_light_that_changes_and_a_moving_camera_are_no_cut():
    flash = [scene(light=light) for light in (1, 1, 0.4, 1, 0.2)]
    assert shots(flash) == [0] * 5
    panned = [np.roll(scene(), 10 * step, axis=1) for step in range(20)]
    assert shots(panned) == [0] * 20


def test_black_between_two_shots_is_a_shot_of_its_own():
    black = np.zeros_like(scene())
    assert shots([scene(), black, black, scene()]) == [0, 1, 1, 2]
