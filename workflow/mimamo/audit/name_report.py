"""What was found for one name, and the verdict on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mimamo.audit.symptoms import Symptom, verdict
from mimamo.audit.tables import COLUMNS
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError


@dataclass
class Diagnosis:
    """What the audit found for one name.

    Attributes
    ----------
    cells
        The row of the audit's table, but for verdict and reason.
    frames
        The numbers of the usable crops, ascending.
    highest
        The highest number of any crop, also of one that cannot be decoded: its frame exists all the same.
    symptoms
        What is wrong, as it was found.
    """

    cells: dict[str, object]
    frames: list[int] = field(default_factory=list)
    highest: int = 0
    symptoms: list[Symptom] = field(default_factory=list)

    def _add(
        self, severity: str, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()
    ) -> None:
        self.symptoms.append(Symptom(check, severity, wrong, done, remedy, tuple(frames)))

    def fault(self, check: str, wrong: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Take up something that makes the name unusable."""
        self._add("fault", check, wrong, "the name is not used", remedy, frames)

    def repair(self, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Take up something that was wrong and is dealt with."""
        self._add("repair", check, wrong, done, remedy, frames)

    def note(self, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Take up something that need not be wrong."""
        self._add("note", check, wrong, done, remedy, frames)

    def fault_of(self, check: str, error: InputError, before: str = "", frames: Iterable[int] = ()) -> None:
        """Take up an error that makes the name unusable."""
        done = "the name is not used"
        self.symptoms.append(Symptom.of_error(check, "fault", error, done, before, frames))

    def repair_of(
        self, check: str, error: InputError, done: str, before: str = "", frames: Iterable[int] = ()
    ) -> None:
        """Take up an error that is dealt with."""
        self.symptoms.append(Symptom.of_error(check, "repair", error, done, before, frames))

    @property
    def verdict(self) -> str:
        """The name's verdict: unusable, repaired or ok."""
        return verdict(self.symptoms)

    def row(self, corpus: Corpus) -> dict[str, object]:
        """Give the row of the audit's table; its reason leaves out the notes."""
        told = [symptom for symptom in self.symptoms if symptom.severity != "note"]
        # What makes a name unusable comes first.
        told.sort(key=lambda symptom: symptom.severity != "fault")
        reason = corpus.told(" ".join(symptom.sentence for symptom in told))
        return {**dict.fromkeys(COLUMNS), **self.cells, "verdict": self.verdict, "reason": reason}
