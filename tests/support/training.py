"""Training a small fold, in this process and in one that may be stopped."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

from mimamo.model.checkpoint import Checkpoint, load_checkpoint
from support.fold import TRAIN_SCRIPT, train_small
from support.paths import WORKFLOW

#: Seconds between SIGTERM and SIGKILL: KillWait of SLURM, unless a cluster's slurm.conf says another number.
KILL_WAIT = 30


def train_and_load(fold: Path, out: Path, **training) -> tuple[Checkpoint, pd.DataFrame]:
    """Train a fold into the folder `out`; return what is in the checkpoint, and the history."""
    train_small(fold, out, **training)
    return load_checkpoint(out / "model.pt"), pd.read_csv(out / "history.csv")


def wait_for_state(process: subprocess.Popen, out: Path, newer_than: int) -> None:
    """Wait until a state beyond the step `newer_than` is saved, or the process has ended."""
    deadline = time.monotonic() + 120
    while process.poll() is None and last_step(out) <= newer_than:
        assert time.monotonic() < deadline, "no state was saved in two minutes"
        time.sleep(0.002)


def last_step(out: Path) -> int:
    """Return the step of the newest state that is saved."""
    return max((int(path.stem) for path in (out / "state").glob("[0-9]*.pt")), default=0)


def start_training(fold: Path, out: Path, **settings: object) -> subprocess.Popen:
    """Start to train a fold into the folder `out`; what is said goes to said.txt there."""
    out.mkdir(exist_ok=True)
    with (out / "said.txt").open("a") as said:
        return subprocess.Popen(
            [sys.executable, str(TRAIN_SCRIPT), str(fold), str(out), json.dumps(settings)],
            env={**os.environ, "PYTHONPATH": str(WORKFLOW), "OMP_NUM_THREADS": "1"},
            stderr=said,
        )
