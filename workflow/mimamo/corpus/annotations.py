"""Reader of annotation files: a header, then one line of valence and arousal per frame of the video."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.storage.text import read_lines

#: The value, in either column, of a frame without annotation.
NOT_ANNOTATED = -5.0
HEADER = ",".join(DIMENSIONS)

# Separators of columns in files saved by a spreadsheet.
_SEPARATORS = {";": "semicolons", "\t": "tabs"}

# Python's float() would also take "nan", "1_0" and digits of other scripts.
_NUMBER = r"[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*"
_VALUE = re.compile(_NUMBER, re.ASCII)
_ROW = re.compile(f"{_NUMBER},{_NUMBER}", re.ASCII)


class AnnotationError(InputError):
    """Invalid lines in an annotation file; `frames` are the frames of these lines, ascending."""

    def __init__(self, message: str, frames: tuple[int, ...]) -> None:
        super().__init__(message)
        self.frames = frames


@dataclass(frozen=True)
class Annotations:
    """The content of one annotation file; line i+1 of the file, element i-1 of the arrays, is about crop i.

    Attributes
    ----------
    valence, arousal
        The values as in the file, in [-1, 1] or `NOT_ANNOTATED`; float64, shape (lines,).
    annotated
        Where both columns hold a real annotation; bool, shape (lines,).
    repairs
        Deviations from the format that were tolerated, a phrase each.
    """

    valence: np.ndarray
    arousal: np.ndarray
    annotated: np.ndarray
    repairs: list[str]

    def __len__(self) -> int:
        return len(self.annotated)

    def frames(self, annotated: bool = True) -> np.ndarray:
        """Return the numbers (1-based) of the frames that are annotated, or of those that are not."""
        return np.flatnonzero(self.annotated == annotated) + 1


def read_annotations(path: Path) -> Annotations:
    """Read an annotation file.

    Parameters
    ----------
    path
        A text file with the header ``valence,arousal`` and then two numbers a line, in [-1, 1] or -5.

    Returns
    -------
    Annotations
        The values. Spaces, Windows line ends, a byte order mark and blank last lines are listed in
        ``repairs``.

    Raises
    ------
    InputError
        If the file cannot be read or has another header; as an `AnnotationError`, which describes the first
        of them, if lines do not hold two such numbers.
    """
    text = read_lines(path, f"an annotation file with the header {HEADER!r}", "put the file back")
    _check_header(path, text.lines)
    values = np.array(_parse_rows(path, text.lines[1:]), float).reshape(-1, len(DIMENSIONS))
    repairs = list(text.repairs)
    if any(" " in line or "\t" in line for line in text.lines):
        repairs.append("spaces around the values")
    annotated = (values != NOT_ANNOTATED).all(axis=1)
    return Annotations(values[:, 0].copy(), values[:, 1].copy(), annotated, repairs)


def _check_header(path: Path, lines: list[str]) -> None:
    """Raise InputError where the first line is not the header."""
    found = lines[0] if lines else ""
    if ",".join(field.strip() for field in found.split(",")) == HEADER:
        return
    if not lines:
        found, remedy = "an empty file", "fetch it again"
    elif separator := _other_separator(found):
        found, remedy = f"{separator} in {found[:60]!r}", "put commas between the columns"
    else:
        found = repr(found[:60])
        remedy = "correct the line, and the columns below it if they are in another order"
    raise InputError(f"{path}, line 1: expected the header {HEADER!r}, found {found}; {remedy}.")


def _parse_rows(path: Path, lines: list[str]) -> list[tuple[float, float]]:
    """Parse the lines below the header; raise `AnnotationError` where there are invalid ones."""
    rows = [_parse_row(line) for line in lines]
    invalid = [frame for frame, row in enumerate(rows, start=1) if row is None]
    if not invalid:
        return rows
    first = lines[invalid[0] - 1]
    remedy = "put commas between the columns" if _other_separator(first) else "correct the line"
    if len(invalid) > 1:
        others = "another one" if len(invalid) == 2 else f"{len(invalid) - 1} others"
        remedy += f" and {others}, the last is line {invalid[-1] + 1}"
    message = f"{path}, line {invalid[0] + 1}: {_describe_fault(first)}; {remedy}."
    raise AnnotationError(message, tuple(invalid))


def _parse_row(line: str) -> tuple[float, float] | None:
    """Parse the two numbers of a line; return None where it does not hold two valid ones."""
    match = _ROW.fullmatch(line)
    row = (float(match[1]), float(match[2])) if match else (math.inf, math.inf)
    return row if all(abs(value) <= 1 or value == NOT_ANNOTATED for value in row) else None


def _describe_fault(line: str) -> str:
    """Describe what was expected of an invalid line and what is wrong with it."""
    if _ROW.fullmatch(line):
        wanted = "values from -1 to 1, or -5 for a frame without annotation,"
        return f"expected {wanted} found {line.strip()[:60]!r}"
    fields = line.split(",")
    if not line.strip():
        found = "a blank line before the last one"
    elif separator := _other_separator(line):
        found = f"{separator} in {line[:60]!r}"
    elif len(fields) != len(DIMENSIONS):
        found = f"{len(fields)} {'column' if len(fields) == 1 else 'columns'} ({line[:60]!r})"
    else:
        value = next(field for field in fields if not _VALUE.fullmatch(field)).strip()
        found = repr(value[:60]) if value else "a missing value"
    return f"expected two numbers such as '0.25,-0.5', found {found}"


def _other_separator(line: str) -> str:
    """Name the separator in a line without commas; empty where there is none."""
    fields = line.strip()
    return next((name for char, name in _SEPARATORS.items() if char in fields and "," not in fields), "")
