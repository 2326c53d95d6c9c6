"""Splits of groups into parts that are alike in their frames, from the groups' counts alone."""

from __future__ import annotations

import numpy as np


def balanced_splits(counts: np.ndarray, parts: int) -> np.ndarray:
    """Split groups so that the parts are alike in how many frames of every kind they have.

    The groups that are most uneven come first, and each goes to the part for which the kinds' shares then
    spread least over the parts; of equally good parts, to the one with the fewest frames. It is
    scikit-learn's ``StratifiedGroupKFold`` without shuffling, and gives the same parts; that goes through
    every frame in Python, several times.

    Parameters
    ----------
    counts
        Frames of every group and kind; int, shape (groups, kinds).
    parts
        How many parts, at most as many as groups.

    Returns
    -------
    numpy.ndarray
        The part of every group, from 0; int, shape (groups,).
    """
    # In this layout sums are rounded as there, which decides between groups that are about equally uneven.
    counts = np.ascontiguousarray(counts[:, counts.any(axis=0)], dtype=np.float64)
    totals, filled = counts.sum(axis=0), np.zeros((parts, counts.shape[1]))
    part_of = np.zeros(len(counts), dtype=np.int64)
    for group in np.argsort(-np.std(counts, axis=1), kind="stable"):
        tried = np.repeat(filled[None], parts, axis=0)
        tried[np.arange(parts), np.arange(parts)] += counts[group]
        spread = np.std(tried / totals, axis=1).mean(axis=1)
        part_of[group] = _first_best(spread.tolist(), filled.sum(axis=1).tolist())
        filled[part_of[group]] += counts[group]
    return part_of


def _first_best(spread: list[float], frames: list[float]) -> int:
    """Return the part with the least spread, of about equal ones that with the fewest frames."""
    best = 0
    for part in range(1, len(spread)):
        alike = abs(spread[part] - spread[best]) <= 1e-8 + 1e-5 * abs(spread[best])
        if spread[part] < spread[best] or (alike and frames[part] < frames[best]):
            best = part
    return best
