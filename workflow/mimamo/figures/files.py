"""The files of a figure: a picture, the same for a paper at two widths, and its caption.

Without matplotlib, as the rules name all of them before the first job.
"""

from __future__ import annotations

from os import PathLike
from pathlib import Path

#: Inches that a figure is wide in a paper of two columns, as IEEE prints it: one column, and the whole page.
WIDTHS = {"column": 3.5, "page": 7.16}
VECTOR_FORMATS = ("pdf", "svg")


def vector_file(picture: str | PathLike, width: str, form: str) -> Path:
    """Return where a figure lies at a width of `WIDTHS` and in one of `VECTOR_FORMATS`, given its PNG."""
    path = Path(picture)
    return path.parent / width / f"{path.stem}.{form}"


def caption_file(picture: str | PathLike) -> Path:
    """Return where the caption of a figure lies, given its PNG."""
    return Path(picture).with_suffix(".txt")


def files_beside(picture: str | PathLike) -> list[str]:
    """Return all files that are written with a PNG: those for papers, and the caption."""
    vector = [vector_file(picture, width, form) for width in WIDTHS for form in VECTOR_FORMATS]
    return [str(path) for path in (*vector, caption_file(picture))]
