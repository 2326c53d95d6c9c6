"""Landmarks of a face that a data set brings, and the five of them that a crop is aligned by."""

from __future__ import annotations

import numpy as np

#: Landmarks of the iBUG scheme.
LANDMARKS = 68
#: A face whose five points lie within so many pixels is none.
_SMALLEST = 1.0


def five_points(landmarks: np.ndarray) -> np.ndarray:
    """Return the points that a crop is aligned by: eyes, nose and the corners of the mouth.

    Parameters
    ----------
    landmarks
        (68, 2), in pixels of the picture, in the order of the iBUG scheme.

    Returns
    -------
    numpy.ndarray
        (5, 2), in the order of `mimamo.cropping.alignment.TEMPLATE`.

    Raises
    ------
    ValueError
        Where there are others than 68, or all are at one place.
    """
    if landmarks.shape != (LANDMARKS, 2) or not np.isfinite(landmarks).all():
        raise ValueError(f"expected {LANDMARKS} pairs of numbers, found other things")
    eyes = (landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0))
    points = np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]])
    if np.ptp(points, axis=0).max() < _SMALLEST:
        raise ValueError("expected those of a face, but the points are all at one place")
    return points
