"""Validation of a submission against the challenge's format: every name, every frame, every value."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import pandas as pd

from mimamo.corpus.list_rows import Listed
from mimamo.corpus.lists import name_fault, read_frame_list, read_sample_list
from mimamo.errors import InputError
from mimamo.findings import Findings
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import read_csv
from mimamo.submission.bundle import SubmissionText, open_bundle
from mimamo.submission.parse import NameReading, is_single, read_per_video, read_single

logger = logging.getLogger(__name__)

COLUMNS = ("name", "lines", "expected", "minus_five_share", "verdict", "problem")


@dataclass
class ValidationResult:
    """The result of a validation.

    Attributes
    ----------
    table
        One row a name, expected or found: name, lines (with values), expected (lines; empty where unknown),
        minus_five_share (0 to 1), verdict (ok, note or wrong) and problem (sentences).
    problems
        Everything that makes the submission invalid, in sentences.
    notes
        What is unusual but may be intended, in sentences.
    """

    table: pd.DataFrame
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def summary(self) -> str:
        """Return one sentence about the submission as a whole."""
        lines = int(self.table["lines"].sum())
        missing = (self.table["lines"] * self.table["minus_five_share"].fillna(0)).sum()
        share = missing / lines if lines else 0.0
        verdict = "valid" if self.valid else f"NOT valid, {len(self.problems)} problems"
        return f"{verdict}: {len(self.table)} names, {lines} lines, {share:.2%} of them -5"

    def log(self) -> None:
        """Log problems, notes and the summary."""
        for problem in self.problems:
            logger.error("%s", problem)
        for note in self.notes:
            logger.warning("%s", note)
        logger.log(logging.INFO if self.valid else logging.ERROR, "The submission is %s", self.summary())


def validate(submission: str | PathLike, expected: Mapping[str, int | None]) -> ValidationResult:
    """Check a submission: names, headers, columns, lines, range, numbers, order, packing.

    Parameters
    ----------
    submission
        A folder or zip that holds one text a name, or the one text for all names, or both; or a text alone.
    expected
        Number of frames of every name that must be present; None where it is not known.

    Returns
    -------
    ValidationResult
        The verdict, with a row for every name.

    Raises
    ------
    InputError
        Where there is no such submission or its zip cannot be opened.
    """
    with open_bundle(submission) as bundle:
        general = bundle.findings
        forms = _read_texts(bundle.texts, general)
    if not forms:
        general.add_problem(
            f"{submission}: expected the texts of a submission, found no .txt; name another folder"
        )
        forms = [{}]
    rows = []
    for name in sorted({*expected, *(name for form in forms for name in form)}):
        row, findings = _check_name(name, [form.get(name) for form in forms], expected)
        rows.append(row)
        general.extend(findings)
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"expected": "Int64"})
    return ValidationResult(table, general.problems, general.notes)


def expected_from_gaps(path: str | PathLike) -> dict[str, int | None]:
    """Read names and lengths from the workflow's gaps.csv; None where a length is not known.

    Raises
    ------
    InputError
        Where the file is not such a table.
    """
    try:
        table = read_csv(path, usecols=["name", "length"]).astype({"length": "Int64"})
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: expected a CSV with the columns name and length, as results/gaps.csv, found "
            f"none ({' '.join(str(error).split())}); name that file"
        ) from error
    lengths = (None if pd.isna(length) else int(length) for length in table["length"])
    return dict(zip(table["name"], lengths, strict=True))


def expected_from_frame_list(path: str | PathLike) -> dict[str, int | None]:
    """Read names and lengths from a list with a name and its number of frames a line."""
    return dict(_content(read_frame_list(Path(path))))


def expected_from_sample_list(path: str | PathLike) -> dict[str, int | None]:
    """Read names and lengths from the organisers' sample submission, which lists every ``name/00001.jpg``."""
    return {name: max(frames) for name, frames in _content(read_sample_list(Path(path))).items()}


def _content(listed: Listed[dict]) -> dict:
    """Return the content of a list; what else stands in it is logged."""
    if listed.wrong:
        logger.warning("%s; it is left out.", listed.wrong)
    return listed.content


def _read_texts(texts: list[SubmissionText], general: Findings) -> list[dict[str, NameReading]]:
    """Read all texts and return the readings by name, one dictionary for each form of the submission.

    All texts for single names together are one form; every text for all names is another.
    """
    per_video: dict[str, NameReading] = {}
    forms: list[dict[str, NameReading]] = []
    for text in texts:
        if is_single(text):
            readings, findings = read_single(text)
            forms.append(readings)
            general.extend(findings)
        elif fault := name_fault(text.name):
            general.add_problem(f"{text.place}: expected a text named <name>.txt, found one where {fault}")
        elif text.name in per_video:
            general.add_problem(
                f"{text.place}: expected one text for {text.name}, found {per_video[text.name].place} as well"
            )
        else:
            per_video[text.name] = read_per_video(text)
    return [per_video, *forms] if per_video else forms


def _check_name(
    name: str, readings: list[NameReading | None], expected: Mapping[str, int | None]
) -> tuple[dict[str, object], Findings]:
    """Return the row of one name in the table, and the findings about it in all forms."""
    findings = Findings()
    present = [reading for reading in readings if reading is not None]
    for reading in present:
        findings.extend(reading.findings)
    if name not in expected:
        findings.add_problem(f"{present[0].place}: expected only names of the test set, found {name}")
    elif expected[name] is None:
        findings.add_note(f"{name}: its number of frames is not known, so its lines were not counted")
    else:
        _check_lengths(name, readings, expected[name], findings)
    _check_agreement(name, present, findings)
    first = present[0] if present else NameReading("")
    _note_minus_five(name, first, findings)
    row = {
        "name": name,
        "lines": first.lines,
        "expected": expected.get(name),
        "minus_five_share": first.missing.mean() if first.lines else None,
        "verdict": findings.verdict,
        "problem": " | ".join(findings.problems + findings.notes),
    }
    return row, findings


def _check_lengths(name: str, readings: list[NameReading | None], expected: int, findings: Findings) -> None:
    """Add a problem for every form that has another number of lines than expected."""
    for reading in readings:
        if reading is None and expected:
            findings.add_problem(f"{name}: expected {expected} lines with values, found no such name")
        elif reading is not None and reading.lines != expected:
            findings.add_problem(
                f"{reading.place}: expected {expected} lines with values for {name}, found {reading.lines}"
            )


def _check_agreement(name: str, present: list[NameReading], findings: Findings) -> None:
    """Add a problem where forms differ: they are for different servers, so one of them is out of date."""
    for other in present[1:]:
        first = present[0]
        readable = not (first.findings.problems or other.findings.problems)
        if readable and (other.valence, other.arousal) != (first.valence, first.arousal):
            findings.add_problem(
                f"{other.place}: expected for {name} what {first.place} says, found other values"
            )


def _note_minus_five(name: str, reading: NameReading, findings: Findings) -> None:
    """Add a note where every line is -5, or a line after the first prediction."""
    missing = reading.missing
    if not missing.any():
        return
    if missing.all():
        findings.add_note(f"{name}: every line is {MISSING:g}")
    elif missing[missing.argmin() :].any():
        findings.add_note(f"{name}: {MISSING:g} stands after the first prediction, not only before it")
