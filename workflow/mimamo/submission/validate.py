"""Validation of a submission against the challenge's format: every name, every frame, every value."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.corpus.layout import case_folded
from mimamo.corpus.list_rows import Listed
from mimamo.corpus.lists import name_fault, read_frame_list, read_sample_list
from mimamo.errors import InputError
from mimamo.findings import Findings
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import read_csv
from mimamo.submission.bundle import SubmissionText, open_bundle
from mimamo.submission.parse import NameReading, is_single, read_per_video, read_single

logger = logging.getLogger(__name__)

#: Verdict of the check where there is no test name.
NOTHING = "nothing to submit"
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
        if not lines:
            return f"NOT valid, {NOTHING}: there is no line with values"
        missing = (self.table["lines"] * self.table["minus_five_share"].fillna(0)).sum()
        share = missing / lines
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
        Where no name is expected, there is no such submission, or its zip cannot be opened.
    """
    if not expected:
        raise InputError(
            f"{submission}: expected the names of the test set, found none, so there is nothing to submit; "
            "give a list of them, or set data.test_list and run the workflow again"
        )
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
    _check_values(forms, general)
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
    except FileNotFoundError:
        raise InputError(
            f"{path}: expected a CSV with the columns name and length, as results/gaps.csv, found none; name "
            f"that file. A run without test names has none, as there is {NOTHING}"
        ) from None
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
        findings.add_problem(
            f"{present[0].place}: expected only names of the test set, found {name}{meant(name, expected)}"
        )
    elif not expected[name]:
        findings.add_problem(
            f"{name}: expected a known number of frames, found none, so its lines cannot be counted; give "
            "its length in data.frame_list, or correct the name in data.test_list"
        )
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


def meant(name: str, expected: Iterable[str]) -> str:
    """Return which expected name is probably meant by one that is not, which servers compare as text."""
    stem = name.rpartition(".")[0]
    alike = [other for other in expected if case_folded(other) in (case_folded(name), case_folded(stem))]
    return f"; {alike[0]} is probably meant" if alike else ""


def _check_values(forms: list[dict[str, NameReading]], findings: Findings) -> None:
    """Add a problem where there is no value at all, and a note where all values of a dimension are equal."""
    readings = list(forms[0].values())
    if not any(reading.lines for form in forms for reading in form.values()):
        findings.add_problem("expected lines with values, found none: there is nothing to submit")
    for dimension in DIMENSIONS:
        parts = [np.asarray(getattr(reading, dimension))[~reading.missing] for reading in readings]
        values = np.unique(np.concatenate([*parts, []]))
        if len(values) == 1 and sum(map(len, parts)) > 1:
            findings.add_note(
                f"every {dimension} in the submission is {values[0]:g}, as of a network that learned nothing"
            )


def _check_lengths(name: str, readings: list[NameReading | None], expected: int, findings: Findings) -> None:
    """Add a problem for every form that has another number of lines than expected."""
    for reading in readings:
        if reading is None:
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
