import itertools

import numpy as np
import pytest

from mimamo.demo import traces as traces_module
from mimamo.demo.cast import CAST
from mimamo.demo.traces import LARGEST_MOVEMENT, PARTS, Traces, traces, tremor
from support.demo import DEFAULT, course_of


@pytest.fixture(scope="module")
def courses():
    """The traces of the whole corpus at its default length."""
    return {clip.name: course_of(clip, DEFAULT) for clip in CAST}


@pytest.fixture(scope="module")
def many():
    """Traces of many more clips than the corpus has, to see chance correlations vanish."""
    return [traces(np.random.default_rng(seed), DEFAULT, 0.9, 1.0) for seed in range(150)]


def test_labels_are_in_range_and_fill_it(courses):
    for name, course in courses.items():
        for trace in (course.valence, course.arousal):
            assert np.isfinite(trace).all() and np.abs(trace).max() <= 1, name
            assert np.array_equal(trace, np.round(trace, 3))
            assert len(trace) < 60 or np.ptp(trace) > 0.8, name


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_valence_and_arousal_are_not_correlated(seed):
    courses = [course_of(clip, DEFAULT, seed) for clip in CAST]
    valence = np.concatenate([course.valence for course in courses])
    arousal = np.concatenate([course.arousal for course in courses])
    assert abs(np.corrcoef(valence, arousal)[0, 1]) < 0.1


def test_labels_swing_several_times_in_every_clip(courses):
    counts = {"valence": [], "arousal": []}
    for clip in (clip for clip in CAST if clip.crops == "all"):
        for dimension, found in counts.items():
            trace = getattr(courses[clip.name], dimension)
            found.append(sum(1 for _ in itertools.groupby(trace > trace.mean())) - 1)
            assert found[-1] >= 2, (clip.name, dimension)
    assert min(np.mean(found) for found in counts.values()) >= 4


def test_labels_are_smooth(courses):
    for course in courses.values():
        for trace in (course.valence, course.arousal):
            assert np.abs(np.diff(trace)).max() < 0.2


def reach(course: Traces) -> np.ndarray:
    """How far each part is from its place: (frames, parts) pixels."""
    return np.linalg.norm(course.tremor, axis=-1)


def test_movement_never_exceeds_its_bound():
    assert LARGEST_MOVEMENT <= 1.3
    for seed in range(20):
        rng = np.random.default_rng(seed)
        arousal = np.clip(rng.normal(0, 1, 300), -1, 1)
        moved = np.linalg.norm(tremor(rng, arousal, gain=rng.uniform(0.5, 2), tempo=1.0), axis=-1)
        assert moved.max() <= 1.3 + 1e-9


def test_movement_grows_with_arousal_for_everybody(courses):
    for name, course in courses.items():
        if len(course.arousal) < 100:
            continue
        calm, stirred = (
            reach(course)[mask].mean()
            for mask in (course.arousal < np.quantile(course.arousal, 0.3),
                         course.arousal > np.quantile(course.arousal, 0.7))
        )  # fmt: skip
        assert stirred > 1.5 * calm, name


def test_tempo_rises_with_arousal():
    """Counted as changes of direction, of a person who is calm or stirred throughout."""
    turns = []
    for arousal in (-0.8, 0.0, 0.8):
        moved = tremor(np.random.default_rng(0), np.full(600, arousal), 0.9, 1.0)[..., 1]
        turns.append((np.diff(np.sign(np.diff(moved, axis=0)), axis=0) != 0).mean())
    assert turns[0] < 0.8 * turns[1] and turns[1] < 0.9 * turns[2]


def test_parts_move_apart(courses):
    """What moves the whole face alike is lost with the spatial mean of the phase differences."""
    for name in ("144", "video58"):
        across = np.corrcoef(courses[name].tremor[..., 1].T)
        assert across.shape == (len(PARTS), len(PARTS))
        assert np.abs(across[np.triu_indices(len(PARTS), 1)]).mean() < 0.4


def test_movement_has_no_mean_at_any_arousal(many):
    """So that the place of a part in a single frame leans neither way."""
    moved = np.concatenate([course.tremor for course in many])
    arousal = np.concatenate([course.arousal for course in many])
    for mask in (arousal > 0.5, arousal < -0.5):
        assert mask.sum() > 5000 and np.abs(moved[mask].mean(axis=0)).max() < 0.03
    flat = moved.reshape(len(moved), -1)
    assert max(abs(np.corrcoef(column, arousal)[0, 1]) for column in flat.T) < 0.02


def test_blinks_drift_and_light_do_not_depend_on_arousal(monkeypatch):
    """Whatever the arousal is, they are the same; the tremor alone is not."""
    first = traces(np.random.default_rng(5), DEFAULT, 0.9, 1.0)
    drawn = traces_module.labels

    def turned(*arguments):
        valence, arousal = drawn(*arguments)
        return valence, -arousal

    monkeypatch.setattr(traces_module, "labels", turned)
    second = traces(np.random.default_rng(5), DEFAULT, 0.9, 1.0)
    assert np.array_equal(first.arousal, -second.arousal)
    for name in ("valence", "head", "tilt", "blink", "light", "talk"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert not np.allclose(first.tremor, second.tremor)


def test_blinks_drift_and_light_are_not_correlated_with_arousal(many):
    arousal = np.concatenate([course.arousal for course in many])
    for name in ("head", "tilt", "blink", "light"):
        columns = np.concatenate([getattr(course, name) for course in many]).reshape(len(arousal), -1).T
        assert all(abs(np.corrcoef(column, arousal)[0, 1]) < 0.1 for column in columns), name
        assert all(column.std() > 0 for column in columns), name


def test_drift_is_slow(courses):
    """Slower than the tremor by far: what moves fast is arousal."""
    for course in courses.values():
        assert np.abs(np.diff(course.head, axis=0)).max(initial=0) < 0.3
        assert np.abs(np.diff(course.light)).max(initial=0) < 0.01


def test_talking_moves_the_mouth_as_much_as_valence_and_tells_nothing_of_it(many):
    for course in many:
        assert abs(np.corrcoef(course.talk, course.valence)[0, 1]) < 0.3
    talk, valence = (np.concatenate([getattr(c, name) for c in many]) for name in ("talk", "valence"))
    assert abs(np.corrcoef(talk, valence)[0, 1]) < 0.05 and talk.std() > 0.8 * valence.std()
