"""Annotation files: a header, then one line of valence and arousal per frame of the video."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.lines import read_lines

#: What stands in a line of a frame that nobody annotated, in either column.
NOT_ANNOTATED = -5.0
HEADER = ",".join(DIMENSIONS)

# Python's float() would also take "nan", "1_0" and digits of other scripts.
_NUMBER = r"[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*"
_VALUE = re.compile(_NUMBER, re.ASCII)
_ROW = re.compile(f"{_NUMBER},{_NUMBER}", re.ASCII)


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
        With file and line, if the header is another one, or a line does not hold two such numbers.
    """
    text = read_lines(path, f"an annotation file with the header {HEADER!r}", "put the file back")
    _check_header(path, text.lines)
    values = np.array(
        [_row(path, number, line) for number, line in enumerate(text.lines[1:], start=2)], float
    )
    values = values.reshape(-1, len(DIMENSIONS))
    _check_range(path, values, text.lines)
    repairs = list(text.repairs)
    if any(" " in line or "\t" in line for line in text.lines):
        repairs.append("spaces around the values were left out")
    annotated = (values != NOT_ANNOTATED).all(axis=1)
    return Annotations(values[:, 0].copy(), values[:, 1].copy(), annotated, repairs)


def _check_header(path: Path, lines: list[str]) -> None:
    """Raise where the first line is not the header."""
    found = lines[0] if lines else ""
    if ",".join(field.strip() for field in found.split(",")) != HEADER:
        raise InputError(
            f"{path}, line 1: expected the header {HEADER!r}, found {found[:60]!r}; correct the line, and"
            " the columns below it if they are in another order."
        )


def _row(path: Path, number: int, line: str) -> tuple[float, float]:
    """Read the two numbers of a line."""
    match = _ROW.fullmatch(line)
    if match is None:
        raise InputError(
            f"{path}, line {number}: expected two numbers such as '0.25,-0.5', found {_fault(line)}; correct"
            " the line."
        )
    return float(match[1]), float(match[2])


def _fault(line: str) -> str:
    """Say what is wrong with a line that does not hold two numbers."""
    if not line.strip():
        return "a blank line before the last one"
    fields = line.split(",")
    if len(fields) != len(DIMENSIONS):
        return f"{len(fields)} {'column' if len(fields) == 1 else 'columns'} ({line[:60]!r})"
    return repr(next(field for field in fields if not _VALUE.fullmatch(field)).strip()[:60])


def _check_range(path: Path, values: np.ndarray, lines: list[str]) -> None:
    """Raise at the first line with a value that is neither in [-1, 1] nor -5."""
    outside = ((np.abs(values) > 1) & (values != NOT_ANNOTATED)).any(axis=1)
    if outside.any():
        row = int(outside.argmax())
        raise InputError(
            f"{path}, line {row + 2}: expected values from -1 to 1, or -5 for a frame without annotation,"
            f" found {lines[row + 1].strip()[:60]!r}; correct the line."
        )
