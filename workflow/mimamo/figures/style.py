"""Common style of all figures, and writing them reproducibly: the same data gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

import matplotlib.style
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mimamo.storage.files import atomic_write

# The colours of Okabe and Ito, which can be distinguished with any colour vision.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
)
INK, GREY, LIGHT = "#1A1A1A", "#6B6B6B", "#E3E3E3"

#: One colour for each dimension, in every figure.
DIMENSION_COLOURS = {"valence": BLUE, "arousal": VERMILLION}

RESOLUTION = 150
#: Height in inches of the title with the line below it.
HEADER = 0.72

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT,
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.6,
}


@contextmanager
def figure(
    path: str | PathLike, size: tuple[float, float], title: str, subtitle: str = ""
) -> Iterator[Figure]:
    """Create a figure in the common style and write it as PNG, completely or not at all.

    Parameters
    ----------
    path
        The PNG to write. It holds neither a date nor the version of a program.
    size
        Width and height in inches.
    title, subtitle
        Two lines above the panels: what is shown, and its caveat.

    Yields
    ------
    matplotlib.figure.Figure
        To be drawn in; its panels are laid out automatically.
    """
    with matplotlib.style.context(["default", STYLE]):
        width, height = size
        sheet = Figure(figsize=size, dpi=RESOLUTION, layout="constrained", facecolor="white")
        header = HEADER if subtitle else HEADER - 0.2
        sheet.get_layout_engine().set(
            rect=(0.01, 0.01, 0.98, 1 - header / height - 0.01), h_pad=0.06, w_pad=0.06
        )
        left = 0.12 / width
        sheet.text(left, 1 - 0.12 / height, title, size=13.5, weight="bold", va="top")
        sheet.text(left, 1 - 0.42 / height, subtitle, size=9.5, color=GREY, va="top")
        yield sheet
        with atomic_write(path) as fresh:
            sheet.savefig(fresh, format="png", metadata={"Software": None})


def fold_colours(count: int) -> list:
    """Return a colour for each fold: named ones for a few folds, else steps of a colour map."""
    named = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, INK]
    if count <= len(named):
        return named[:count]
    # A map that can be read with any colour vision.
    return [colormaps["viridis"](0.95 * fold / (count - 1)) for fold in range(count)]


def remove_axes(axes: Axes) -> None:
    """Remove grid, ticks and spines of a panel, so that only what is drawn in it remains."""
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
