"""Which messages of a job reach the terminal, beside its log: all, or only errors."""

from __future__ import annotations

import logging
import os

#: The environment variable by which a run that writes a line for every job asks its jobs to write no more.
VARIABLE = "MIMAMO_TERMINAL"


def only_errors() -> None:
    """Let the jobs of this run, which are child processes, write errors only to the terminal."""
    os.environ[VARIABLE] = "errors"


def terminal_level() -> int:
    """Return the level from which on a job's messages go to the terminal."""
    return logging.ERROR if os.environ.get(VARIABLE) == "errors" else logging.INFO
