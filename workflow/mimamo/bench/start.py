"""Benchmark of start-up: imports of a light job and, where Snakemake is installed, a dry run."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mimamo.bench.rows import Row
from mimamo.jobs.triggers import TRIGGERS

STAGE = "start"

#: A rule's script that needs no torch.
LIGHT = "import mimamo.jobs.job, mimamo.postprocessing.gaps, mimamo.submission.write"


def measure(folder: Path) -> Iterator[Row]:
    """Measure a dry run over 600 names, and what a job that needs no torch imports."""
    yield Row(
        STAGE,
        "imports of a job without torch",
        duration_of([sys.executable, "-c", LIGHT]),
        "s",
        target="<= 1.5",
    )
    repository = Path(__file__).parents[3]
    if not importlib.util.find_spec("snakemake") or not (repository / "Snakefile").is_file():
        return
    corpus = folder / "skeleton"
    skeleton = [
        sys.executable,
        str(repository / "tests" / "support" / "skeleton.py"),
        str(corpus),
        "--names",
        "600",
    ]
    subprocess.run(skeleton, check=True, capture_output=True)
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all", "--directory", str(folder)]
    command += ["--snakefile", str(repository / "Snakefile"), "--workflow-profile", "none"]
    command += ["--rerun-triggers", *TRIGGERS]
    command += ["--configfile", str(repository / "presets" / "affwild2.yaml"), "--config", f"root={corpus}"]
    yield Row(STAGE, "dry run over 600 names", duration_of(command), "s", target="<= 15")


def duration_of(command: list[str]) -> float:
    """Run a command and return how many seconds it took."""
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start
