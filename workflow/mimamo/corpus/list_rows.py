"""What lists of names may have beside names: a header, further columns, suffixes of files.

A list is taken as it stands unless only one other reading is possible: none of its entries is a known name,
and those of the other reading are. Every such reading is told.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from mimamo.corpus.layout import CONTAINER_SUFFIXES

Content = TypeVar("Content")

#: Suffixes of the files that a name may be written with: its video or its annotation.
SUFFIXES = (*CONTAINER_SUFFIXES, ".txt")
#: What separates columns wherever it stands; spaces may be part of a name.
SEPARATORS = (",", ";", "\t")

_LONGEST_HEADING = 60
_NAME_HEADER = re.compile(
    r"(?:(?:test|video|clip|file|track|subject)s?[ _-]*)*"
    r"(?:names?|videos?|clips?|files?|tracks?|subjects?|ids?|list|set)",
    re.IGNORECASE,
)
_FRAMES_HEADER = re.compile(
    r"(?:(?:video|clip|total|number|num|nr|no|n|count)[ _-]*(?:of[ _-]*)?)*"
    r"(?:frames?|length|count)(?:[ _-]*count)?",
    re.IGNORECASE,
)
HEADERS = {"name": _NAME_HEADER, "frames": _FRAMES_HEADER}


@dataclass(frozen=True)
class Listed(Generic[Content]):
    """The content of a list, and how it was read.

    Attributes
    ----------
    content
        The names, or what is said of them by name.
    path
        The file.
    expected
        What it should hold, for messages.
    unusual
        What else stands in it, a phrase each; empty for a list that is as it should be.
    """

    content: Content
    path: Path
    expected: str
    unusual: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> str:
        """What was expected and what was found instead; empty for a list that is as it should be."""
        found = " and ".join(self.unusual)
        return f"{self.path}: expected {self.expected}, found {found}" if found else ""


def is_header(field: str, column: str = "name") -> bool:
    """Return whether a field of the first line can be the heading of a column "name" or "frames"."""
    heading = field.strip().strip('"').strip()
    return len(heading) <= _LONGEST_HEADING and HEADERS[column].fullmatch(heading) is not None


def separator_of(lines: Sequence[str]) -> str | None:
    """Return the separator that every line has; None where there is none."""
    return next((char for char in SEPARATORS if lines and all(char in line for line in lines)), None)


def column_of_names(lines: Sequence[str], known: Collection[str]) -> tuple[list[str], str]:
    """Take the column of names out of lines that have several.

    The column is the one that the first line calls so, or the only one that has text, or the only one of
    which at least half of the entries are known names.

    Parameters
    ----------
    lines
        The lines of the list that are not blank.
    known
        Known names.

    Returns
    -------
    names : list of str
        The entries of that column, or the lines as they are where no column or several may be meant.
    unusual : str
        What was found; empty for lines as they are.
    """
    if any(line in known for line in lines):
        return list(lines), ""
    separator = separator_of(lines)
    rows = [[entry.strip() for entry in line.split(separator)] for line in lines]
    width = max(map(len, rows), default=0)
    if width < 2 or any(len(row) != width for row in rows):
        return list(lines), ""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    # Without a separator the columns are words: of a header alone nobody can tell how many belong to a name.
    named = [column for column in columns if separator and is_header(column[0]) and column[0] not in known]
    mostly_known = [column for column in columns if _share_known(column, known) >= 0.5]
    for candidates in (named, columns if separator else [], mostly_known):
        if len(candidates) == 1:
            place = list(zip(*rows, strict=True)).index(candidates[0]) + 1
            return list(candidates[0]), f"{width} columns (names in column {place})"
    return list(lines), ""


def _share_known(column: Sequence[str], known: Collection[str]) -> float:
    """Return the share of a column's entries, without its heading, that are known names or files of such."""
    entries = column[1:] if is_header(column[0]) else column
    stems = [_stem(entry) for entry in entries]
    return sum(e in known or stem in known for e, stem in zip(entries, stems, strict=True)) / len(
        entries or "-"
    )


def _stem(entry: str) -> str | None:
    """Return an entry without its suffix; None where it has none of `SUFFIXES`."""
    stem, suffix = os.path.splitext(entry)
    return stem if stem and suffix.lower() in SUFFIXES else None


def without_suffixes(names: Sequence[str], known: Collection[str]) -> tuple[list[str], str]:
    """Take the suffixes off names that are all written as files.

    Parameters
    ----------
    names
        The names of a list.
    known
        Known names. Suffixes belong to the names where one with its suffix is known, or none without.

    Returns
    -------
    names : list of str
        The names, without suffixes where these do not belong to them.
    unusual : str
        What was found; empty where suffixes belong to the names.
    """
    stems = [_stem(name) for name in names]
    as_files = None not in stems and not any(name in known for name in names)
    if not as_files or not any(stem in known for stem in stems):
        return list(names), ""
    return [str(stem) for stem in stems], f"names with a suffix such as {names[0]!r}"


def meant_name(entry: str, known: Collection[str]) -> str | None:
    """Return the known name that an entry of a list probably means; None where none is like it."""
    # An entry of two words is a line with a second column.
    for candidate in (os.path.splitext(entry)[0], *re.split("[,;\\s]+", entry.strip())[:1]):
        if candidate != entry and candidate in known:
            return candidate
    # Names with other numbers in them are other videos, however alike they are.
    numbers = re.findall(r"\d+", entry)
    alike = [name for name in known if re.findall(r"\d+", name) == numbers]
    return next(iter(difflib.get_close_matches(entry, alike, n=1)), None)
