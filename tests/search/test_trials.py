"""What a trial comes to by the histories of its folds, and its files."""

import math

import pandas as pd
import pytest

from mimamo.search.trials import (
    COMPLETE,
    FAILED,
    PRUNED,
    RUNNING,
    FoldOutcome,
    Trial,
    join_folds,
    read_trial,
    write_outcome,
    write_parameters,
    write_result,
)
from mimamo.storage.files import write_csv
from mimamo.training.history import COLUMNS
from support.tables import change

PARAMETERS = {"network.dropout": 0.25, "network.temporal_channels": [4, 4, 8]}


def outcome(*curve: float, state: str = COMPLETE) -> FoldOutcome:
    return FoldOutcome(state, curve)


def test_value_is_the_mean_of_the_folds_best_epochs():
    trial = Trial(3, PARAMETERS, (outcome(0.1, 0.4, 0.3), outcome(math.nan, 0.2)))
    assert trial.state == COMPLETE and trial.value == pytest.approx(0.3)
    # Of the first epoch one fold has none, and the third is of one fold alone.
    assert trial.curve == {2: pytest.approx(0.3)}


def test_state_is_that_of_most_folds_and_failed_where_any_failed():
    low, high = outcome(0.1, state=PRUNED), outcome(0.5)
    assert Trial(0, PARAMETERS).state == RUNNING
    assert Trial(0, PARAMETERS, (low, high)).state == COMPLETE
    assert Trial(0, PARAMETERS, (low, high, low)).state == PRUNED
    failed = Trial(0, PARAMETERS, (high, high, outcome(state=FAILED)))
    assert failed.state == FAILED and math.isnan(failed.value) and failed.curve == {}


def write_history(folder, valence, arousal):
    """Write a history in which all other columns would lead astray."""
    rows = [dict.fromkeys(COLUMNS, 0.99) for _ in valence]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).assign(epoch=range(1, len(rows) + 1))
    write_csv(table.assign(stop_ccc_valence=valence, stop_ccc_arousal=arousal), folder / "history.csv")


def test_folds_are_joined_by_the_stop_columns_of_their_histories_and_kept(tmp_path):
    write_parameters(7, PARAMETERS, tmp_path / "parameters.json")
    for fold, (valence, arousal, state, note) in enumerate([
        ([0.2, 0.6], [0.4, 0.2], COMPLETE, ""), ([math.nan, 0.1], [0.3, 0.3], PRUNED, ""),
    ]):  # fmt: skip
        write_history(tmp_path / f"{fold}", valence, arousal)
        write_outcome(state, note, tmp_path / f"{fold}/outcome.json")
    paths = [[tmp_path / f"{fold}/{name}" for fold in range(2)] for name in ("history.csv", "outcome.json")]
    trial = join_folds(tmp_path / "parameters.json", *paths)
    assert trial.number == 7 and trial.parameters == PARAMETERS
    assert trial.value == pytest.approx((0.4 + 0.2) / 2)
    write_result(trial, tmp_path / "result.json")
    kept = read_trial(tmp_path / "result.json")
    assert (kept.number, kept.parameters, kept.state, kept.value) == (7, PARAMETERS, COMPLETE, trial.value)
    assert math.isnan(kept.folds[1].curve[0]) and kept.folds[1].curve[1] == trial.folds[1].curve[1]


def test_where_the_mean_of_epochs_is_kept_its_ccc_is_the_value(tmp_path):
    write_parameters(0, PARAMETERS, tmp_path / "parameters.json")
    write_history(tmp_path, [0.2, 0.6], [0.4, 0.4])
    change(
        tmp_path / "history.csv",
        lambda table: table.assign(
            average_stop_ccc_valence=[math.nan, 0.7], average_stop_ccc_arousal=[math.nan, 0.5]
        ),
    )
    write_outcome(COMPLETE, "", tmp_path / "outcome.json")
    files = [[tmp_path / name] for name in ("history.csv", "outcome.json")]
    trial = join_folds(tmp_path / "parameters.json", *files)
    assert trial.value == pytest.approx(0.6) and trial.curve == pytest.approx({1: 0.3, 2: 0.5})
    write_result(trial, tmp_path / "result.json")
    assert read_trial(tmp_path / "result.json") == trial


def test_a_fold_that_failed_before_its_first_epoch_ended_has_an_empty_curve(tmp_path):
    write_parameters(0, PARAMETERS, tmp_path / "parameters.json")
    write_csv(pd.DataFrame(columns=list(COLUMNS)), tmp_path / "history.csv")
    write_outcome(FAILED, "fold 0, epoch 1: diverged", tmp_path / "outcome.json")
    trial = join_folds(tmp_path / "parameters.json", [tmp_path / "history.csv"], [tmp_path / "outcome.json"])
    assert trial.state == FAILED and trial.folds == (FoldOutcome(FAILED, (), "fold 0, epoch 1: diverged"),)
    write_result(trial, tmp_path / "result.json")
    assert read_trial(tmp_path / "result.json") == trial
