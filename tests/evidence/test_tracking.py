import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mimamo.errors import InputError
from mimamo.evidence import tracking
from mimamo.evidence.tracking import TrackedRun, check_installed, log_run
from mimamo.storage.files import write_csv

mlflow = pytest.importorskip("mlflow")


@pytest.fixture
def run(tmp_path, monkeypatch) -> TrackedRun:
    """A run of two folds with two epochs each, and a page."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    histories = []
    for fold in (0, 1):
        table = pd.DataFrame({"epoch": [1, 2], "loss": [0.5, 0.25 + fold], "stop_ccc_valence": [None, 0.3]})
        write_csv(table, f"history{fold}.csv")
        histories.append(f"history{fold}.csv")
    rows = [
        {
            "scope": scope,
            "id": name,
            "frames": 9,
            "ccc_valence": ccc,
            "rmse_valence": 0.1,
            "ccc_valence_low": None,
        }
        for scope, name, ccc in (("pooled", "all", 0.4), ("fold", "0", 0.5), ("video", "105", 0.6))
    ]
    write_csv(pd.DataFrame(rows), "scores.csv")
    (tmp_path / "report.html").write_text("page")
    config = {
        "network": {"head": "gru", "sizes": [1, 2]},
        "protocol": "merged",
        "many": {str(i): i for i in range(150)},
    }
    return TrackedRun("wide", config, histories, "scores.csv", ["report.html"])


def client_of_store():
    # MLflow keeps what it opened by its address, so that a relative one would stay that of another test.
    return mlflow.MlflowClient(tracking_uri=f"sqlite:///{Path('store/mlflow.db').resolve()}")


def found() -> list:
    client = client_of_store()
    return client.search_runs([client.get_experiment_by_name("demo").experiment_id])


def test_settings_curves_scores_and_files_are_logged(run, tmp_path):
    log_run(run, "demo", "store", "record.json")
    (logged,) = found()
    assert logged.info.run_name == "wide" and logged.info.status == "FINISHED"
    assert logged.data.params["network.head"] == "gru" and logged.data.params["network.sizes"] == "[1, 2]"
    assert logged.data.params["protocol"] == "merged" and logged.data.params["many.149"] == "149"
    assert logged.data.metrics["ccc_valence"] == 0.4 and logged.data.metrics["fold0/score_ccc_valence"] == 0.5
    assert not [name for name in logged.data.metrics if "105" in name or "low" in name]
    client = client_of_store()
    curve = client.get_metric_history(logged.info.run_id, "fold1/loss")
    assert [(point.step, point.value) for point in curve] == [(1, 0.5), (2, 1.25)]
    assert len(client.get_metric_history(logged.info.run_id, "fold0/stop_ccc_valence")) == 1
    assert {entry.path for entry in client.list_artifacts(logged.info.run_id)} == {
        "scores.csv",
        "report.html",
    }
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["run"] == logged.info.run_id and record["experiment"] == "demo"


def test_what_is_there_is_not_logged_again_and_what_changed_is(run, tmp_path):
    for _ in range(2):
        log_run(run, "demo", "store", "record.json")
    assert len(found()) == 1
    log_run(replace(run, config={**run.config, "protocol": "official"}), "demo", "store", "record.json")
    assert len(found()) == 2
    # One that was broken off is logged again.
    client = client_of_store()
    client.set_terminated(json.loads((tmp_path / "record.json").read_text())["run"], "KILLED")
    log_run(replace(run, config={**run.config, "protocol": "official"}), "demo", "store", "record.json")
    assert len(found()) == 3


def test_a_store_that_cannot_be_used_is_said_without_its_password(run, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nothing://me:secret@host")
    with pytest.raises(InputError, match="nothing://host: expected to log the run wide") as caught:
        log_run(run, "demo", "store", "record.json")
    assert "secret@" not in str(caught.value)


def test_a_tracker_that_is_not_installed_is_said_before_the_first_job(monkeypatch):
    check_installed("mlflow")
    monkeypatch.setattr(tracking, "MLFLOW", "no_such_package")
    check_installed(None)
    with pytest.raises(InputError, match="pip install mlflow"):
        check_installed("no_such_package")
