import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mimamo.demo.face import Identity, Pose, draw, identity
from mimamo.demo.traces import PARTS


def test_people_have_a_gain_and_tempo_of_their_own():
    people = [identity(np.random.default_rng([0, number])) for number in range(20)]
    for trait in ("gain", "tempo"):
        values = [getattr(person, trait) for person in people]
        assert len(set(values)) == 20 and max(values) / min(values) > 1.1


def still(valence: float = 0.0, **moved) -> Pose:
    shifts = dict.fromkeys(PARTS, np.zeros(2)) | {part: np.array(shift) for part, shift in moved.items()}
    return Pose(valence, head=np.zeros(2), tilt=0.0, tremor=shifts, blink=0.0, light=1.0)


def face(person: Identity, pose: Pose) -> np.ndarray:
    return draw(person, pose, np.random.default_rng(0)).astype(float)


@pytest.fixture
def person() -> Identity:
    """Somebody before a camera without noise."""
    return replace(identity(np.random.default_rng([0, 3])), noise=0.0, glasses=False)


def test_valence_shows_at_mouth_brows_and_cheeks(person):
    changed = np.abs(face(person, still(0.8)) - face(person, still(-0.8))).mean(axis=-1)
    mouth, forehead = changed[75:100, 35:78], changed[:12]
    assert mouth.mean() > 10 and changed[35:48, 25:88].mean() > 2 and forehead.mean() < 0.5


def test_a_pose_has_no_arousal_beyond_its_movement():
    assert set(Pose.__dataclass_fields__) == {"valence", "head", "tilt", "tremor", "blink", "light", "talk"}


@pytest.mark.parametrize("shift", [(0.0, 1.3), (1.3, 0.0), (0.0, 0.5)])
def test_movement_is_drawn_in_pixels_of_the_crop(person, shift):
    """The picture of a moved eye is matched best by that of the still one moved just as far."""
    first = face(person, still())
    second = face(person, still(eyes=shift, left_brow=shift, right_brow=shift, skin=shift))

    def difference(share: float) -> float:
        move = np.array([[1, 0, share * shift[0]], [0, 1, share * shift[1]]])
        return np.square(cv2.warpAffine(first, move, (112, 112)) - second)[44:56, 28:48].sum()

    shares = np.arange(0, 2, 0.02)
    assert shares[np.argmin([difference(share) for share in shares])] == pytest.approx(1, abs=0.1)


def test_people_look_different():
    faces = [face(identity(np.random.default_rng([0, number])), still()) for number in range(6)]
    for first, second in itertools.combinations(faces, 2):
        assert np.abs(first - second).mean() > 8
