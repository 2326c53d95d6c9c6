"""Comparing arrays."""

import numpy as np


def relative_error(found: np.ndarray, expected: np.ndarray) -> float:
    """Return how far arrays, or tensors, are apart, as a share of the size of what is expected."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
