import numpy as np
import pytest

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import (
    COLUMNS,
    MIN_GROUPS,
    GroupSums,
    concordance_interval,
    difference_columns,
    difference_interval,
    score_columns,
)
from mimamo.evaluation.ccc_sums import concordance_from_sums
from support.tables import joined_table


def corpus(generator, groups, frames=40):
    """Moments of people who differ in level, and in how well they are predicted."""
    level, bias = generator.normal(0, 0.3, (groups, 1)), generator.normal(0, 0.15, (groups, 1))
    scale = generator.normal(0.7, 0.15, (groups, 1))
    x = level + generator.normal(0, 0.25, (groups, frames))
    y = scale * x + bias + generator.normal(0, 0.15, (groups, frames))
    parts = (np.full(groups, frames), x.sum(1), y.sum(1), (x * x).sum(1), (y * y).sum(1), (x * y).sum(1))
    return np.stack(parts, axis=1)


@pytest.mark.parametrize("groups", [20, 60])
def test_interval_holds_the_true_value_about_as_often_as_it_says(groups):
    generator = np.random.default_rng(5)
    true = concordance_from_sums(corpus(generator, 100_000).sum(axis=0))
    hits = []
    for _ in range(150):
        low, high = concordance_interval(corpus(generator, groups))
        hits.append(low <= true <= high)
    # 95 of 100, with a standard error of 2.
    assert 0.88 <= np.mean(hits) <= 0.995


def test_drawing_frames_instead_of_people_would_be_far_too_sure():
    """The reason for drawing people: what the test above would see."""
    moments = corpus(np.random.default_rng(5), 12)
    low, high = concordance_interval(moments)
    halves = np.repeat(moments / 20, 20, axis=0)
    narrow_low, narrow_high = concordance_interval(halves)
    assert high - low > 2 * (narrow_high - narrow_low)


def test_interval_is_the_same_each_time():
    moments = corpus(np.random.default_rng(1), 8)
    assert concordance_interval(moments) == concordance_interval(moments)


def test_paired_difference_is_surer_than_two_intervals():
    generator = np.random.default_rng(2)
    frames = 60
    names = np.repeat([f"n{number:02d}" for number in range(20)], frames)
    hard = np.repeat(generator.uniform(0, 1.2, 20), frames)[:, None]
    truth = generator.uniform(-1, 1, (len(names), 2))
    good = truth + hard * generator.normal(0, 0.5, truth.shape)
    worse = good + generator.normal(0, 0.2, truth.shape)
    groups = {name: name for name in names}
    sums = [GroupSums.of_frames(joined_table(truth, guess, names), groups) for guess in (good, worse)]
    better, base = map(score_columns, sums)
    found = difference_columns(*sums)
    for dimension in DIMENSIONS:
        difference = f"difference_{dimension}"
        assert found[difference] == pytest.approx(better[f"ccc_{dimension}"] - base[f"ccc_{dimension}"])
        assert 0 < found[f"{difference}_low"] < found[difference] < found[f"{difference}_high"]
        wide = better[f"ccc_{dimension}_high"] - better[f"ccc_{dimension}_low"]
        assert found[f"{difference}_high"] - found[f"{difference}_low"] < wide / 2


def test_nothing_differs_from_itself():
    moments = corpus(np.random.default_rng(3), 10)
    assert difference_interval(moments, moments) == (0, 0)


def test_names_of_one_person_are_drawn_together():
    generator = np.random.default_rng(4)
    names = np.repeat([f"n{number}" for number in range(12)], 30)
    level = np.repeat(np.repeat(generator.normal(0, 0.5, 6), 2), 30)[:, None]
    truth = generator.normal(0, 0.2, (360, 2)) + level
    joined = joined_table(truth, truth - 0.8 * level, names)
    alone = score_columns(GroupSums.of_frames(joined, {name: name for name in names}))
    people = {f"n{number}": f"p{number // 2}" for number in range(12)}
    pairs = score_columns(GroupSums.of_frames(joined, people))
    assert alone["ccc_valence"] == pytest.approx(pairs["ccc_valence"])
    width = {
        key: found["ccc_valence_high"] - found["ccc_valence_low"]
        for key, found in (("a", alone), ("p", pairs))
    }
    assert width["p"] > 1.2 * width["a"]


def test_too_few_people_have_no_interval():
    joined = joined_table(np.random.default_rng(0).uniform(-1, 1, (80, 2)), np.full((80, 2), 0.1), ["a"] * 80)
    found = score_columns(GroupSums.of_frames(joined, {"a": "a"}))
    assert list(found) == list(COLUMNS)
    assert found["ccc_valence"] == 0 and np.isnan(found["ccc_valence_low"])
    moments = corpus(np.random.default_rng(0), MIN_GROUPS)
    assert np.isfinite(concordance_interval(moments)).all()
    assert np.isnan(concordance_interval(moments[1:])).all()
