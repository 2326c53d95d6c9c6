"""The audit's report on one name: its row of the table, its usable frames, symptoms and verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mimamo.audit.symptoms import Symptom, verdict
from mimamo.audit.tables import COLUMNS
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError


@dataclass
class NameReport:
    """What the audit found for one name.

    Attributes
    ----------
    cells
        The row of the audit's table, without verdict and reason.
    frames
        The numbers of the usable crops, ascending.
    highest
        The highest number of any crop, including crops that cannot be decoded: their frames exist as well.
    symptoms
        The symptoms, in the order of the checks.
    brought
        What is there of every stream of features that somebody brings, see `mimamo.audit.brought_checks`.
    sound
        Whether the name has sound; None without a stream of sound, see `mimamo.audit.sound_checks`.
    """

    cells: dict[str, object]
    frames: list[int] = field(default_factory=list)
    highest: int = 0
    symptoms: list[Symptom] = field(default_factory=list)
    brought: dict[str, dict] = field(default_factory=dict)
    sound: bool | None = None

    def _add(
        self, severity: str, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()
    ) -> None:
        """Record a symptom of any severity."""
        self.symptoms.append(Symptom(check, severity, wrong, done, remedy, tuple(frames)))

    def fault(self, check: str, wrong: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Record a fault, which makes the name unusable."""
        self._add("fault", check, wrong, "the name is not used", remedy, frames)

    def repair(self, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Record a repair: something that was wrong and is dealt with."""
        self._add("repair", check, wrong, done, remedy, frames)

    def note(self, check: str, wrong: str, done: str, remedy: str, frames: Iterable[int] = ()) -> None:
        """Record a note: something that need not be wrong."""
        self._add("note", check, wrong, done, remedy, frames)

    def fault_from_error(
        self, check: str, error: InputError, before: str = "", frames: Iterable[int] = ()
    ) -> None:
        """Record a fault from the error that a reader raised."""
        done = "the name is not used"
        self.symptoms.append(Symptom.from_error(check, "fault", error, done, before, frames))

    def repair_from_error(
        self, check: str, error: InputError, done: str, before: str = "", frames: Iterable[int] = ()
    ) -> None:
        """Record a repair from the error that a reader raised."""
        self.symptoms.append(Symptom.from_error(check, "repair", error, done, before, frames))

    @property
    def verdict(self) -> str:
        """The name's verdict: unusable, repaired or ok."""
        return verdict(self.symptoms)

    def row(self, corpus: Corpus) -> dict[str, object]:
        """Return the row of the audit's table; its reason lists faults and then repairs, without notes."""
        reasons = [symptom for symptom in self.symptoms if symptom.severity != "note"]
        reasons.sort(key=lambda symptom: symptom.severity != "fault")
        reason = corpus.with_relative_paths(" ".join(symptom.sentence for symptom in reasons))
        return {**dict.fromkeys(COLUMNS), **self.cells, "verdict": self.verdict, "reason": reason}
