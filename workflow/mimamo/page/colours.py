"""Colours of the page: those of the figures, and the counterpart of each on a dark screen.

Plots are made for a light page. Every colour in them is one of the keys of `DARK`, and the page's script puts
the value in its place where the screen is dark.
"""

from __future__ import annotations

from mimamo.figures import style
from mimamo.figures.style import (
    BLUE,
    DIMENSION_COLOURS,
    FOLD_COLOURS,
    GREY,
    INK,
    LIGHT,
    VERMILLION,
    fold_colours,
)

#: What the page and its plots lie on.
PAPER = "#FCFCFB"
NO_CROP, NO_LABEL, SUBMITTED = "#D9D9D6", "#F0E6C8", "#F2C9B4"
#: From no frame to most frames; the first step is the paper.
DENSITY = (PAPER, *style.DENSITY)

#: Lighter, as thin lines must be seen on a dark ground, and still distinguished with any colour vision.
DARK = {
    BLUE: "#4CA8E0",
    VERMILLION: "#FF8B4D",
    INK: "#ECEBE8",
    GREY: "#9C9D9B",
    LIGHT: "#33363B",
    PAPER: "#17191C",
    NO_CROP: "#3A3D42",
    NO_LABEL: "#423A22",
    SUBMITTED: "#5A3626",
    **dict(
        zip(
            (colour for colour in FOLD_COLOURS if colour != INK),
            ("#35B868", "#F0A3D0", "#C8C451", "#C2478A", "#8F7FF0", "#FF8FA0"),
            strict=True,
        )
    ),
    **dict(zip(DENSITY[1:], ("#123A54", "#1D6F9E", "#5DBBE6", "#DDF4FF"), strict=True)),
}

#: Colours of frames that lack something, by what they lack; those of `mimamo.figures.traces.SHADES`.
OUT_OF_FOLD_SHADES = {"no crop, no prediction": NO_CROP, "no annotation": NO_LABEL}
SHADES = {**OUT_OF_FOLD_SHADES, "no crop, filled": NO_CROP, "no crop, -5 submitted": SUBMITTED}

__all__ = [
    "DARK",
    "DENSITY",
    "DIMENSION_COLOURS",
    "GREY",
    "INK",
    "LIGHT",
    "OUT_OF_FOLD_SHADES",
    "PAPER",
    "SHADES",
    "fold_hex_colours",
]


def fold_hex_colours(count: int) -> list[str]:
    """Return the colour of each fold, the same as in the figures."""
    return fold_colours(count)
