"""Dry runs of the workflow, each in a fork of a process that has imported Snakemake once."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

SERVER = Path(__file__).with_name("dry_run_server.py")
#: Seconds that a dry run may take.
PATIENCE = 600


@cache
def server() -> subprocess.Popen:
    """Start the process that forks, which ends with this one."""
    # Variables and paths of a run reach it with its request; these would stay from one run to the next.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        # Without the folder of the script among the paths.
        [sys.executable, "-P", str(SERVER)],
        # Threads do not outlive a fork.
        env=kept | {"OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)
    return process


def dry_run(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run Snakemake with these arguments in a folder; return its exit status and what it wrote.

    What it does is what ``python -m snakemake`` does, but for the order of sets of text: that is the same in
    all dry runs of a process.
    """
    with tempfile.NamedTemporaryFile() as output:
        request = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": environment,
            "output": output.name,
            "seconds": PATIENCE,
        }
        server().stdin.write(json.dumps(request) + "\n")
        server().stdin.flush()
        status = int(server().stdout.readline())
        return status, output.read().decode()
