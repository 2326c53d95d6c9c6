"""Training curves: loss and CCC of every fold over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from mimamo import DIMENSIONS
from mimamo.figures.drawing import Drawing
from mimamo.figures.style import GREY, fold_colours, include_zero
from mimamo.storage.files import read_csv

#: The lines of the legend that mean no fold.
TRAINING = {"color": GREY, "lw": 0.7, "ls": (0, (3, 2))}
KEPT = {"marker": "o", "ms": 4, "mec": "white", "mew": 0.7}


def draw_fold_curves(histories: Sequence[str | PathLike], out: str | PathLike, caption: str = "") -> None:
    """Draw loss and CCC of every fold over the epochs.

    Parameters
    ----------
    histories
        history.csv of every fold: epoch, loss, ``train_ccc_*`` and ``stop_ccc_*`` among its columns.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    """
    fold_curves([read_csv(path) for path in histories]).write(out, caption)


def fold_curves(histories: Sequence[pd.DataFrame]) -> Drawing:
    """Return the drawing of the tables of all folds, in their order."""
    colours = fold_colours(len(histories))

    # The legend has a line more for every eight or four folds.
    entries = len(colours) + 3
    return Drawing(
        partial(_draw_curves, histories, colours),
        {"page": 1.9 + 0.14 * -(-entries // 8), "column": 3.9 + 0.14 * -(-entries // 4)},
    )


def _draw_curves(
    histories: Sequence[pd.DataFrame], colours: Sequence[str], sheet: Figure, width: str
) -> None:
    """Draw all panels, beside each other on a page and below each other in a column."""
    across = width == "page"
    count = 1 + len(DIMENSIONS)
    panels = sheet.subplots(*((1, count) if across else (count, 1)), sharex=True)
    for table, colour in zip(histories, colours, strict=True):
        panels[0].plot(table["epoch"], table["loss"], color=colour)
        _mark_kept_epochs(panels[0], table, "loss", colour)
        for panel, dimension in zip(panels[1:], DIMENSIONS, strict=True):
            _draw_ccc(panel, table, dimension, colour)
    _set_labels(panels, histories)
    for panel in panels if across else panels[-1:]:
        panel.set_xlabel("epoch")
    handles = _legend_handles(colours)
    sheet.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), 8 if across else 4))


def kept_epochs(table: pd.DataFrame) -> list[int]:
    """Return the rows of the epochs whose weights are kept.

    These are the one with the highest mean CCC on the stop names, where there are any, or those whose mean is
    kept (``training.average: epochs``).
    """
    if "averaged" in table:
        return np.flatnonzero(table["averaged"]).tolist()
    mean = table[[f"stop_ccc_{dimension}" for dimension in DIMENSIONS]].mean(axis=1, skipna=False)
    return [] if mean.isna().all() else [int(mean.argmax())]


def _draw_ccc(panel: Axes, table: pd.DataFrame, dimension: str, colour: str) -> None:
    """Draw one fold's CCC on the training names (dashed) and on the stop names (solid)."""
    panel.plot(table["epoch"], table[f"train_ccc_{dimension}"], **{**TRAINING, "color": colour}, alpha=0.6)
    panel.plot(table["epoch"], table[f"stop_ccc_{dimension}"], color=colour)
    _mark_kept_epochs(panel, table, f"stop_ccc_{dimension}", colour)


def _mark_kept_epochs(panel: Axes, table: pd.DataFrame, column: str, colour: str) -> None:
    """Mark the epochs whose weights are kept."""
    points = table.iloc[kept_epochs(table)]
    panel.plot(points["epoch"], points[column], color=colour, ls="", zorder=5, **KEPT)


def _set_labels(panels: np.ndarray, histories: Sequence[pd.DataFrame]) -> None:
    """Set labels, limits and ticks of all panels; those of the CCC have one scale, with zero on it."""
    columns = [f"{part}_ccc_{dimension}" for part in ("train", "stop") for dimension in DIMENSIONS]
    values = pd.concat([table[columns] for table in histories])
    panels[0].set_ylabel("training loss")
    for panel, dimension in zip(panels[1:], DIMENSIONS, strict=True):
        panel.set(ylabel=f"CCC, {dimension}", ylim=include_zero(values.min().min(), values.max().max()))
        panel.axhline(0, color=GREY, lw=0.6, zorder=1)
    for panel in panels:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))


def _legend_handles(colours: list[str]) -> list[Line2D]:
    """Return the handles of the legend: a colour for each fold, and what the lines and the dot mean."""
    folds = [Line2D([], [], color=colour, label=f"fold {fold}") for fold, colour in enumerate(colours)]
    return [
        *folds,
        Line2D([], [], color=GREY, label="stop names"),
        Line2D([], [], **TRAINING, label="training names"),
        Line2D([], [], color=GREY, ls="", **KEPT, label="epoch kept"),
    ]
