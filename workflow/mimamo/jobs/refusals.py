"""Refused input of a job, stored so that a retry repeats the error at once instead of finding it again.

Neither SLURM nor Snakemake distinguishes a job with invalid input from one that needs more memory: both are
retried. So the first attempt writes its error message beside its log, and the next ones repeat it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mimamo.errors import InputError


class Refusal:
    """The error message with which a job refused its input in this run.

    Parameters
    ----------
    log
        The job's log, a path of its own.
    """

    def __init__(self, log: Path) -> None:
        self.path = log.with_suffix(".refused")

    def repeat(self, attempt: int) -> None:
        """Repeat the refusal of an earlier attempt; the first attempt deletes one of an earlier run.

        Raises
        ------
        InputError
            With the message of the earlier attempt.
        """
        if attempt == 1:
            self.path.unlink(missing_ok=True)
        elif self.path.is_file():
            raise InputError(self.path.read_text(encoding="utf-8"))

    def keep(self, error: InputError) -> None:
        """Store the message; where it cannot be written, the next attempt detects the fault again."""
        with suppress(OSError):
            self.path.write_text(str(error), encoding="utf-8")
