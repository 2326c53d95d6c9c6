"""Scores with their confidence intervals: of all folds together, of each fold, and of every video."""

from __future__ import annotations

from functools import partial
from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mimamo import DIMENSIONS
from mimamo.figures.drawing import Drawing
from mimamo.figures.style import DENSITY, DIMENSION_COLOURS, GREY, include_zero
from mimamo.storage.files import read_csv

#: One for each dimension, so that they can be distinguished without colours.
MARKERS = dict(zip(DIMENSIONS, ("o", "D"), strict=True))
#: How far the two dimensions of a row lie from its middle.
OFFSET = 0.15


def draw_scores(scores: str | PathLike, out: str | PathLike, caption: str = "") -> None:
    """Draw the CCC of all folds and of each, and that of every video.

    Parameters
    ----------
    scores
        scores.csv.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    """
    score_panels(read_csv(scores)).write(out, caption)


def score_panels(table: pd.DataFrame) -> Drawing:
    """Return the drawing of the table of scores.csv."""
    rows, videos = score_intervals(table), table[table["scope"] == "video"]
    height = 0.4 + 0.22 * len(rows)

    frames = table.loc[table["scope"] == "pooled", "frames"].sum()
    facts = f"{frames:,} frames of {len(videos):,} videos."
    return Drawing(
        partial(_draw_panels, rows, videos, height),
        {"page": max(2.4, 0.2 + height), "column": 2.4 + height},
        facts,
    )


def _draw_panels(rows: pd.DataFrame, videos: pd.DataFrame, height: float, sheet: Figure, width: str) -> None:
    """Draw intervals and videos, beside each other on a page and below each other in a column."""
    if width == "page":
        folds, plane = sheet.subplots(1, 2, gridspec_kw={"width_ratios": (3, 2)})
    else:
        folds, plane = sheet.subplots(2, 1, gridspec_kw={"height_ratios": (height, 2.1)})
    _draw_intervals(folds, rows)
    _draw_videos(plane, videos)
    sheet.legend(*folds.get_legend_handles_labels(), loc="outside lower center", ncols=len(DIMENSIONS))


def score_intervals(scores: pd.DataFrame) -> pd.DataFrame:
    """Select the pooled and the fold scores of scores.csv.

    Parameters
    ----------
    scores
        Its table.

    Returns
    -------
    pandas.DataFrame
        ``label``, and for each dimension its CCC, and ``<dimension>_low`` and ``_high`` where there are any.
    """
    kept = scores[scores["scope"].isin(["pooled", "fold"])]
    labels = ["all folds" if row.scope == "pooled" else f"fold {row.id}" for row in kept.itertuples()]
    columns = {
        f"{dimension}{end}": kept[f"ccc_{dimension}{end}"]
        for dimension in DIMENSIONS
        for end in ("", "_low", "_high")
        if f"ccc_{dimension}{end}" in kept
    }
    return pd.DataFrame({"label": labels, **{name: part.to_numpy() for name, part in columns.items()}})


def _draw_intervals(panel: Axes, rows: pd.DataFrame) -> None:
    """Draw a row of error bars for all folds and for each, valence above arousal."""
    positions = np.arange(len(rows))[::-1]
    for offset, dimension in zip((OFFSET, -OFFSET), DIMENSIONS, strict=True):
        value, low, high = rows[dimension], rows.get(f"{dimension}_low"), rows.get(f"{dimension}_high")
        errors = None if low is None else [(value - low).clip(lower=0), (high - value).clip(lower=0)]
        style = {"color": DIMENSION_COLOURS[dimension], "ms": 3.5, "lw": 0, "elinewidth": 0.9, "capsize": 1.5}
        panel.errorbar(
            value, positions + offset, xerr=errors, fmt=MARKERS[dimension], label=dimension, **style
        )
    numbers = rows.drop(columns="label")
    panel.axvline(0, color=GREY, lw=0.6, zorder=1)
    panel.set(xlabel="CCC", ylim=(-0.6, len(rows) - 0.4))
    panel.set_xlim(include_zero(numbers.min().min(), numbers.max().max()))
    panel.set_yticks(positions, rows["label"])
    panel.grid(False, axis="y")


def _draw_videos(panel: Axes, videos: pd.DataFrame) -> None:
    """Draw every video's CCC of arousal over that of valence, larger with more frames."""
    scores = videos[[f"ccc_{dimension}" for dimension in DIMENSIONS]]
    area = 5 + 15 * videos["frames"] / max(1, videos["frames"].max())
    panel.scatter(*(scores[column] for column in scores), s=area, color=DENSITY[2], alpha=0.7, linewidths=0)
    panel.axhline(0, color=GREY, lw=0.6, zorder=1)
    panel.axvline(0, color=GREY, lw=0.6, zorder=1)
    # Both with the same ends, as they are compared with each other.
    ends = include_zero(scores.min().min(), scores.max().max())
    panel.set(xlim=ends, ylim=ends)
    panel.set(xlabel=f"CCC of a video, {DIMENSIONS[0]}", ylabel=f"CCC of a video, {DIMENSIONS[1]}")
