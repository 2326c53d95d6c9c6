"""Annotation files: a header, then one line of valence and arousal per frame of the video."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.storage.text import read_lines

#: What stands in a line of a frame that nobody annotated, in either column.
NOT_ANNOTATED = -5.0
HEADER = ",".join(DIMENSIONS)

# What stands between columns in files that a spreadsheet has saved.
_SEPARATORS = {";": "semicolons", "\t": "tabs"}

# Python's float() would also take "nan", "1_0" and digits of other scripts.
_NUMBER = r"[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*"
_VALUE = re.compile(_NUMBER, re.ASCII)
_ROW = re.compile(f"{_NUMBER},{_NUMBER}", re.ASCII)


class AnnotationError(InputError):
    """Lines of an annotation file that are not as they should be; `frames` are theirs, ascending."""

    def __init__(self, message: str, frames: tuple[int, ...]) -> None:
        super().__init__(message)
        self.frames = frames


@dataclass(frozen=True)
class Annotations:
    """What one annotation file says; line i+1 of the file, and so element i-1 here, belongs to crop i.

    Attributes
    ----------
    valence, arousal
        The values as they stand in the file, in [-1, 1] or `NOT_ANNOTATED`; float64, shape (lines,).
    annotated
        Where both columns hold a real annotation; bool, shape (lines,).
    repairs
        What was not as it should be and was read all the same, a phrase each.
    """

    valence: np.ndarray
    arousal: np.ndarray
    annotated: np.ndarray
    repairs: list[str]

    def __len__(self) -> int:
        return len(self.annotated)

    def frames(self, annotated: bool = True) -> np.ndarray:
        """Give the numbers (1-based) of the frames that are annotated, or of those that are not."""
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
        The values. Spaces, Windows line ends, a byte order mark and blank last lines are told in ``repairs``.

    Raises
    ------
    InputError
        If the file cannot be read or has another header; as an `AnnotationError`, with the first of them, if
        lines do not hold two such numbers.
    """
    text = read_lines(path, f"an annotation file with the header {HEADER!r}", "put the file back")
    _check_header(path, text.lines)
    values = np.array(_rows(path, text.lines[1:]), float).reshape(-1, len(DIMENSIONS))
    repairs = list(text.repairs)
    if any(" " in line or "\t" in line for line in text.lines):
        repairs.append("spaces around the values")
    annotated = (values != NOT_ANNOTATED).all(axis=1)
    return Annotations(values[:, 0].copy(), values[:, 1].copy(), annotated, repairs)


def _check_header(path: Path, lines: list[str]) -> None:
    """Raise where the first line is not the header."""
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


def _rows(path: Path, lines: list[str]) -> list[tuple[float, float]]:
    """Read the lines below the header; raise where there are bad ones."""
    rows = [_row(line) for line in lines]
    bad = [frame for frame, row in enumerate(rows, start=1) if row is None]
    if not bad:
        return rows
    first = lines[bad[0] - 1]
    remedy = "put commas between the columns" if _other_separator(first) else "correct the line"
    if len(bad) > 1:
        others = "another one" if len(bad) == 2 else f"{len(bad) - 1} others"
        remedy += f" and {others}, the last is line {bad[-1] + 1}"
    raise AnnotationError(f"{path}, line {bad[0] + 1}: {_fault(first)}; {remedy}.", tuple(bad))


def _row(line: str) -> tuple[float, float] | None:
    """Read the two numbers of a line, None where it does not hold two that may stand there."""
    match = _ROW.fullmatch(line)
    row = (float(match[1]), float(match[2])) if match else (math.inf, math.inf)
    return row if all(abs(value) <= 1 or value == NOT_ANNOTATED for value in row) else None


def _fault(line: str) -> str:
    """Say what was expected and what is wrong with a bad line."""
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
        bad = next(field for field in fields if not _VALUE.fullmatch(field)).strip()
        found = repr(bad[:60]) if bad else "a missing value"
    return f"expected two numbers such as '0.25,-0.5', found {found}"


def _other_separator(line: str) -> str:
    """Say what stands between the columns of a line where there is no comma."""
    fields = line.strip()
    return next((word for mark, word in _SEPARATORS.items() if mark in fields and "," not in fields), "")
