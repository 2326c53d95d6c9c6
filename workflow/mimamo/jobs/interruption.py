"""Graceful interruption by SIGTERM: from a scheduler before preemption or at the time limit, or the user."""

from __future__ import annotations

import signal
from types import FrameType


class Interrupted(Exception):
    """The job was asked to stop and has saved its state for the next run."""


#: The exit status of a process terminated by SIGTERM, as in shells: schedulers and Snakemake take it for a
#: failure that is worth another attempt.
EXIT_CODE = 128 + signal.SIGTERM


class StopRequest:
    """Records a SIGTERM, so that work can stop at a point where nothing is lost.

    Use it as a context manager around the work, and check `received` wherever the work could stop.
    """

    def __init__(self) -> None:
        self.received = False

    def __enter__(self) -> StopRequest:
        self._previous_handler = signal.signal(signal.SIGTERM, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._previous_handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal: only set the flag."""
        self.received = True
