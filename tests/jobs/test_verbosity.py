"""A job writes errors only to the terminal of the run that writes its own lines, and all to any other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import WORKFLOW

JOB = "from mimamo.jobs.verbosity import terminal_level; print(terminal_level())"
RUN = f"""
import subprocess, sys
from mimamo.jobs.verbosity import only_errors
only_errors()
elsewhere = open("slurm.log", "w")
for stderr in (None, elsewhere):
    subprocess.run([sys.executable, "-c", {JOB!r}], stderr=stderr, check=True)
"""


@pytest.mark.parametrize("stderr", [subprocess.PIPE, subprocess.DEVNULL])
def test_only_the_runs_own_terminal_is_spared(tmp_path: Path, stderr):
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW)}
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
    )
    assert done.stdout.split() == ["40", "20"]
