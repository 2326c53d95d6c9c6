"""The benchmark runs and tells the truth; how fast anything is, is no matter of a test."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from mimamo.bench import clock
from mimamo.bench.generated import write_caches, write_crops
from mimamo.bench.machine import Machine
from mimamo.bench.rows import Row
from mimamo.bench.table import markdown
from mimamo.bench.training import fold_of, small_sizes, take_steps
from mimamo.corpus.crops import read_crop
from mimamo.phase.steerable_pyramid import build_filters, save_filters
from mimamo.storage.frame_cache import open_cache

#: What a machine that the benchmark is carried to need not have.
ABSENT = (
    "pandas",
    "snakemake",
    "pyrtools",
    "plenoptic",
    "matplotlib",
    "sklearn",
    "scipy",
    "plotly",
    "requests",
)


@pytest.fixture
def bare(tmp_path, repo):
    """The environment of a process that finds none of the packages in `ABSENT`."""
    folder = tmp_path / "absent"
    folder.mkdir()
    finder = (
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "def find_some(name, path=None, target=None):\n"
        f"    return None if name.partition('.')[0] in {ABSENT} else find(name, path, target)\n"
        "PathFinder.find_spec = find_some\n"
    )
    (folder / "sitecustomize.py").write_text(finder)
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(repo / "workflow")])}


def test_it_runs_where_little_is_installed(bare, tmp_path):
    save_filters(build_filters(), tmp_path / "filters.npz")
    stages = ["phase", "cache"]
    command = [sys.executable, "-m", "mimamo.bench", "--filters", "filters.npz", "--runs", "1", "--stages"]
    done = subprocess.run([*command, *stages], env=bare, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "bench.json").read_text())
    assert {row["stage"] for row in found["rows"]} == {"phase differences", "cache"}
    assert all(np.isfinite(row["value"]) and row["value"] > 0 for row in found["rows"])
    assert found["machine"]["threads"] == 1
    # As many lines as rows, the header and the line under it.
    assert done.stdout.count("\n| ") == len(found["rows"]) + 2
    # What it generated is gone.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["absent", "bench.json", "filters.npz"]


@pytest.mark.parametrize("module", ["features", "training", "memory", "start"])
def test_every_stage_can_be_imported_where_little_is_installed(bare, module):
    done = subprocess.run(
        [sys.executable, "-c", f"import mimamo.bench.{module}"], env=bare, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [(">= 5", 5.0, True), (">= 5", 4.9, False), ("<= 12", 12.1, False), ("", 1, None)],
)
def test_a_target_is_met_or_missed_and_the_table_says_so(target, value, met):
    row = Row("stage", "what", value, "×", target=target)
    assert row.met is met
    machine = Machine("processor", 2, 1, "", False, "3", "2")
    assert ("missed" in markdown(machine, [row])) == (met is False)


def test_medians_are_of_the_runs_and_not_of_the_warm_up(monkeypatch):
    # Each call moves the clock on; the first one, which warms up, by far the most.
    now, steps = [0.0], iter([100.0, 1.0, 9.0, 2.0])
    monkeypatch.setattr(clock, "finished", lambda: now[0])

    def call():
        now[0] += next(steps)

    assert clock.medians({"call": call}, runs=3) == {"call": 2.0}


def test_generated_data_is_what_the_stages_read(tmp_path):
    frames = write_crops(tmp_path / "crops", 70)
    assert read_crop(tmp_path / "crops" / "00070.jpg").shape == (112, 112, 3)
    assert len(frames) == len(list((tmp_path / "crops").iterdir())) == 70
    phase, features = write_caches(tmp_path, "a", 300, width=8)
    assert open_cache(phase).frames.tolist() == open_cache(features).frames.tolist() == list(range(1, 301))


def test_steps_of_a_training_are_counted_and_learn(tmp_path):
    course = take_steps(fold_of(tmp_path, "a", 600), small_sizes(), steps=4, precision="float32")
    assert len(course.losses) == 5
    assert course.losses[-1] < course.losses[0] - 0.3
    assert 0 <= course.waiting < course.each
