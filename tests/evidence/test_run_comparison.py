import json

import numpy as np
import pandas as pd
import pytest

from mimamo.evidence.run_comparison import TrainedRun, compare_runs
from mimamo.storage.files import read_csv, write_csv
from support.tables import write_label_table, write_predictions

#: How far a run's valence is from the truth, by the folder of its results.
NOISE = {"": 0.6, "runs/configured/seed1/": 0.7, "runs/good/": 0.2, "runs/good/seed1/": 0.25}


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Ten people in two folds, and two variants with two seeds each, in a folder of results."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    folder = tmp_path / "results"
    roles, guesses = [], {(run, fold): [] for run in NOISE for fold in (0, 1)}
    for number in range(10):
        name, scored_in = f"p{number}", number % 2
        labels = pd.DataFrame(generator.uniform(-1, 1, (40, 2)), columns=["valence", "arousal"])
        labels.insert(0, "frame", range(1, 41))
        write_label_table(folder, name, labels)
        for run, noise in NOISE.items():
            valence = labels["valence"] + generator.normal(0, noise, 40)
            guesses[run, scored_in].append(labels.assign(name=name, role="score", valence=valence))
        roles += [(fold, name, name, "score" if fold == scored_in else "train") for fold in (0, 1)]
    write_csv(pd.DataFrame(roles, columns=["fold", "name", "group", "role"]), folder / "folds.csv")
    for (run, fold), tables in guesses.items():
        path = folder / run / f"predictions/fold{fold}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_predictions(path, pd.concat(tables))
        record = folder / run / f"train/fold{fold}/model.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps({"machine": {"host": "node", "gpu": "NVIDIA H100" if run else None}}))
        duration = folder / "benchmarks" / run / f"train/fold{fold}.tsv"
        duration.parent.mkdir(parents=True, exist_ok=True)
        duration.write_text("s\th:m:s\n1800.0\t0:30:00\n")
    return folder


def compared(held_out=()):
    def runs(name: str) -> list[TrainedRun]:
        folders = (
            ["", "runs/configured/seed1/"]
            if name == "configured"
            else [f"runs/{name}/", f"runs/{name}/seed1/"]
        )
        return [TrainedRun.of_folder(folder, 2, "results/folds.csv") for folder in folders]

    compare_runs(
        {name: runs(name) for name in ("configured", "good")},
        {"configured": "", "good": "network.head: tcn"},
        "results/labels", dict(held_out), "results/runs.csv", "results/runs_choice.csv", "of a test",
    )  # fmt: skip
    return read_csv("results/runs.csv").set_index("run"), read_csv("results/runs_choice.csv").iloc[0]


def test_runs_are_scored_over_their_seeds_beside_the_configured_one(results):
    table, choice = compared()
    configured, good = table.loc["configured"], table.loc["good"]
    assert list(table["seeds"]) == [2, 2] and set(table["note"]) == {"of a test"}
    assert good["changes"] == "network.head: tcn" and pd.isna(configured["changes"])
    assert configured["difference_valence"] == configured["difference_valence_high"] == 0
    assert 0 < good["difference_valence_low"] < good["difference_valence"] < good["difference_valence_high"]
    assert good["difference_valence"] == pytest.approx(
        good["ccc_valence"] - configured["ccc_valence"], abs=2e-6
    )
    assert good["ccc_arousal"] == 1 and good["spread_arousal"] == 0 < good["spread_valence"] < 0.1
    assert list(table["hours"]) == [2, 2] and list(table["frames"]) == [400, 400]
    assert good["processor"] == "NVIDIA H100" and configured["processor"] == "CPU, NVIDIA H100"
    assert choice["best"] == "good" and choice["compared"] == 2
    assert choice["advantage"] > choice["by_chance_high"] and choice["probability"] < 0.05
    assert choice["nested_valence"] == pytest.approx(good["ccc_valence"], abs=1e-6)


def test_durations_that_are_gone_are_not_counted(results):
    for path in results.glob("benchmarks/**/fold0.tsv"):
        path.unlink()
    assert list(compared()[0]["hours"]) == [1, 1]
    for path in results.glob("benchmarks/**/*.tsv"):
        path.unlink()
    assert compared()[0]["hours"].isna().all()


def test_the_best_is_scored_where_nothing_was_chosen(results):
    scores = {
        f"ccc_{dimension}{end}": 0.1 for dimension in ("valence", "arousal") for end in ("", "_low", "_high")
    }
    rows = [
        {"scored_on": "out of fold", "configured": "yes", "gaps": "none", **scores},
        {"scored_on": "validation set", "configured": "no", "gaps": "none", **scores},
        {"scored_on": "validation set", "configured": "yes", "gaps": "report", **scores},
        {"scored_on": "validation set", "configured": "yes", "gaps": "none", **scores, "ccc_valence": 0.4},
    ]
    write_csv(pd.DataFrame(rows), "good.csv")
    write_csv(pd.DataFrame(rows[:1]), "configured.csv")
    choice = compared({"good": "good.csv", "configured": "configured.csv"})[1]
    assert choice["validation_valence"] == 0.4 and choice["validation_arousal_low"] == 0.1
