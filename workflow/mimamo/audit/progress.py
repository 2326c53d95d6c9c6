"""How far the audit of the whole corpus is, although its batches are jobs of their own."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: The environment variable in which a run tells its jobs when it began and how many names there are.
VARIABLE = "MIMAMO_AUDIT"


def announce(names: int) -> None:
    """Tell all jobs that this process will start, unless the process that started this one has done so."""
    os.environ.setdefault(VARIABLE, f"{time.time():.0f} {names}")


class AuditProgress:
    """Counts the names that all batches of a run have done.

    Each job leaves a note of its own names and crops beside its log, and reads those of the others.

    Parameters
    ----------
    note
        The file for this batch's note, in a folder with the notes of the others.
    names
        Names of this batch.
    """

    def __init__(self, note: Path, names: int) -> None:
        self.note, self.names = note, names
        began, _, total = os.environ.get(VARIABLE, "").partition(" ")
        self.began = float(began) if total else time.time()
        self.total = max(int(total or 0), names)
        self._started = time.time()
        self._done = self._crops = 0
        note.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def add(self, crops: int) -> None:
        """Count one more name, with so many crops."""
        self._done += 1
        self._crops += crops
        self._write()

    def _write(self) -> None:
        self.note.write_text(f"{self._started:.0f} {self._done} {self._crops}\n")

    def _notes(self) -> list[tuple[float, int, int]]:
        """Read all notes: when a batch was started, and its names and crops so far."""
        notes = [note.read_text().split() for note in self.note.parent.glob(f"*{self.note.suffix}")]
        # Another job may be about to write its own.
        return [(float(note[0]), int(note[1]), int(note[2])) for note in notes if len(note) == 3]

    def __str__(self) -> str:
        notes = self._notes()
        # Batches that an earlier run has done are done, but tell nothing of the speed of this one.
        fresh = [(started, names) for started, names, _ in notes if started >= self.began - 1]
        names, crops = sum(note[1] for note in notes), sum(note[2] for note in notes)
        seconds = time.time() - min([self._started, *(started for started, _ in fresh)])
        seconds *= max(self.total - names, 0) / max(sum(done for _, done in fresh), 1)
        left = f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
        return f"{min(names, self.total)} of {self.total} names, {crops} frames, {left} left"
