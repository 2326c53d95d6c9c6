"""Which values are asked for, which folds end early, and the journal: with Optuna itself, and no training."""

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from mimamo.search.ranges import contains
from mimamo.search.study import STARTUP, FoldPruner, ask, record
from mimamo.search.trials import COMPLETE, FAILED, PRUNED, FoldOutcome, Trial
from support.paths import WORKFLOW

PARALLEL = 3


def told(number: int, parameters: dict) -> Trial:
    """Return a trial as if it had been trained: best at a dropout of 0.2 and the head none."""
    best = 0.6 - (parameters["network.dropout"] - 0.2) ** 2 + 0.2 * (parameters["network.head"] == "none")
    if number % 7 == 5:
        return Trial(number, parameters, (FoldOutcome(FAILED, (), "diverged"),) * 2)
    state = PRUNED if number % 4 == 3 else COMPLETE
    return Trial(number, parameters, (FoldOutcome(state, (best / 2, best)),) * 2)


def search(ranges, count, seed=0, trials=(), configured=None) -> list[Trial]:
    """Go on with a search until there are so many trials; at each, the last ones before it still run."""
    trials = list(trials)
    for number in range(len(trials), count):
        first = max(0, number - PARALLEL + 1)
        beside = [Trial(trial.number, trial.parameters) for trial in trials[first:]]
        parameters = ask(ranges, seed, number, trials[:first] + beside, configured or {})
        trials.append(told(number, parameters))
    return trials


def parameters_of(trials) -> list[dict]:
    return [dict(trial.parameters) for trial in trials]


def test_values_are_within_their_ranges_and_no_two_trials_are_the_same(ranges):
    trials = search(ranges, 24)
    for parameters in parameters_of(trials):
        assert parameters.keys() == ranges.keys()
        assert all(contains(form, parameters[key]) for key, form in ranges.items()), parameters
    assert all(parameters_of(trials).count(parameters) == 1 for parameters in parameters_of(trials))


def test_an_interrupted_search_goes_on_with_the_same_trials(ranges):
    whole = search(ranges, 24)
    for length in (1, 5, 13, 20):
        assert parameters_of(search(ranges, 24, trials=search(ranges, length))) == parameters_of(whole)
    assert parameters_of(search(ranges, 30)[:24]) == parameters_of(whole)
    assert parameters_of(search(ranges, 24, seed=1)) != parameters_of(whole)


def test_what_was_told_leads_to_better_values_than_chance(ranges):
    trials = search(ranges, 60)
    first, last = (
        [trial.parameters["network.head"] for trial in part] for part in (trials[:10], trials[-20:])
    )
    assert last.count("none") / 20 > 0.8 > first.count("none") / 10
    assert abs(sum(trial.parameters["network.dropout"] for trial in trials[-20:]) / 20 - 0.2) < 0.1


def test_the_first_trial_is_the_configured_one_as_far_as_it_is_within_the_ranges(ranges):
    configured = {"network.dropout": 0.5, "network.temporal_channels": [4, 4, 8]}
    first, second = search(ranges, 2, configured=configured)
    assert configured.items() <= first.parameters.items()
    assert first.parameters.keys() == ranges.keys() and second.parameters != first.parameters


def test_more_trials_than_values_are_told_of_and_do_not_hang(ranges, caplog):
    few = {"network.head": ranges["network.head"]}
    trials = [Trial(n, {"network.head": head}) for n, head in enumerate(("gru", "none"))]
    with caplog.at_level("WARNING"):
        assert ask(few, 0, 2, trials, {})["network.head"] in ("gru", "none")
    assert "Trial 2 has the values of an earlier one" in caplog.text


# Folds that end early.


def rows(*values: float) -> list[dict[str, float]]:
    return [{"stop_ccc_valence": value + 0.1, "stop_ccc_arousal": value - 0.1} for value in values]


def pruner(count: int = STARTUP + 3, share: float = 0.25, epochs: int = 3) -> FoldPruner:
    """Return a pruner with earlier curves from 0.1 upwards, which do not fall."""
    curves = [FoldOutcome(COMPLETE, (0.1 * n, 0.1 * n + 0.05, 0.1 * n + 0.1)) for n in range(1, count + 1)]
    ended = FoldOutcome(PRUNED, (-0.9,))
    trials = [Trial(n, {}, (ended, curve)) for n, curve in enumerate(curves)]
    return FoldPruner.of_trials(trials, 1, share, epochs)


def test_a_fold_ends_early_where_it_is_among_the_lowest_share():
    # The lowest quarter of 0.1, 0.2 … 0.8 is what lies below 0.275.
    assert pruner()(rows(0.27)) and not pruner()(rows(0.28))
    assert not pruner(share=0.1)(rows(0.27)) and pruner(share=0.6)(rows(0.4))
    assert pruner()(rows(0.05, 0.3)) and not pruner()(rows(0.05, 0.33))
    # Its best epoch counts, not its last.
    assert not pruner()(rows(0.34, 0.0))


def test_a_fold_is_not_ended_without_reason():
    assert not pruner(share=0)(rows(-1.0))
    assert not pruner(count=STARTUP - 1)(rows(-1.0)) and pruner(count=STARTUP)(rows(-1.0))
    # In the first third of its epochs, and by an epoch without a CCC or one that no other trial had.
    assert not pruner(epochs=6)(rows(-1.0)) and pruner(epochs=6)(rows(-1.0, -1.0))
    assert not pruner()(rows(math.nan)) and not pruner()([]) and not pruner()(rows(-1, -1, -1, -1))


def test_only_the_same_fold_of_trials_that_were_trained_to_their_end_is_compared():
    assert pruner().curves[0] == (0.1, pytest.approx(0.15), pytest.approx(0.2))
    ended = [Trial(n, {}, (FoldOutcome(PRUNED, (0.9,)), FoldOutcome(FAILED, ()))) for n in range(9)]
    for fold in range(2):
        assert FoldPruner.of_trials(ended, fold, 0.25, 3).curves == ()


# The journal.


def load(journal, name="one") -> optuna.Study:
    return optuna.load_study(study_name=name, storage=JournalStorage(JournalFileBackend(str(journal))))


def contents(study: optuna.Study) -> list:
    return [(t.number, t.state, t.params, t.values, t.intermediate_values) for t in study.trials]


def test_the_journal_follows_the_trials(ranges, tmp_path):
    trials, journal = search(ranges, 8), tmp_path / "search/journal.log"
    for number, trial in enumerate(trials):
        record(journal, "one", ranges, [Trial(t.number, t.parameters) for t in trials[: number + 1]])
        assert load(journal).trials[-1].state == TrialState.RUNNING
        record(journal, "one", ranges, trials[: number + 1])
        found = load(journal).trials[-1]
        assert found.number == number and found.state.is_finished()
        assert found.intermediate_values == trial.curve
    assert [t.value for t in load(journal).get_trials(states=[TrialState.COMPLETE])] == [
        trial.value for trial in trials if trial.state == COMPLETE
    ]
    assert load(journal).best_trial.number == max(
        (trial for trial in trials if trial.state == COMPLETE), key=lambda trial: trial.value
    ).number  # fmt: skip
    before = contents(load(journal))
    record(journal, "one", ranges, trials, anew=True)
    assert contents(load(journal)) == before
    # After a change of settings another study begins beside the first.
    record(journal, "two", ranges, trials[:1])
    assert len(load(journal, "two").trials) == 1 and contents(load(journal)) == before


def test_a_journal_that_does_not_agree_is_written_anew(ranges, tmp_path):
    trials, journal = search(ranges, 4), tmp_path / "journal.log"
    record(journal, "one", ranges, search(ranges, 4, seed=1))
    record(journal, "one", ranges, trials, anew=True)
    once = tmp_path / "once.log"
    record(once, "one", ranges, trials)
    assert contents(load(journal)) == contents(load(once))


def test_several_processes_may_tell_at_once(ranges, tmp_path):
    """As they do where folds of several trials end together; on a cluster by way of NFS."""
    trials, journal = search(ranges, 6), tmp_path / "journal.log"
    running = [Trial(trial.number, trial.parameters) for trial in trials]
    record(journal, "one", ranges, running)

    def tell(number: int) -> None:
        record(journal, "one", ranges, [*running[:number], trials[number]])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tell, range(6)))
    once = tmp_path / "once.log"
    record(once, "one", ranges, trials)
    assert contents(load(journal)) == contents(load(once))


def test_ranges_need_no_optuna_so_that_a_run_without_a_search_needs_none():
    code = "import sys, mimamo.search.ranges; print([m for m in ('optuna', 'torch') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert said.stdout.strip() == "[]", said.stderr
