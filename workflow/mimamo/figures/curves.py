"""Training curves: loss and CCC of every fold over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from mimamo import DIMENSIONS
from mimamo.figures.style import GREY, figure, fold_colours
from mimamo.storage.files import read_csv


def draw_fold_curves(histories: Sequence[str | PathLike], out: str | PathLike, subtitle: str = "") -> None:
    """Draw loss and CCC of every fold over the epochs.

    Parameters
    ----------
    histories
        history.csv of every fold: epoch, loss, ``train_ccc_*`` and ``stop_ccc_*`` among its columns.
    out
        PNG to write.
    subtitle
        A line below the title.
    """
    tables = [read_csv(path) for path in histories]
    colours = fold_colours(len(tables))
    with figure(out, (11.5, 4.3), "Training of every fold", subtitle) as sheet:
        panels = sheet.subplots(1, 1 + len(DIMENSIONS))
        for table, colour in zip(tables, colours, strict=True):
            panels[0].plot(table["epoch"], table["loss"], color=colour)
            _mark_best_epoch(panels[0], table, "loss", colour)
            for panel, dimension in zip(panels[1:], DIMENSIONS, strict=True):
                _draw_ccc(panel, table, dimension, colour)
        _set_labels(panels)
        sheet.legend(
            handles=_legend_handles(colours), loc="outside lower center", ncols=min(len(colours), 8) + 3
        )


def best_epoch(table: pd.DataFrame) -> int | None:
    """Return the row of the epoch with the highest mean CCC on the stop names, whose model is kept."""
    mean = table[[f"stop_ccc_{dimension}" for dimension in DIMENSIONS]].mean(axis=1, skipna=False)
    return None if mean.isna().all() else int(mean.argmax())


def _draw_ccc(panel: Axes, table: pd.DataFrame, dimension: str, colour: object) -> None:
    """Draw one fold's CCC on the training names (dashed) and on the stop names (solid)."""
    panel.plot(table["epoch"], table[f"train_ccc_{dimension}"], color=colour, lw=1, ls=(0, (3, 2)), alpha=0.6)
    panel.plot(table["epoch"], table[f"stop_ccc_{dimension}"], color=colour)
    _mark_best_epoch(panel, table, f"stop_ccc_{dimension}", colour)


def _mark_best_epoch(panel: Axes, table: pd.DataFrame, column: str, colour: object) -> None:
    """Mark the epoch whose model is kept."""
    row = best_epoch(table)
    if row is not None:
        point = table.iloc[row]
        panel.plot(point["epoch"], point[column], "o", color=colour, ms=6.5, mec="white", mew=1.2, zorder=5)


def _set_labels(panels: np.ndarray) -> None:
    """Set titles, labels, limits and ticks of all panels."""
    panels[0].set_title("Loss on training windows")
    for panel, dimension in zip(panels[1:], DIMENSIONS, strict=True):
        panel.set_title(f"CCC, {dimension}")
        panel.axhline(0, color=GREY, lw=0.8, zorder=1)
        low, high = panel.get_ylim()
        panel.set_ylim(max(-1, min(low, -0.05)), min(1, max(high, 0.5) + 0.02))
    panels[1].sharey(panels[2])
    for panel in panels:
        panel.set_xlabel("epoch")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))


def _legend_handles(colours: list) -> list[Line2D]:
    """Return the handles of the legend: a colour for each fold, and what the lines and the dot mean."""
    folds = [Line2D([], [], color=colour, label=f"fold {fold}") for fold, colour in enumerate(colours)]
    return [
        *folds,
        Line2D([], [], color=GREY, label="stop names"),
        Line2D([], [], color=GREY, lw=1, ls=(0, (3, 2)), label="training names"),
        Line2D([], [], color=GREY, marker="o", ms=6, mec="white", ls="", label="epoch kept"),
    ]
