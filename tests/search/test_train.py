"""A fold of a trial, really trained: with its values, ended early, failed, blind to what is scored."""

import json
import os
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest

from mimamo.errors import InputError
from mimamo.jobs.interruption import Interrupted
from mimamo.search.study import FoldPruner
from mimamo.search.train import train_trial
from mimamo.search.trials import (
    COMPLETE,
    FAILED,
    PRUNED,
    FoldOutcome,
    Trial,
    join_folds,
    write_parameters,
    write_result,
)
from mimamo.storage.files import read_csv
from mimamo.streams import PAPER
from support.fold import NETWORK, TRAINING, caches, train_small
from support.tables import change

pytestmark = pytest.mark.usefixtures("one_thread")

PARAMETERS = {"network.dropout": 0.2, "training.epochs": 2, "streams.appearance.width": 6}


def train(fold: Path, out: Path, parameters: dict, earlier: tuple = (), prune: float = 0.25) -> Trial:
    """Train the fold with these parameters in a folder; return the trial of this one fold."""
    write_parameters(len(earlier), parameters, out / "parameters.json")
    for trial in earlier:
        write_result(trial, out / f"{trial.number}/result.json")
    train_trial(
        fold=0,
        parameters=out / "parameters.json",
        earlier=[out / f"{trial.number}/result.json" for trial in earlier],
        prune=prune,
        sections={"network": NETWORK, "training": TRAINING, "streams": PAPER},
        folds_csv=fold / "folds.csv",
        labels_folder=fold / "labels",
        caches=caches(fold),
        spatial={"weights": "random"},
        history=out / "history.csv",
        outcome=out / "outcome.json",
        state=out / "state",
    )
    assert not (out / "state").exists()
    return join_folds(out / "parameters.json", [out / "history.csv"], [out / "outcome.json"])


@pytest.fixture(scope="module")
def trained(fold, tmp_path_factory) -> tuple[Trial, bytes]:
    """A fold that is trained with PARAMETERS, and the bytes of its history."""
    out = tmp_path_factory.mktemp("trained")
    return train(fold, out, PARAMETERS), (out / "history.csv").read_bytes()


def test_a_trial_is_the_training_with_its_values_in_the_configuration(fold, trained, tmp_path):
    trial, history = trained
    assert trial.state == COMPLETE and len(trial.folds[0].curve) == 2
    streams = {**PAPER, "appearance": {**PAPER["appearance"], "width": 6}}
    train_small(fold, tmp_path, network={"dropout": 0.2}, epochs=2, streams=streams)
    assert (tmp_path / "history.csv").read_bytes() == history
    assert trial.folds[0].value == pytest.approx(
        read_csv(tmp_path / "history.csv").filter(like="stop_ccc").mean(axis=1).max()
    )
    other = train(fold, tmp_path / "other", {**PARAMETERS, "streams.appearance.width": 7})
    assert other.folds[0].curve != trial.folds[0].curve


# It never looks at what is scored.


def copied(fold: Path, place: Path) -> Path:
    return shutil.copytree(fold, place)


def test_values_do_not_move_a_byte_with_what_is_scored(fold, trained, tmp_path):
    """As they would if the labels of names that are scored were in them; and they move with all others."""
    trial, history = trained
    leaky = copied(fold, tmp_path / "leaky")
    change(leaky / "labels/e.csv", lambda table: table.assign(valence=0.9, arousal=-table["arousal"]))
    for part in ("phase", "features"):
        (leaky / part / "e.npy").write_bytes(b"not to be opened")
    assert train(leaky, tmp_path / "out", PARAMETERS) == trial
    assert (tmp_path / "out/history.csv").read_bytes() == history
    for name in ("a", "d"):
        change(leaky / f"labels/{name}.csv", lambda table: table.assign(valence=-table["valence"]))
        assert train(leaky, tmp_path / name, PARAMETERS).value != trial.value


@pytest.mark.parametrize("role", ["score", "validation"])
@pytest.mark.parametrize("leak", ["stop", "train"])
def test_a_planted_leak_is_found(fold, tmp_path, role, leak):
    """Another name of a person who is scored, and a scored name itself, on the side that is fitted."""
    seen = {"stop": "d", "train": "a"}[leak]
    same_person, same_name = copied(fold, tmp_path / "person"), copied(fold, tmp_path / "name")
    for place in (same_person, same_name):
        change(place / "folds.csv", lambda table: table.replace({"role": {"score": role}}))
    change(
        same_person / "folds.csv",
        lambda table: table.assign(group=table["group"].where(table["name"] != seen, "e")),
    )
    with pytest.raises(
        InputError, match=rf"in fold 0, {seen} has the role '{leak}', and one of the same group"
    ):
        train(same_person, tmp_path / "out", PARAMETERS)
    row = {"fold": 0, "name": "e", "subset": "train", "group": "f", "role": leak}
    change(same_name / "folds.csv", lambda table: pd.concat([table, pd.DataFrame([row])]))
    with pytest.raises(InputError, match=rf"in fold 0, e has the role '{leak}', and the same name is scored"):
        train(same_name, tmp_path / "out", PARAMETERS)
    assert not (tmp_path / "out/history.csv").exists()


# Folds that do not come to their end.


def earlier(value: float) -> tuple[Trial, ...]:
    """Return trials that had this CCC in every epoch."""
    return tuple(Trial(n, PARAMETERS, (FoldOutcome(COMPLETE, (value,) * 4),)) for n in range(6))


def test_a_fold_that_is_worse_than_earlier_trials_ends_early(fold, tmp_path):
    ended = train(fold, tmp_path / "ended", {"training.epochs": 3}, earlier(0.99))
    assert ended.state == PRUNED and len(ended.folds[0].curve) == 1
    for name, given in (
        ("better", {"earlier": earlier(-0.99)}),
        ("never", {"earlier": earlier(0.99), "prune": 0}),
    ):
        whole = train(fold, tmp_path / name, {"training.epochs": 3}, **given)
        assert whole.state == COMPLETE and len(whole.folds[0].curve) == 3
        assert whole.folds[0].curve[:1] == ended.folds[0].curve


def test_a_fold_that_was_stopped_goes_on_with_the_same_history(fold, trained, tmp_path, monkeypatch):
    trial, history = trained
    decide = FoldPruner.__call__

    def stop_and_decide(pruner, rows):
        os.kill(os.getpid(), signal.SIGTERM)
        return decide(pruner, rows)

    with monkeypatch.context() as patch:
        patch.setattr(FoldPruner, "__call__", stop_and_decide)
        with pytest.raises(Interrupted, match="the next run goes on from there"):
            train(fold, tmp_path, PARAMETERS)
    assert list((tmp_path / "state").glob("*.pt")) and not (tmp_path / "history.csv").exists()
    assert train(fold, tmp_path, PARAMETERS) == trial
    assert (tmp_path / "history.csv").read_bytes() == history


def test_values_that_lead_to_no_network_are_an_outcome_and_no_error(fold, tmp_path):
    trial = train(fold, tmp_path, {"training.learning_rate": 1e30, "training.epochs": 3})
    assert trial.state == FAILED
    assert "the training diverged" in json.loads((tmp_path / "outcome.json").read_text())["note"]


def test_a_missing_cache_is_an_error_and_no_outcome(fold, tmp_path):
    broken = copied(fold, tmp_path / "broken")
    (broken / "features/a.npy").unlink()
    with pytest.raises(InputError, match=r"a\.npy"):
        train(broken, tmp_path / "out", PARAMETERS)
    assert not (tmp_path / "out/outcome.json").exists()
