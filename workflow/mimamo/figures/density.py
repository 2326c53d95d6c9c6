"""Density of labels and of predictions in the plane of valence and arousal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from mimamo import DIMENSIONS
from mimamo.dataset.label_range import HIGHEST, LOWEST, clip_to_range
from mimamo.evaluation.scores import out_of_fold
from mimamo.figures.drawing import Drawing
from mimamo.figures.style import DENSITY, GREY, INK

#: Cells along each side of the plane.
CELLS = 80
#: Contour lines are drawn around these shares of the frames, the first dashed and the second solid.
ENCLOSED = {0.9: "nine tenths of the frames", 0.5: "half of the frames"}
LINES = {0.9: (0, (4, 2)), 0.5: "-"}
#: What the colours count: frames in a square of this side.
SQUARE = 0.1

TICKS = (-1, -0.5, 0, 0.5, 1)


def draw_density(
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    caption: str = "",
) -> None:
    """Draw the density of truth and of out-of-fold prediction, side by side with one scale of colours.

    Parameters
    ----------
    predictions, labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    """
    density_planes(out_of_fold(predictions, labels, folds)).write(out, caption)


def density_planes(joined: pd.DataFrame) -> Drawing:
    """Return the drawing of a table as `mimamo.evaluation.scores.out_of_fold` returns it."""
    planes = {
        "truth": density(joined[[f"true_{dimension}" for dimension in DIMENSIONS]].to_numpy()),
        "out-of-fold prediction": density(joined[list(DIMENSIONS)].to_numpy()),
    }
    highest = max(plane.max() for plane in planes.values())

    facts = f"{len(joined):,} frames."
    return Drawing(
        partial(_draw_planes, planes, highest), {"page": 3.5, "column": 2.5}, facts, layout="compressed"
    )


def _draw_planes(planes: Mapping[str, np.ndarray], highest: float, sheet: Figure, width: str) -> None:
    """Draw the planes beside each other, with one colour bar up to `highest`."""
    panels = sheet.subplots(1, len(planes), sharex=True, sharey=True)
    for panel, (title, plane) in zip(panels, planes.items(), strict=True):
        image = _draw_plane(panel, plane, highest)
        panel.set_title(title)
    panels[0].set_ylabel(DIMENSIONS[1])
    place = {"location": "right"} if width == "page" else {"location": "bottom", "aspect": 40}
    bar = sheet.colorbar(image, ax=list(panels), pad=0.02, **place)
    bar.set_label(f"frames in a square of {SQUARE:g} × {SQUARE:g} (%)", labelpad=4)
    bar.outline.set_visible(False)
    handles = [
        Line2D([], [], color=INK, lw=0.8, ls=LINES[share], label=ENCLOSED[share]) for share in ENCLOSED
    ]
    sheet.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=2.4)


def colour_scale(ground: str) -> list[tuple[float, str]]:
    """Return the colours of densities upon a ground, each with its share of the highest density.

    More of the scale is for low densities, as real labels crowd around one point.
    """
    colours = (ground, *DENSITY)
    return [
        (float(share ** (1 / 0.6)), colour)
        for share, colour in zip(np.linspace(0, 1, len(colours)), colours, strict=True)
    ]


def density(values: np.ndarray) -> np.ndarray:
    """Estimate the density of frames with a Gaussian kernel, mirrored at the borders so that nothing is lost.

    Parameters
    ----------
    values
        Valence and arousal, shape (frames, 2); values beyond the labels' range count at its border.

    Returns
    -------
    numpy.ndarray
        Per cent of the frames in a square of side `SQUARE`, shape (CELLS, CELLS), valence first.

    Notes
    -----
    The width of the kernel is Scott's for a spread of 0.4: 0.4 · frames^(-1/6).
    """
    edges = np.linspace(LOWEST, HIGHEST, CELLS + 1)
    clipped = clip_to_range(values)
    share = np.histogram2d(clipped[:, 0], clipped[:, 1], bins=(edges, edges))[0] / len(values)
    kernel = _kernel(cell_centres(), width=0.4 * len(values) ** (-1 / 6))
    return kernel @ share @ kernel.T * (SQUARE / (edges[1] - edges[0])) ** 2 * 100


def enclosing_level(plane: np.ndarray, share: float) -> float:
    """Return the density above which `share` of all frames lie; `plane` as `density` returns it."""
    falling = np.sort(plane, axis=None)[::-1]
    return float(falling[np.searchsorted(np.cumsum(falling), share * falling.sum())])


def _kernel(centres: np.ndarray, width: float) -> np.ndarray:
    """Return the weights that spread each cell (column) over all cells (rows); every column adds up to 1."""
    mirrors = (centres, 2 * LOWEST - centres, 2 * HIGHEST - centres)
    weights = sum(np.exp(-(np.subtract.outer(centres, mirror) ** 2) / (2 * width**2)) for mirror in mirrors)
    return weights / weights.sum(axis=0)


def cell_centres() -> np.ndarray:
    """Return the middle of each cell along one side of the plane, shape (CELLS,)."""
    edges = np.linspace(LOWEST, HIGHEST, CELLS + 1)
    return (edges[:-1] + edges[1:]) / 2


def _draw_plane(panel: Axes, plane: np.ndarray, highest: float) -> AxesImage:
    """Draw a density on a scale up to `highest`, and its contours; return the image, for the colour bar."""
    extent = (LOWEST, HIGHEST, LOWEST, HIGHEST)
    colours = LinearSegmentedColormap.from_list("density", colour_scale("white"), N=1024)
    style = {"vmin": 0, "vmax": highest, "cmap": colours, "interpolation": "bilinear"}
    image = panel.imshow(plane.T, origin="lower", extent=extent, **style)
    panel.axhline(0, color=GREY, lw=0.4)
    panel.axvline(0, color=GREY, lw=0.4)
    centres = cell_centres()
    for share, line in LINES.items():
        level = [enclosing_level(plane, share)]
        panel.contour(centres, centres, plane.T, levels=level, colors=INK, linewidths=0.8, linestyles=[line])
    panel.set(xlabel=DIMENSIONS[0], xlim=extent[:2], ylim=extent[2:], aspect="equal")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_ticks(TICKS, [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in TICKS])
    panel.grid(False)
    return image
