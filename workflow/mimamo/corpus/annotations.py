"""Reader of annotation files: a header, then one line of valence and arousal per frame of the video."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.corpus.columns import HEADER, SEPARATORS, VALUE, Columns, read_columns
from mimamo.errors import InputError
from mimamo.storage.text import read_lines

#: The value, in either column, of a frame without annotation.
NOT_ANNOTATED = -5.0

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)


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
    unusual
        How header and separators differ from the usual ones, a phrase each; the values are the same.
    """

    valence: np.ndarray
    arousal: np.ndarray
    annotated: np.ndarray
    repairs: list[str]
    unusual: list[str] = field(default_factory=list)

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
        A text file with the header ``valence,arousal`` and then two numbers a line, in [-1, 1] or -5. The
        header decides which column is which: they may be in another order, beside a column ``frame`` that
        counts the lines from 1, or between semicolons or tabs.

    Returns
    -------
    Annotations
        The values. Spaces, Windows line ends, a byte order mark and blank last lines are listed in
        ``repairs``.

    Raises
    ------
    InputError
        If the file cannot be read or has another header; as an `AnnotationError`, which describes the first
        of them, if lines do not hold two such numbers, or the number of another frame.
    """
    text = read_lines(path, f"an annotation file with the header {HEADER!r}", "put the file back")
    columns, unusual = read_columns(path, text.lines)
    lines = text.lines[1:]
    values = np.array(_parse_rows(path, lines, columns), float).reshape(-1, len(DIMENSIONS))
    if "frame" in columns.names:
        _check_frames(path, lines, columns)
    repairs = list(text.repairs)
    if any(" " in line or ("\t" in line and columns.separator != "\t") for line in lines):
        repairs.append("spaces around the values")
    annotated = (values != NOT_ANNOTATED).all(axis=1)
    return Annotations(values[:, 0].copy(), values[:, 1].copy(), annotated, repairs, unusual)


def _parse_rows(path: Path, lines: list[str], columns: Columns) -> list[tuple[float, float]]:
    """Parse the lines below the header; raise `AnnotationError` where there are invalid ones."""
    match_row, groups = columns.row.fullmatch, [columns.group(dimension) for dimension in DIMENSIONS]
    rows = [_parse_row(match_row(line), *groups) for line in lines]
    invalid = [frame for frame, row in enumerate(rows, start=1) if row is None]
    if not invalid:
        return rows
    first = lines[invalid[0] - 1]
    remedy = _scale(lines, columns) + _remedy(first, columns) + _other_lines(invalid)
    raise AnnotationError(
        f"{path}, line {invalid[0] + 1}: {_describe_fault(first, columns)}; {remedy}.", tuple(invalid)
    )


def _parse_row(match, valence: int, arousal: int) -> tuple[float, float] | None:
    """Return the two numbers of a matched line; None where it holds no two valid ones."""
    row = (float(match[valence]), float(match[arousal])) if match else (math.inf, math.inf)
    return row if all(abs(value) <= 1 or value == NOT_ANNOTATED for value in row) else None


def _remedy(line: str, columns: Columns) -> str:
    """Tell what to do about an invalid line."""
    if _other_separator(line, columns):
        return f"put {SEPARATORS[columns.separator]}s between the columns"
    if any(_DECIMAL_COMMA.fullmatch(field.strip()) for field in columns.fields(line)):
        return "write numbers with decimal points"
    return "correct the line"


def _other_lines(invalid: list[int]) -> str:
    """Tell of further invalid lines, where there are any, by the frames of all of them."""
    if len(invalid) < 2:
        return ""
    others = "another one" if len(invalid) == 2 else f"{len(invalid) - 1} others"
    return f" and {others}, the last is line {invalid[-1] + 1}"


def _scale(lines: list[str], columns: Columns) -> str:
    """Suggest that the values are on another scale, where more than one line is out of range; else empty."""
    matches = [match for line in lines if (match := columns.row.fullmatch(line))]
    rows = [[float(match[columns.group(dimension)]) for dimension in DIMENSIONS] for match in matches]
    values = [value for row in rows for value in row if math.isfinite(value)]
    outside = [row for row in rows if any(abs(value) > 1 and value != NOT_ANNOTATED for value in row)]
    if len(outside) < 2 or not values:
        return ""
    end = 10 ** math.ceil(math.log10(max(2.0, *map(abs, values))))
    return (
        f"the file's values lie between {min(values):g} and {max(values):g}, so divide all of them by {end:g}"
        f" if they are on a scale from -{end:g} to {end:g}, or else "
    )


def _describe_fault(line: str, columns: Columns) -> str:
    """Describe what was expected of an invalid line and what is wrong with it."""
    if columns.row.fullmatch(line):
        wanted = "values from -1 to 1, or -5 for a frame without annotation,"
        return f"expected {wanted} found {line.strip()[:60]!r}"
    fields = columns.fields(line)
    if not line.strip():
        found = "a blank line before the last one"
    elif separator := _other_separator(line, columns):
        found = f"{separator}s in {line[:60]!r}"
    elif len(fields) != len(columns.names):
        found = f"{len(fields)} {'column' if len(fields) == 1 else 'columns'} ({line[:60]!r})"
    elif wrong := [field.strip() for field in fields if not VALUE.fullmatch(field)]:
        found = repr(wrong[0][:60]) if wrong[0] else "a missing value"
    else:
        found = f"{line[:60]!r}"
    example = columns.separator.join(
        {"valence": "0.25", "arousal": "-0.5"}.get(n, "1") for n in columns.names
    )
    numbers = {2: "two", 3: "three"}[len(columns.names)]
    return (
        f"expected {numbers} numbers such as {example + columns.separator * columns.ending!r}, found {found}"
    )


def _other_separator(line: str, columns: Columns) -> str:
    """Name the separator in a line that has another than the header; empty where it has the header's."""
    fields = line.strip()
    if columns.separator in fields:
        return ""
    return next((name for char, name in SEPARATORS.items() if char in fields), "")


def _check_frames(path: Path, lines: list[str], columns: Columns) -> None:
    """Raise `AnnotationError` where the column of frame numbers does not count the lines from 1."""
    group = columns.group("frame")
    numbers = [int(columns.row.fullmatch(line)[group]) for line in lines]
    wrong = [frame for frame, number in enumerate(numbers, start=1) if number != frame]
    if not wrong:
        return
    first = wrong[0]
    remedy = "put the lines in the order of their frames, with one line for every frame"
    if all(number == frame - 1 for frame, number in enumerate(numbers, start=1)):
        remedy = "add 1 to every number if they count from 0"
    raise AnnotationError(
        f"{path}, line {first + 1}: expected frame {first}, as line k+1 is about frame k, found"
        f" {numbers[first - 1]} in the column frame; {remedy}.",
        tuple(wrong),
    )
