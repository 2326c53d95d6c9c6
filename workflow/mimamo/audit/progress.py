"""Progress of the audit of the whole corpus, across its batches, which are separate jobs."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: The environment variable with a run's start time (Unix seconds) and total number of names, for its jobs.
VARIABLE = "MIMAMO_AUDIT"


def export_total(names: int) -> None:
    """Export start time and total number of names to all child processes, unless a parent has done so."""
    os.environ.setdefault(VARIABLE, f"{time.time():.0f} {names}")


class AuditProgress:
    """Counts the names that all batches of a run have done.

    Each job writes a small file (a note) with its own numbers of names and crops, and reads those of the
    other jobs.

    Parameters
    ----------
    note
        The file for this batch's note, in a folder with the notes of the others.
    names
        Number of names of this batch.
    """

    def __init__(self, note: Path, names: int) -> None:
        self.note, self.names = note, names
        started, _, total = os.environ.get(VARIABLE, "").partition(" ")
        self.started = float(started) if total else time.time()
        self.total = max(int(total or 0), names)
        self._started = time.time()
        self._done = self._crops = 0
        note.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def add(self, crops: int) -> None:
        """Count one more name, with its number of crops, and update the note."""
        self._done += 1
        self._crops += crops
        self._write()

    def _write(self) -> None:
        """Write this job's note: start time (Unix seconds), names and crops done."""
        self.note.write_text(f"{self._started:.0f} {self._done} {self._crops}\n")

    def _notes(self) -> list[tuple[float, int, int]]:
        """Read the notes of all batches: start time, names and crops done."""
        notes = [note.read_text().split() for note in self.note.parent.glob(f"*{self.note.suffix}")]
        # Another job may be writing its own at this moment.
        return [(float(note[0]), int(note[1]), int(note[2])) for note in notes if len(note) == 3]

    def __str__(self) -> str:
        notes = self._notes()
        # Batches done by an earlier run count as done, but not for the speed of this one.
        current = [(started, names) for started, names, _ in notes if started >= self.started - 1]
        names, crops = sum(note[1] for note in notes), sum(note[2] for note in notes)
        seconds = time.time() - min([self._started, *(started for started, _ in current)])
        seconds *= max(self.total - names, 0) / max(sum(done for _, done in current), 1)
        left = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
        return f"{min(names, self.total)} of {self.total} names, {crops} frames, {left} left"
