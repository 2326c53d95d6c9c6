"""Common style of all figures: colours, and the sizes of text and lines in a paper."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

# Two colours of Okabe and Ito, which can be distinguished with any colour vision.
BLUE, VERMILLION = "#0072B2", "#D55E00"
INK, GREY, LIGHT = "#1A1A1A", "#6B6B6B", "#E3E3E3"

#: One colour for each dimension, in every figure.
DIMENSION_COLOURS = {"valence": BLUE, "arousal": VERMILLION}
#: For folds, which are no dimensions. Of Paul Tol and of Okabe and Ito, chosen to be distinguished with any
#: colour vision from each other, and with full colour vision from the dimensions.
FOLD_COLOURS = ("#117733", "#CC79A7", "#999933", "#882255", INK, "#332288", "#EE6677")
#: From few frames to most, upon the ground, which stands for none.
DENSITY = ("#CBE4F0", "#7DBBDB", "#2B7FB6", "#0A3A66")

#: Points in the finished figure, the smallest text; journals ask for seven or eight.
SMALLEST = 7

STYLE = {
    # The first comes with matplotlib; the others are for a reader of an SVG who does not have it.
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "font.size": 7.5,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.labelpad": 2,
    "axes.linewidth": 0.6,
    "axes.titlesize": 7.5,
    "axes.titlepad": 3,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT,
    "grid.linewidth": 0.5,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": SMALLEST,
    "ytick.labelsize": SMALLEST,
    **{
        f"{axis}tick.major.{what}": size
        for axis in "xy"
        for what, size in (("width", 0.6), ("size", 2), ("pad", 2))
    },
    "legend.frameon": False,
    "legend.fontsize": SMALLEST,
    "legend.handlelength": 1.6,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.3,
    "legend.borderpad": 0,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 1,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.4,
    # Text stays text, with its fonts in the file where the format can hold them.
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    # Without one, matplotlib makes up names in an SVG anew every time.
    "svg.hashsalt": "mimamo",
}


def fold_colours(count: int) -> list[str]:
    """Return a colour for each fold: named ones for a few folds, else steps of a scale from dark to light."""
    if count <= len(FOLD_COLOURS):
        return list(FOLD_COLOURS[:count])
    scale = LinearSegmentedColormap.from_list("folds", [INK, "#117733", "#DDCC77"])
    return [to_hex(scale(fold / (count - 1))).upper() for fold in range(count)]


def include_zero(low: float, high: float, margin: float = 0.05) -> tuple[float, float]:
    """Return the ends of an axis that shows all from `low` to `high`, and zero, with a share of it as margin.

    Parameters
    ----------
    low, high
        Lowest and highest value; NaN where there is none.
    margin
        The share of the span that the axis goes on beyond each end.
    """
    # Comparisons with NaN are false.
    low, high = (low if low < 0 else 0.0), (high if high > 0 else 0.0)
    if low == high:
        return -1.0, 1.0
    return low - margin * (high - low), high + margin * (high - low)


def remove_axes(axes: Axes) -> None:
    """Remove grid, ticks and spines of a panel, so that only what is drawn in it remains."""
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
