"""What a person changes in lists and settings costs what depends on it, and nothing else."""

import os

import pytest

from support.paths import TINY
from support.workflow import inputs, jobs, snakemake

TEST_LIST = "test_set_VA_Challenge.txt"
#: Rules that make something for fitted names.
FITTED = {"labels", "folds", "train", "predict", "scores", "postprocessing"}
#: Answers what Snakemake asks of conda before it plans; no environment is made.
CONDA = """#!/bin/sh
case "$1" in
  info) echo '{"conda_prefix": "/nowhere", "conda_version": "24.9.2", "platform": "linux-64"}';;
  config) echo '{"get": {"channel_priority": "strict"}}';;
  *) echo "conda 24.9.2";;
esac
"""
#: Rules that read crops.
CROPS = {"audit", "phase", "features"}


@pytest.fixture
def plan(checkout, finished_own_run):
    """Return a function that gives the jobs of the next run by rule."""

    def run(*entries: str) -> dict[str, int]:
        """The jobs with these entries of the configuration."""
        own = finished_own_run
        given = ["--config", *entries] if entries else []
        targets = ["results/submission_check.csv"]
        run = snakemake(
            checkout, own.folder, *targets, "--configfile", TINY, own.settings, "--dry-run", *given
        )
        assert run.status == 0, run.text[-4000:]
        return {} if "Nothing to be done" in run.text else jobs(run)

    return run


@pytest.mark.parametrize("target", ["results/submission_check.csv", "search"])
def test_what_does_not_fit_is_refused_also_where_folds_are_done(checkout, finished_own_run, target):
    own = finished_own_run
    given = ["--configfile", TINY, own.settings, "--dry-run", "--config", "training={window: 5000}"]
    ranges = "search={ranges: {network.dropout: {low: 0.1, high: 0.5}}}"
    run = snakemake(checkout, own.folder, target, *given, *([ranges] if target == "search" else []))
    assert run.status == 1, run.text[-4000:]
    (said,) = run.said("Error: ")
    assert "training.window is 5000, expected at most" in said


def test_a_test_name_less_costs_the_last_steps_alone(plan, finished_own_run):
    path = finished_own_run.root / TEST_LIST
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], *lines[3:], ""]))
    planned = plan()
    assert {"gaps", "submission"} <= planned.keys() and not planned.keys() & (FITTED | CROPS)


def test_a_test_name_more_costs_its_own_stages_and_no_training(plan, finished_own_run):
    """The name is one whose crops nobody listed, so that it moves others into other batches."""
    root = finished_own_run.root
    crops = root / "cropped_aligned"
    (crops / "0-first").mkdir()
    for crop in sorted((crops / "105").iterdir())[:20]:
        (crops / "0-first" / crop.name).hardlink_to(crop)
    path = root / TEST_LIST
    path.write_text(f"0-first\n{path.read_text()}")
    planned = plan()
    assert {rule: planned[rule] for rule in CROPS} == dict.fromkeys(CROPS, 1)
    assert planned["predict_test"] == 2 and not planned.keys() & FITTED


def test_a_fitted_name_more_costs_its_own_caches_and_the_trainings(plan, finished_own_run):
    root = finished_own_run.root
    crops, labels = root / "cropped_aligned", root / "VA_Set/Training_Set"
    (crops / "0-first").mkdir()
    for crop in (crops / "102").iterdir():
        (crops / "0-first" / crop.name).hardlink_to(crop)
    (labels / "0-first.txt").write_bytes((labels / "102.txt").read_bytes())
    planned = plan()
    assert {rule: planned[rule] for rule in CROPS} == dict.fromkeys(CROPS, 1)
    assert planned["labels"] == planned["folds"] == 1 and planned["train"] == planned["predict"] == 2


def test_how_lengths_are_found_concerns_neither_labels_nor_networks(plan):
    planned = plan("audit={decode_containers: false}")
    assert "audit" in planned and "gaps" in planned
    assert not planned.keys() & (FITTED | {"phase", "features", "predict_test"})


@pytest.mark.parametrize(
    "entry",
    ["batch_names=4", "strict=false", "spatial={batch_size: 5, cache: elsewhere}", "training={threads: 2}"],
)
def test_how_the_work_is_done_costs_nothing(plan, entry):
    assert plan(entry) == {}


def test_strict_refuses_what_was_audited_before_it_was_set(checkout, finished_own_run):
    """The demo has a test name without any crop."""
    own = finished_own_run
    settings = ["--configfile", TINY, own.settings, "--config", "strict=true"]
    run = snakemake(checkout, own.folder, *settings, "--dry-run")
    assert run.status == 1 and "1 name of 25 cannot be used: video89; fix them" in run.text


def test_other_triggers_are_refused_with_what_to_set(checkout, tmp_path):
    run = snakemake(
        checkout,
        tmp_path,
        "--configfile",
        TINY,
        "--dry-run",
        "--rerun-triggers",
        "mtime",
        "input",
        profile="x",
    )
    assert run.status == 1 and "set rerun-triggers: [mtime, params, software-env]" in run.text


def test_a_stage_can_be_made_anew_for_all_names(checkout, finished_own_run):
    own = finished_own_run
    caches = sorted((own.results / "phase").glob("[!f]*.npy"))
    before = [path.stat().st_mtime_ns for path in caches]
    targets = ["results/caches/fitted.csv", "results/caches/test.csv", "--forcerun", "phase"]
    run = snakemake(checkout, own.folder, *targets, "--configfile", TINY, own.settings)
    assert run.status == 0 and jobs(run).keys() == {"phase", "caches"}, run.text[-4000:]
    after = [path.stat().st_mtime_ns for path in caches]
    assert len(caches) > 20 and all(old < new for old, new in zip(before, after, strict=True))


def test_jobs_that_run_in_environments_are_planned_with_all_that_they_read(
    checkout, finished_own_run, tmp_path, monkeypatch
):
    """Snakemake runs finished jobs again there, and nothing may be taken for done before them."""
    conda = tmp_path / "bin/conda"
    conda.parent.mkdir()
    conda.write_text(CONDA)
    conda.chmod(0o755)
    monkeypatch.setenv("PATH", f"{conda.parent}:{os.environ['PATH']}")
    own = finished_own_run
    options = ["--configfile", TINY, own.settings, "--dry-run", "--sdm", "conda"]
    planned = snakemake(checkout, own.folder, "results/submission_check.csv", *options)
    assert planned.status == 0, planned.text[-4000:]
    read = inputs(planned)
    assert {"audit", "phase", "features", "labels", "folds", "train", "predict_test"} <= read.keys()
    assert {"results/audit.csv", "results/frames.csv"} <= read["labels"]
    assert {"results/audit.csv", "results/labels"} <= read["folds"]
    assert {"results/folds.csv", "results/caches/fitted.csv"} <= read["train"]
