"""Runs in the whole workflow: what they train and share, and that one is what its configuration gives."""

import pytest

from mimamo.storage.files import read_csv
from support.paths import TINY
from support.workflow import jobs, snakemake

pytestmark = pytest.mark.slow

RUNS = (
    "runs={narrow: {network: {fusion_width: 8}}, long: {training: {window: 24}, folds: {stop_fraction: 0.4}}}"
)


@pytest.fixture
def run(checkout, finished_run):
    """Return a function that runs targets with options in a copy of the tiny run."""

    def call(*arguments: str):
        targets = [argument for argument in arguments if not argument.startswith("--")]
        options = [argument for argument in arguments if argument.startswith("--")]
        settings = [target for target in targets if "=" in target]
        files = [target for target in targets if "=" not in target]
        given = ["--config", *settings] if settings else []
        return snakemake(checkout, finished_run, *files, "--configfile", TINY, *given, *options)

    return call


def contents(folder, part: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / part).glob("fold*.csv"))}


def test_a_run_trains_itself_alone_and_is_its_configuration_given_directly(run, finished_run):
    folder = finished_run / "results"
    whole = jobs(run("runs", RUNS, "seeds=2", "--dry-run"))
    # Two folds of five trainings; other folds where other names are held out. Nothing else is made again.
    assert whole == {"train": 10, "predict": 10, "folds": 1, "run_comparison": 1, "runs": 1}
    alone = jobs(run("run=narrow", RUNS, "--dry-run"))
    assert alone["train"] == alone["predict"] == alone["predict_test"] == 2 and "folds" not in alone

    done = run("results/runs/narrow/scores.csv", "results/runs/narrow/ensemble.csv", RUNS)
    assert done.status == 0, done.text[-4000:]
    of_run = {part: contents(folder / "runs/narrow", part) for part in ("predictions", "test_predictions")}
    before = contents(folder, "predictions")
    # A run that is added trains itself; those that are there are left alone.
    one = "runs={narrow: {network: {fusion_width: 8}}}"
    compared = run("runs", one)
    assert compared.status == 0 and jobs(compared) == {"run_comparison": 1, "runs": 1}, compared.text
    assert list(read_csv(folder / "runs.csv")["run"]) == ["configured", "narrow"]
    assert "Best of 2 runs" in (folder / "logs/run_comparison.log").read_text()
    assert "Nothing to be done" in run("runs", one, "--dry-run").text
    assert jobs(run("runs", RUNS, "--dry-run"))["train"] == 2

    gone = run("--dry-run")
    assert "results/runs/narrow is of a run that the configuration does not have" in gone.text
    assert "Nothing to be done" in gone.text

    directly = run("results/scores.csv", "results/ensemble.csv", "network={fusion_width: 8}")
    assert directly.status == 0, directly.text[-4000:]
    assert of_run == {part: contents(folder, part) for part in of_run}
    assert before != of_run["predictions"]


@pytest.mark.parametrize(
    "settings, sentence",
    [
        ("runs={w: {network: {fusion: mean}}}", "Run w: Configuration: network.fusion is 'mean'"),
        ("runs={w: {training: {hop: 30}}}", "Run w: Configuration: training.hop is 30, expected at most"),
        ("runs={wide: {root: x}}", "there is no key runs.wide.root; known are folds, network"),
        ("runs={configured: {}}", "runs.configured is the name of the run without changes"),
        ("run=wide", "run is wide, expected a name in the section runs, which has none"),
        ("runs={a: {folds: {count: 40}}}", "which needs at least"),
    ],
)  # fmt: skip
def test_faults_of_runs_are_said_before_the_first_job(run, settings, sentence):
    told = run(settings, "--dry-run", "--forcerun=folds")
    assert told.status != 0 and sentence in told.text
