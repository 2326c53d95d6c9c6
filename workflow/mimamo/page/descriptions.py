"""Plots in words, for those who do not see them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.figures.curves import kept_epochs
from mimamo.html.formats import count, interval, number

#: Most rows of a plot that are described one by one; its table has them all.
MOST_ROWS = 6


def describe_intervals(table: pd.DataFrame, what: str = "CCC") -> str:
    """Describe a plot of `mimamo.page.charts.interval_chart`."""
    rows = [
        f"{row['label']}: {', '.join(_score(row, name) for name in DIMENSIONS)}"
        for row in table.to_dict("records")
    ]
    more = f"; and {len(rows) - MOST_ROWS} more, see the table" if len(rows) > MOST_ROWS else ""
    return f"{what} of valence and arousal. {'; '.join(rows[:MOST_ROWS])}{more}."


def _score(row: dict, dimension: str) -> str:
    """Describe a number, with its interval where there is one."""
    ends = interval(row, dimension)
    return f"{dimension} {number(row[dimension], 2)}" + (f" ({ends})" if ends else "")


def describe_videos(videos: pd.DataFrame) -> str:
    """Describe the plot of every video's two CCC; rows of ``scores.csv``."""
    ranges = []
    for dimension in DIMENSIONS:
        ccc = videos[f"ccc_{dimension}"]
        low, middle, high = (number(value, 2) for value in (ccc.min(), ccc.median(), ccc.max()))
        ranges.append(f"{dimension} from {low} to {high}, median {middle}")
    return f"CCC of {count(len(videos))} videos: {'; '.join(ranges)}."


def describe_curves(histories: Sequence[pd.DataFrame], column: str, title: str) -> str:
    """Describe the curves of one column of every fold's history by their values in the epochs kept."""
    values = [
        f"fold {fold} {number(table[column].iloc[row], 2)} in epoch {table['epoch'].iloc[row]}"
        for fold, table in enumerate(histories)
        for row in kept_epochs(table)
    ]
    kept = ", ".join(values) or "none"
    return f"{title} over the epochs of {len(histories)} folds. At the epoch that is kept: {kept}."


def describe_trace(name: str, ccc: dict[str, float]) -> str:
    """Describe the trace of a video by its scores."""
    scores = ", ".join(f"{dimension} {number(ccc[dimension], 2)}" for dimension in DIMENSIONS)
    return f"Truth and prediction of {name} over time; CCC {scores}."


def describe_density(values: np.ndarray, what: str) -> str:
    """Describe where values (frames, 2) lie by mean and standard deviation."""
    parts = [
        f"{dimension} mean {number(column.mean(), 2)}, standard deviation {number(column.std(), 2)}"
        for dimension, column in zip(DIMENSIONS, values.T, strict=True)
    ]
    return f"Density of {what} in the plane of valence and arousal: {'; '.join(parts)}."


def describe_search(trials: pd.DataFrame) -> str:
    """Describe the plot of a search; rows of ``search/trials.csv``."""
    complete = trials[trials["state"] == "complete"]
    best = complete.loc[complete["value"].idxmax()]
    value = number(best["value"], 2)
    return (
        f"CCC on the stop names of {len(trials)} trials, of which {len(complete)} were trained to their end; "
        f"the best is trial {best['trial']} with {value}."
    )


def describe_durations(rows: Sequence[dict]) -> str:
    """Describe the durations of rules, the longest first."""
    longest = ", ".join(f"{row['rule']} {row['time']}" for row in rows[:MOST_ROWS])
    return f"Time of the jobs of each rule together; the longest: {longest}."
