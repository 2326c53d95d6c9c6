"""The columns of an annotation file, by its header: which there are, their order, and what separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mimamo import DIMENSIONS
from mimamo.errors import InputError

HEADER = ",".join(DIMENSIONS)

#: What may separate columns, and its name in sentences: files saved by a spreadsheet have others than commas.
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
#: Names of a column of frame numbers, without spaces, hyphens and underscores.
_FRAME_NAMES = {"frame", "frames", "frameid", "frameindex", "frameno", "framenr", "framenumber"}

# Python's float() would also take "nan", "1_0" and digits of other scripts.
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
VALUE = re.compile(rf"[ \t]*{_NUMBER}[ \t]*", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """The columns of an annotation file.

    Attributes
    ----------
    names
        ``valence``, ``arousal`` and, in some files, ``frame``, in the order of the file.
    separator
        One of `SEPARATORS`.
    ending
        Whether a separator stands behind the last column as well.
    """

    names: tuple[str, ...] = DIMENSIONS
    separator: str = ","
    ending: bool = False

    @cached_property
    def row(self) -> re.Pattern[str]:
        """Pattern of a line, with a group for each of `names`."""
        space = "[ ]*" if self.separator == "\t" else r"[ \t]*"
        patterns = [r"\d+" if name == "frame" else _NUMBER for name in self.names]
        fields = [rf"{space}({pattern}){space}" for pattern in patterns]
        return re.compile(self.separator.join(fields) + (self.separator + space) * self.ending, re.ASCII)

    def group(self, name: str) -> int:
        """Return the number of a column's group in `row`."""
        return self.names.index(name) + 1

    def fields(self, line: str) -> list[str]:
        """Split a line at the separators; a last one, where each line has it, begins no further field."""
        fields = line.split(self.separator)
        return fields[:-1] if self.ending and not fields[-1].strip() else fields


def read_columns(path: Path, lines: list[str]) -> tuple[Columns, list[str]]:
    """Determine the columns of an annotation file.

    Names may differ from the usual ones in case, and have spaces or quotation marks around them. A separator
    behind the last column belongs to the layout where every line has it.

    Parameters
    ----------
    path
        The file, for error messages.
    lines
        Its lines.

    Returns
    -------
    columns : Columns
        The columns, taken by their names and not by their places.
    unusual : list of str
        How header and separators differ from `HEADER` and commas, in phrases.

    Raises
    ------
    InputError
        Where the first line does not name the columns valence and arousal once, or names others.
    """
    header = lines[0] if lines else ""
    separator = next((char for char in SEPARATORS if char in header.strip()), ",")
    names = [_column_name(field) for field in header.split(separator)]
    if len(names) > 1 and not names[-1]:
        names.pop()
    if sorted(set(names) - {"frame"}) != sorted(DIMENSIONS) or len(set(names)) < len(names):
        raise _header_fault(path, lines)
    rows = lines[1:]
    ending = bool(rows) and len(rows[0].split(separator)) == len(names) + 1
    ending = ending and all(row.rstrip(" ").endswith(separator) for row in rows)
    columns = Columns(tuple(names), separator, ending)
    unusual = [f"the header {header[:60]!r}"] if header != HEADER else []
    unusual += [f"a {SEPARATORS[separator]} at the end of every line"] if columns.ending else []
    return columns, unusual


def _column_name(field: str) -> str:
    """Return the name that a field of the header stands for."""
    name = field.strip().strip('"').strip().lower()
    return "frame" if re.sub("[ _-]", "", name) in _FRAME_NAMES else name


def _header_fault(path: Path, lines: list[str]) -> InputError:
    """Build the error of a first line that is not a header."""
    found = repr(lines[0][:60]) if lines else "an empty file"
    if not lines:
        remedy = "download it again"
    elif any(VALUE.fullmatch(field) for field in re.split("[,;\t]", lines[0])):
        remedy = "put the header on a line above the values"
    else:
        remedy = "name the columns so, in the order in which they stand, and remove any but a column frame"
    return InputError(f"{path}, line 1: expected the header {HEADER!r}, found {found}; {remedy}.")
