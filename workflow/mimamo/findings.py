"""Findings of a check: problems, which make the checked object invalid, and notes, which do not."""

from __future__ import annotations

from dataclasses import dataclass, field

#: One fault tends to occur thousands of times in a file; the first few sentences are enough.
MAX_SENTENCES = 5


@dataclass
class Findings:
    """Problems and notes of one checked object, as sentences.

    Attributes
    ----------
    problems, notes
        The sentences.
    limit
        Number of problems that get a sentence of their own; None for all.
    omitted
        Number of problems beyond the limit.
    """

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    limit: int | None = None
    omitted: int = 0

    def add_problem(self, sentence: str) -> None:
        """Record a problem; beyond `limit` it is only counted."""
        if self.limit is None or len(self.problems) < self.limit:
            self.problems.append(sentence)
        else:
            self.omitted += 1

    def add_note(self, sentence: str) -> None:
        """Record a note, unless the same one is recorded already."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def extend(self, other: Findings) -> None:
        """Record the problems and notes of another check."""
        self.problems += other.sentences
        for note in other.notes:
            self.add_note(note)

    @property
    def sentences(self) -> list[str]:
        """The problems; the last one gives the number of omitted ones."""
        if not self.omitted:
            return self.problems
        return [*self.problems[:-1], f"{self.problems[-1]} (and {self.omitted} more problems in this file)"]

    @property
    def verdict(self) -> str:
        """The result of the check in one word: ok, note or wrong."""
        return "wrong" if self.problems else "note" if self.notes else "ok"
