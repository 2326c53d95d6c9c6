"""Scores with their confidence intervals: of all folds together, of each fold, and of every video."""

from __future__ import annotations

from os import PathLike

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from mimamo import DIMENSIONS
from mimamo.figures.style import BLUE, DIMENSION_COLOURS, GREY, figure
from mimamo.storage.files import read_csv

#: One for each dimension, so that they can be distinguished without colours.
MARKERS = dict(zip(DIMENSIONS, ("o", "D"), strict=True))
#: How far the two dimensions of a row lie from its middle.
OFFSET = 0.13


def draw_scores(scores: str | PathLike, out: str | PathLike, subtitle: str = "") -> None:
    """Draw the CCC of all folds and of each, and that of every video.

    Parameters
    ----------
    scores
        scores.csv.
    out
        PNG to write.
    subtitle
        A line below the title.
    """
    table = read_csv(scores)
    rows = score_intervals(table)
    with figure(out, (11.5, 2.6 + 0.36 * len(rows)), "Scores, out of fold", subtitle) as sheet:
        folds, videos = sheet.subplots(1, 2, gridspec_kw={"width_ratios": (3, 2)})
        _draw_intervals(folds, rows)
        _draw_videos(videos, table[table["scope"] == "video"])
        sheet.legend(*folds.get_legend_handles_labels(), loc="outside lower left", ncols=len(DIMENSIONS))


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
        style = {"color": DIMENSION_COLOURS[dimension], "ms": 6, "lw": 0, "elinewidth": 1.6, "capsize": 2.5}
        panel.errorbar(
            value, positions + offset, xerr=errors, fmt=MARKERS[dimension], label=dimension, **style
        )
    panel.set(xlabel="CCC", ylim=(-0.6, len(rows) - 0.4))
    panel.set_yticks(positions, rows["label"])
    panel.grid(False, axis="y")
    panel.set_title(
        "All folds, and each" + (", with 95 % intervals over people" if errors is not None else "")
    )


def _draw_videos(panel: Axes, videos: pd.DataFrame) -> None:
    """Draw every video's CCC of arousal over that of valence, larger with more frames."""
    area = 20 + 80 * videos["frames"] / max(1, videos["frames"].max())
    style = {"color": BLUE, "alpha": 0.7, "linewidths": 0}
    panel.scatter(*(videos[f"ccc_{dimension}"] for dimension in DIMENSIONS), s=area, **style)
    panel.axhline(0, color=GREY, lw=0.8, zorder=1)
    panel.axvline(0, color=GREY, lw=0.8, zorder=1)
    panel.set(xlabel=f"CCC, {DIMENSIONS[0]}", ylabel=f"CCC, {DIMENSIONS[1]}", title="Every video")
