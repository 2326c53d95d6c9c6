"""Symptoms: findings of a check of the corpus, in the fields that tables, pages and messages are built of."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass

from mimamo.errors import InputError

#: Effects of a symptom on a name, the worst first: the name cannot be used; it is used after a repair; it is
#: used as it is, with a note for the user.
SEVERITIES = ("fault", "repair", "note")
VERDICTS = {"fault": "unusable", "repair": "repaired", "note": "ok"}


@dataclass(frozen=True)
class Symptom:
    """One finding of a check.

    Attributes
    ----------
    check
        The kind of finding, in a few words ("unreadable crops"); the same for all names that have it.
    severity
        One of `SEVERITIES`.
    wrong
        Which file (and line or frame), what was expected and what was found.
    done
        What the workflow does about it; empty for nothing.
    remedy
        What the user can do about it; empty where nothing need be done.
    frames
        The frames that it is about, ascending; empty where it is about all or no particular ones.
    """

    check: str
    severity: str
    wrong: str
    done: str = ""
    remedy: str = ""
    frames: tuple[int, ...] = ()

    @classmethod
    def from_error(
        cls,
        check: str,
        severity: str,
        error: InputError,
        done: str = "",
        before: str = "",
        frames: Iterable[int] = (),
    ) -> Symptom:
        """Build a symptom from an error's sentence, which by convention ends with "; " and the remedy."""
        wrong, _, remedy = str(error).rpartition("; ")
        remedy = remedy.removesuffix(".")
        return cls(check, severity, before + (wrong or remedy), done, remedy if wrong else "", tuple(frames))

    @property
    def sentence(self) -> str:
        """All fields in one sentence."""
        return "; ".join(part for part in (self.wrong, self.done, self.remedy) if part) + "."

    @property
    def complaint(self) -> str:
        """The sentence without what is done about it, for an error message."""
        return "; ".join(part for part in (self.wrong, self.remedy) if part) + "."


def verdict(symptoms: Iterable[Symptom]) -> str:
    """Return the verdict on a name: unusable, repaired or ok."""
    severities = {symptom.severity for symptom in symptoms}
    return next((VERDICTS[severity] for severity in SEVERITIES if severity in severities), "ok")


def pluralise(things: Sized, noun: str) -> str:
    """Return the number of `things` with the noun in singular or plural, such as ``3 crops``."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
