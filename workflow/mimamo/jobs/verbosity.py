"""Which messages of a job reach the terminal, beside its log: all, or only errors."""

from __future__ import annotations

import logging
import os

#: The environment variable that names the terminal, or file, to which a run writes a line for every job.
VARIABLE = "MIMAMO_TERMINAL"


def only_errors() -> None:
    """Let the jobs of this run, which are child processes, write errors only to this process's terminal."""
    os.environ[VARIABLE] = _standard_error()


def terminal_level() -> int:
    """Return the level from which on a job's messages go to the terminal.

    A job on a node has the variable too, but writes to a file of SLURM's, which gets all.
    """
    return logging.ERROR if os.environ.get(VARIABLE) == _standard_error() else logging.INFO


def _standard_error() -> str:
    """Return what identifies the terminal, pipe or file that standard error is."""
    try:
        status = os.fstat(2)
    except OSError:
        return "closed"
    return f"{status.st_dev}:{status.st_ino}"
