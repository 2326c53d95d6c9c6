"""Being asked to stop: by a scheduler before preemption or at the time limit, or by a person."""

from __future__ import annotations

import signal
from types import FrameType


class Interrupted(Exception):
    """The job was asked to stop and has put its work where the next run finds it."""


#: What a shell reports of a process that SIGTERM ended: schedulers and Snakemake take it for a failure that
#: is worth another try.
EXIT_CODE = 128 + signal.SIGTERM


class StopRequest:
    """Remembers that SIGTERM came, so that work can stop at a point where nothing is lost.

    Use as a context manager around the work and ask `made` wherever it could stop.
    """

    def __init__(self) -> None:
        self.made = False

    def __enter__(self) -> StopRequest:
        self._before = signal.signal(signal.SIGTERM, self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.made = True
