"""What a check finds: problems, which make a thing invalid, and notes, which do not."""

from __future__ import annotations

from dataclasses import dataclass, field

#: One fault tends to come by the thousand in a file; its first sentences tell enough.
MOST_SENTENCES = 5


@dataclass
class Findings:
    """Problems and notes of one thing, in sentences.

    Attributes
    ----------
    problems, notes
        The sentences.
    limit
        Number of problems that get a sentence of their own; None for all.
    untold
        Number of problems beyond the limit.
    """

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    limit: int | None = None
    untold: int = 0

    def wrong(self, sentence: str) -> None:
        """Take up a problem."""
        if self.limit is None or len(self.problems) < self.limit:
            self.problems.append(sentence)
        else:
            self.untold += 1

    def odd(self, sentence: str) -> None:
        """Take up a note, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def absorb(self, other: Findings) -> None:
        """Take up all that another check has found."""
        self.problems += other.told
        for note in other.notes:
            self.odd(note)

    @property
    def told(self) -> list[str]:
        """The problems; the last one says how many more there are."""
        if not self.untold:
            return self.problems
        return [*self.problems[:-1], f"{self.problems[-1]} (and {self.untold} more problems in this file)"]

    @property
    def verdict(self) -> str:
        """In one word: ok, note or wrong."""
        return "wrong" if self.problems else "note" if self.notes else "ok"
