"""Writing a figure, the same bytes every time: a picture for the screen, and vector graphics for a paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import matplotlib.style
from matplotlib.figure import Figure

from mimamo.figures.files import VECTOR_FORMATS, WIDTHS, caption_file, vector_file
from mimamo.figures.style import GREY, STYLE
from mimamo.storage.files import atomic_write

#: Dots an inch of the PNG, and of what is an image in vector graphics.
SCREEN, PRINT = 200, 300
#: What each format would say of date and program, which are not to be in it.
_UNSAID = {
    "png": ("Software",),
    "pdf": ("Creator", "Producer", "CreationDate"),
    "svg": ("Creator", "Date", "Format", "Type"),
}


@dataclass(frozen=True)
class Drawing:
    """A figure that can be drawn at every width of `mimamo.figures.files.WIDTHS`.

    Attributes
    ----------
    draw
        Draws it on an empty figure; the second argument is the width's name.
    heights
        Inches by width.
    facts
        What its caption says of these data; empty, or whole sentences.
    layout
        matplotlib's layout; ``compressed`` where panels have an aspect of their own.
    """

    draw: Callable[[Figure, str], None]
    heights: Mapping[str, float]
    facts: str = ""
    layout: str = "constrained"

    def sheet(self, width: str) -> Figure:
        """Draw it at a width and lay out its panels, in the same places for all formats."""
        size = (WIDTHS[width], self.heights[width])
        with matplotlib.style.context(["default", STYLE]):
            sheet = Figure(figsize=size, dpi=SCREEN, layout=self.layout, facecolor="white")
            sheet.get_layout_engine().set(h_pad=0.03, w_pad=0.04)
            self.draw(sheet, width)
            sheet.draw_without_rendering()
            sheet.set_layout_engine("none")
        return sheet

    def write(self, picture: str | PathLike, caption: str) -> None:
        """Write all its files, each completely or not at all.

        Parameters
        ----------
        picture
            The PNG, at the width of the page; where the others lie says `mimamo.figures.files`.
        caption
            What its caption says whatever the data are.
        """
        for width in WIDTHS:
            sheet = self.sheet(width)
            for form in VECTOR_FORMATS:
                _save(sheet, vector_file(picture, width, form), form, PRINT)
        _save(sheet, Path(picture), "png", SCREEN)
        with atomic_write(caption_file(picture)) as fresh:
            fresh.write_text(f"{caption} {self.facts}".strip() + "\n", encoding="utf-8", newline="\n")


def sentence_alone(sentence: str) -> Drawing:
    """Return the drawing of a sentence, where there is nothing to draw."""
    place = {"ha": "center", "va": "center", "color": GREY}
    heights = dict.fromkeys(WIDTHS, 1.0)
    return Drawing(lambda sheet, width: sheet.text(0.5, 0.5, sentence, **place), heights, sentence)


def _save(sheet: Figure, path: Path, form: str, resolution: int) -> None:
    """Write a figure in one format, without date and program."""
    with matplotlib.style.context(["default", STYLE]), atomic_write(path) as fresh:
        sheet.savefig(fresh, format=form, dpi=resolution, metadata=dict.fromkeys(_UNSAID[form]))
