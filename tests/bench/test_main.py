"""The benchmark runs and tells the truth; how fast anything is, is no matter of a test."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from mimamo.phase.steerable_pyramid import build_filters, save_filters

#: What a machine that the benchmark is carried to need not have.
ABSENT = (
    "cyclopts",
    "rich",
    "jinja2",
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


def test_every_stage_can_be_imported_where_little_is_installed(bare):
    stages = ["features", "training", "memory", "start", "videos", "evaluation_steps"]
    imports = "; ".join(f"import mimamo.bench.{stage}" for stage in stages)
    done = subprocess.run([sys.executable, "-c", imports], env=bare, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
