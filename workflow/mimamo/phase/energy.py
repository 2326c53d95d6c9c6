"""Phase energy: how much a face moves in its crops, and with it how steady the crops are.

Phase differences are motion below a pixel, so an alignment that trembles looks like a face that does. How
much of it there is in the crops that a network was trained on is a property of the network.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mimamo.storage.frame_cache import Cache

#: Blocks that are read of a cache, evenly spaced, and rows of each: a long video costs no more than a short
#: one.
BLOCKS, ROWS = 16, 64


def phase_energy(cache: Cache) -> float:
    """Return the root mean square in radians of the phase differences of level 1.

    Parameters
    ----------
    cache
        Phase differences of one name. Frames without a predecessor, which are zero, do not count.

    Returns
    -------
    float
        NaN where there is no frame with a predecessor.
    """
    last = max(cache.size - ROWS, 0)
    starts = np.unique(np.linspace(0, last, BLOCKS).astype(int)) if last else [0]
    # Blocks of a short cache would overlap.
    blocks = starts if cache.size > BLOCKS * ROWS else range(0, cache.size, ROWS)
    return energy_of(cache.rows(int(start), int(start) + ROWS)["level1"] for start in blocks)


def energy_of(blocks: Iterable[np.ndarray]) -> float:
    """Return the root mean square of maps (n, 2, 48, 48) in blocks; frames that are all zero do not count."""
    total, count = 0.0, 0
    for maps in blocks:
        squares = (maps.astype(np.float32) ** 2).mean(axis=(1, 2, 3))
        total, count = total + float(squares.sum()), count + int(np.count_nonzero(squares))
    return float(np.sqrt(total / count)) if count else float("nan")
