"""Symptoms: what a check of the corpus finds, in the parts that tables, pages and sentences are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass

from mimamo.errors import InputError

#: What a symptom does to a name, the worst first: it cannot be used; it is used and something was dealt with;
#: it is as good as it can be, and a person may want to know.
SEVERITIES = ("fault", "repair", "note")
VERDICTS = {"fault": "unusable", "repair": "repaired", "note": "ok"}


@dataclass(frozen=True)
class Symptom:
    """One thing that a check found.

    Attributes
    ----------
    check
        What kind of thing it is, in a few words ("unreadable crops"); the same for all names that have it.
    severity
        One of `SEVERITIES`.
    wrong
        Which file (and line or frame), what was expected and what was found.
    done
        What the workflow does about it; empty where it does nothing.
    remedy
        What a person can do; empty where nothing need be done.
    frames
        The frames that it is about, ascending; none where it is about all or no particular ones.
    """

    check: str
    severity: str
    wrong: str
    done: str = ""
    remedy: str = ""
    frames: tuple[int, ...] = ()

    @classmethod
    def of_error(
        cls,
        check: str,
        severity: str,
        error: InputError,
        done: str = "",
        before: str = "",
        frames: Iterable[int] = (),
    ) -> Symptom:
        """Take the sentence of an error apart; by convention the remedy stands after its last semicolon."""
        wrong, _, remedy = str(error).rpartition("; ")
        remedy = remedy.removesuffix(".")
        return cls(check, severity, before + (wrong or remedy), done, remedy if wrong else "", tuple(frames))

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        return "; ".join(part for part in (self.wrong, self.done, self.remedy) if part) + "."

    @property
    def complaint(self) -> str:
        """The sentence without what is done about it, as an error says it."""
        return "; ".join(part for part in (self.wrong, self.remedy) if part) + "."


def verdict(symptoms: Iterable[Symptom]) -> str:
    """Give the verdict on a name: unusable, repaired or ok."""
    found = {symptom.severity for symptom in symptoms}
    return next((VERDICTS[severity] for severity in SEVERITIES if severity in found), "ok")


def counted(things: Sized, noun: str) -> str:
    """Say how many of something there are."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
