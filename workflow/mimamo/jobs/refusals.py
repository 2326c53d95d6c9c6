"""What a job has refused of its input, so that another try says the same at once instead of finding it anew.

Neither SLURM nor Snakemake tells a job that cannot be helped from one that needs more memory: both are tried
again. So the first try leaves its sentence beside its log, and the next ones find it there.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mimamo.errors import InputError


class Refusal:
    """The sentence with which a job refused its input in this run.

    Parameters
    ----------
    log
        The job's log, which no other job has.
    """

    def __init__(self, log: Path) -> None:
        self.path = log.with_suffix(".refused")

    def repeat(self, attempt: int) -> None:
        """Refuse again what an earlier attempt refused; the first one forgets what was before.

        Raises
        ------
        InputError
            With the sentence of the attempt before.
        """
        if attempt == 1:
            self.path.unlink(missing_ok=True)
        elif self.path.is_file():
            raise InputError(self.path.read_text(encoding="utf-8"))

    def keep(self, error: InputError) -> None:
        """Keep the sentence; where it cannot be written, the next attempt finds it anew."""
        with suppress(OSError):
            self.path.write_text(str(error), encoding="utf-8")
