"""A search on the tiny demo: planned, killed in the middle, resumed, and as if nothing had happened."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
import yaml

from mimamo.config import complete_config
from mimamo.search.ranges import complete_ranges, configured
from mimamo.search.study import ask
from mimamo.search.train import train_trial
from mimamo.search.trials import Trial, join_folds, read_trial, write_parameters, write_result
from mimamo.storage.files import read_csv
from support.configuration import merged
from support.fold import caches
from support.paths import TINY
from support.threads import single_threaded
from support.workflow import jobs, snakemake, start

pytestmark = pytest.mark.slow

SEARCH = {
    "trials": 3,
    "parallel": 2,
    "ranges": {
        "network.dropout": {"low": 0.1, "high": 0.5},
        "training.learning_rate": {"low": 1e-3, "high": 1e-1, "log": True},
    },
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "search.yaml"
    path.write_text(yaml.safe_dump({"search": SEARCH}))
    return path


def undisturbed(results: Path, config: dict, out: Path) -> list[Trial]:
    """Search in this process, one trial after the other, in a folder of its own."""
    search, trials = config["search"], []
    sections = {section: config[section] for section in ("network", "training", "streams")}
    for number in range(search["trials"]):
        told = max(0, number - search["parallel"] + 1)
        beside = [Trial(trial.number, trial.parameters) for trial in trials[told:]]
        given = configured(config, search["ranges"])
        parameters = ask(search["ranges"], search["seed"], number, trials[:told] + beside, given)
        folder = out / f"{number}"
        write_parameters(number, parameters, folder / "parameters.json")
        for fold in range(config["folds"]["count"]):
            train_trial(
                fold=fold,
                parameters=folder / "parameters.json",
                earlier=[out / f"{trial.number}/result.json" for trial in trials[:told]],
                prune=search["prune"],
                sections=sections,
                folds_csv=results / "folds.csv",
                labels_folder=results / "labels",
                caches=caches(results),
                spatial=config["spatial"],
                history=folder / f"{fold}/history.csv",
                outcome=folder / f"{fold}/outcome.json",
                state=folder / "state",
            )
        files = [sorted(folder.glob(f"*/{name}")) for name in ("history.csv", "outcome.json")]
        trials.append(join_folds(folder / "parameters.json", *files))
        write_result(trials[-1], folder / "result.json")
    return trials


def killed_search(checkout: Path, folder: Path, settings: Path) -> None:
    """Search until the first trial is told, and kill everything."""
    with start(checkout, folder, "search", "--configfile", TINY, settings) as process:
        while not (folder / "results/search/trials/0/result.json").exists():
            assert process.poll() is None, process.stdout.read()[-4000:]
            time.sleep(0.1)
        # While the third trial is trained.
        time.sleep(2)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert not (folder / "results/search/trials.csv").exists()


def test_a_search_is_planned_as_folds_of_trials_beside_the_caches_that_are_there(checkout, tiny, settings):
    run = snakemake(checkout, tiny.folder, "search", "--configfile", TINY, settings, "--dry-run")
    assert run.status == 0, run.text[-4000:]
    rules = {"search_ask": 3, "search_train": 6, "search_tell": 3, "search_table": 1, "search": 1}
    assert jobs(run) == rules


def test_the_documentations_search_is_planned(checkout, tiny, tmp_path, repo):
    text = (repo / "docs/tuning.md").read_text(encoding="utf-8")
    (tmp_path / "my_search.yaml").write_text(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    assert re.findall(r"^snakemake .*$", text, re.MULTILINE) == [
        "snakemake search --configfile my_search.yaml",
        # On what an own search found, below.
        "snakemake runs --configfile found.yaml",
        "snakemake --configfile found.yaml --config run=found",
    ]
    files = (TINY, tmp_path / "my_search.yaml")
    run = snakemake(checkout, tiny.folder, "search", "--configfile", *files, "--dry-run")
    assert run.status == 0, run.text[-4000:]
    assert jobs(run)["search_train"] == 40 and jobs(run)["search_ask"] == 20


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "search.ranges is empty"),
        (["search={ranges: {network.dropot: [0.1, 0.2]}}"], "did you mean network.dropout?"),
        (
            ["search={ranges: {network.dropout: [0.1, 0.2]}}", "folds={stop_fraction: 0}"],
            "stop_fraction is 0",
        ),
    ],
)
def test_what_cannot_be_searched_is_refused_before_the_first_job(checkout, tiny, entries, said):
    config = ["--config", *entries] if entries else []
    run = snakemake(checkout, tiny.folder, "search", "--configfile", TINY, *config, "--dry-run")
    assert run.status == 1 and not run.said("rule") and "Traceback" not in run.text
    (sentence,) = run.said("Error: ")
    assert said in sentence


def test_an_interrupted_search_goes_on_and_ends_with_the_same_trials(
    checkout, finished_run, settings, tmp_path, repo
):
    killed_search(checkout, finished_run, settings)
    arguments = ("search", "--configfile", TINY, settings)
    before = {path: path.read_bytes() for path in finished_run.glob("results/search/trials/*/*.json")}
    run = snakemake(checkout, finished_run, *arguments, "--nolock", "--rerun-incomplete")
    assert run.status == 0, run.text[-4000:]
    assert {path: path.read_bytes() for path in before} == before
    assert jobs(run).keys() <= {"search_ask", "search_train", "search_tell", "search_table", "search"}
    # What was told before it was killed is not trained again.
    assert jobs(run)["search_train"] <= 4

    config, results = merged(repo / "config.yaml", TINY, settings), finished_run / "results"
    complete_config(config, repo)
    complete_ranges(config, repo / "workflow/schemas/config.schema.yaml")
    with single_threaded():
        expected = undisturbed(results, config, tmp_path / "undisturbed")
    found = [read_trial(results / f"search/trials/{number}/result.json") for number in range(3)]
    assert found == expected
    table = read_csv(results / "search/trials.csv")
    assert table["value"].tolist() == pytest.approx([trial.value for trial in expected], abs=1e-6)
    assert table["network.dropout"].tolist() == [trial.parameters["network.dropout"] for trial in expected]
    assert (table["hours"] > 0).all() and table["epochs"].tolist() == [4, 4, 4]

    # What was found is a run: compared with the configured one, and made alone.
    found_run = (TINY, finished_run / "results/search/best.yaml")
    compared = snakemake(checkout, finished_run, "runs", "--configfile", *found_run, "--dry-run")
    assert compared.status == 0, compared.text[-4000:]
    assert jobs(compared)["train"] == 2 and "features" not in jobs(compared)
    alone = ("--config", "run=found", "--dry-run")
    assert jobs(snakemake(checkout, finished_run, "--configfile", *found_run, *alone))["train"] == 2

    # Nothing is left to do, and more trials train only the new ones.
    again = snakemake(checkout, finished_run, *arguments, "--dry-run")
    assert again.status == 0 and "Nothing to be done" in again.text, again.text[-4000:]
    more = snakemake(checkout, finished_run, *arguments, "--config", "search={trials: 5}", "--dry-run")
    rules = {"search_ask": 2, "search_train": 4, "search_tell": 2, "search_table": 1, "search": 1}
    assert jobs(more) == rules
    # Another setting that the trials are changes of trains them all again; a plain run is not concerned.
    other = snakemake(
        checkout, finished_run, *arguments, "--config", "network={map_dropout: 0.3}", "--dry-run"
    )
    assert jobs(other)["search_train"] == 6
    plain = snakemake(checkout, finished_run, *arguments[1:], "--dry-run")
    # But that its page shows the search.
    assert plain.status == 0 and jobs(plain).keys() == {"page", "all"}, plain.text[-4000:]
