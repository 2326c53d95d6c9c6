import numpy as np
import pandas as pd
import pytest

from mimamo.evaluation.bootstrap import GroupSums
from mimamo.evaluation.ccc_sums import video_sums
from mimamo.evidence.run_choice import choose

PEOPLE, FRAMES = 24, 50
GROUPS = {f"p{number:02d}": f"p{number:02d}" for number in range(PEOPLE)}
FOLDS = {group: number % 4 for number, group in enumerate(GROUPS)}


def labels(seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).uniform(-1, 1, (PEOPLE * FRAMES, 2))
    table = pd.DataFrame(values, columns=["true_valence", "true_arousal"])
    return table.assign(name=np.repeat(list(GROUPS), FRAMES))


def predicted(seed: int, noise: float, bias: np.ndarray | float = 0.0) -> GroupSums:
    """Predictions with noise of frames and of people, the latter as large as the bias between people says."""
    truth, generator = labels(), np.random.default_rng(seed)
    of_people = np.repeat(generator.normal(0, 0.3, PEOPLE), FRAMES)
    columns = {
        name: truth[f"true_{name}"] + generator.normal(0, noise, len(truth)) + of_people + bias
        for name in ("valence", "arousal")
    }
    return GroupSums.of_names(*video_sums(truth.assign(**columns)), GROUPS)


def test_a_run_that_is_better_is_better_than_chance():
    runs = {"configured": [predicted(0, 0.8)], "worse": [predicted(1, 1.0)], "better": [predicted(2, 0.2)]}
    choice = choose(runs, FOLDS)
    assert (choice.best, choice.compared) == ("better", 3)
    assert choice.advantage > choice.by_chance_high > choice.by_chance > 0
    assert choice.probability < 0.01
    # It is best without any fold as well, so that nothing is lost by choosing.
    assert choice.nested["ccc_valence"] == pytest.approx(runs["better"][0].ccc(0))
    assert "+0." in choice.sentence() and "better, " in choice.sentence()


def test_the_best_of_many_equals_is_within_chance():
    """Twenty runs that differ by their noise alone: in most corpora of the kind the best is no surprise."""
    found = []
    for corpus in range(8):
        runs = {str(run): [predicted(100 * corpus + run, 0.5)] for run in range(20)}
        choice = choose(runs, FOLDS)
        found.append(choice.probability)
        assert choice.by_chance > 0.02
        assert choice.nested["ccc_valence"] + choice.nested["ccc_arousal"] <= 2 * choice.score
    assert np.mean(np.array(found) > 0.05) >= 0.7


def test_what_is_scored_is_never_chosen_on():
    """A run that is perfect for the people of one fold alone, and bad for others, is chosen for none."""
    bad, perfect, honest = predicted(1, 5.0), predicted(2, 0.0), predicted(3, 0.8)
    of_fold = np.array([FOLDS[group] == 0 for group in bad.groups])
    leak = GroupSums(bad.groups, np.where(of_fold[:, None, None], perfect.sums, bad.sums))
    nested = choose({"configured": [honest], "leak": [leak]}, FOLDS).nested
    assert nested["ccc_valence"] == pytest.approx(honest.ccc(0))
    assert nested["ccc_arousal"] == pytest.approx(honest.ccc(1))


def test_one_run_alone_is_compared_with_nothing():
    choice = choose({"configured": [predicted(0, 0.5)]}, FOLDS)
    assert choice.advantage == 0 and np.isnan([choice.by_chance, choice.probability]).all()
    assert "chance" not in choice.sentence() and "seem" not in choice.sentence()
    row = choice.as_row()
    assert row["nested_valence"] == pytest.approx(row["score"], abs=0.1) and "nested" not in row


def test_seeds_of_a_run_count_together():
    steady = [predicted(seed, 0.5) for seed in (0, 1)]
    choice = choose({"configured": steady, "lucky": [predicted(2, 0.3), predicted(3, 5.0)]}, FOLDS)
    assert choice.best == "configured"
    assert choice.score == pytest.approx(np.mean([one.ccc(i) for one in steady for i in (0, 1)]))


def test_runs_of_other_people_are_not_compared():
    other = predicted(1, 0.5)
    with pytest.raises(ValueError, match="the same names"):
        choose(
            {"configured": [predicted(0, 0.5)], "x": [GroupSums(other.groups[:-1], other.sums[:-1])]}, FOLDS
        )
