"""The range of labels: predictions are clipped to it wherever they are scored, drawn or submitted."""

from __future__ import annotations

import numpy as np

LOWEST, HIGHEST = -1.0, 1.0


def clip_to_range(values: np.ndarray) -> np.ndarray:
    """Clip values to the labels' range."""
    return np.clip(values, LOWEST, HIGHEST)
