"""Density of labels and of predictions in the plane of valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.image import AxesImage

from mimamo import DIMENSIONS
from mimamo.dataset.label_range import HIGHEST, LOWEST, clip_to_range
from mimamo.evaluation.scores import out_of_fold
from mimamo.figures.style import GREY, INK, figure

#: Cells along each side of the plane.
CELLS = 80
#: Contour lines are drawn around these shares of the frames.
ENCLOSED = (0.9, 0.5)
#: What the colours count: frames in a square of this side.
SQUARE = 0.1

TICKS = (-1, -0.5, 0, 0.5, 1)


def draw_density(
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    subtitle: str = "",
) -> None:
    """Draw the density of truth and of out-of-fold prediction, side by side with one scale of colours.

    Parameters
    ----------
    predictions, labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    out
        PNG to write.
    subtitle
        A line below the title.
    """
    joined = out_of_fold(predictions, labels, folds)
    planes = {
        "Truth": density(joined[[f"true_{dimension}" for dimension in DIMENSIONS]].to_numpy()),
        "Out-of-fold prediction": density(joined[list(DIMENSIONS)].to_numpy()),
    }
    # More of the scale for low densities: real labels crowd around one point.
    norm = PowerNorm(0.6, vmin=0, vmax=max(plane.max() for plane in planes.values()))
    with figure(out, (10, 5.2), "Labels and predictions in the valence-arousal plane", subtitle) as sheet:
        panels = sheet.subplots(1, len(planes), sharex=True, sharey=True)
        for panel, (title, plane) in zip(panels, planes.items(), strict=True):
            image = _draw_plane(panel, plane, norm)
            panel.set_title(f"{title}, {len(joined):,} frames")
        panels[0].set_ylabel(DIMENSIONS[1])
        bar = sheet.colorbar(image, ax=list(panels), shrink=0.92, pad=0.02)
        bar.set_label(f"frames in a square of {SQUARE:g} × {SQUARE:g} (%)")
        bar.outline.set_visible(False)


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
    kernel = _kernel((edges[:-1] + edges[1:]) / 2, width=0.4 * len(values) ** (-1 / 6))
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


def _draw_plane(panel: Axes, plane: np.ndarray, norm: PowerNorm) -> AxesImage:
    """Draw a density and its contour lines; return the image, for the colour bar."""
    extent = (LOWEST, HIGHEST, LOWEST, HIGHEST)
    style = {"norm": norm, "cmap": "YlGnBu", "interpolation": "bilinear"}
    image = panel.imshow(plane.T, origin="lower", extent=extent, **style)
    panel.axhline(0, color=GREY, lw=0.6)
    panel.axvline(0, color=GREY, lw=0.6)
    levels = {enclosing_level(plane, share): f"{share:.0%}" for share in ENCLOSED}
    if len(levels) == len(ENCLOSED):
        lines = panel.contour(
            plane.T, levels=sorted(levels), extent=extent, colors=INK, linewidths=0.9, linestyles=["--", "-"]
        )
        panel.clabel(lines, fmt=levels, fontsize=8)
    panel.set(
        xlabel=DIMENSIONS[0], xticks=TICKS, yticks=TICKS, xlim=extent[:2], ylim=extent[2:], aspect="equal"
    )
    panel.grid(False)
    return image
