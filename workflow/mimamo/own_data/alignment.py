"""Alignment of a face by its landmarks: a similarity transform onto the five points of aligned crops."""

from __future__ import annotations

import numpy as np

from mimamo.corpus.opencv import cv2

#: Side of an aligned crop in pixels.
SIDE = 112
#: Where the eyes' centres, the tip of the nose and the corners of the mouth lie in it: (x, y) in pixels, from
#: left to right in the picture.
TEMPLATE = np.array([(38.29, 51.70), (73.53, 51.50), (56.03, 71.74), (41.55, 92.37), (70.73, 92.20)])
#: Faces whose eyes' centres, mouth and nose all lie within so many pixels are none.
_SMALLEST = 1.0


def five_points(landmarks: np.ndarray) -> np.ndarray:
    """Return the five points of `TEMPLATE` among the 68 landmarks of the iBUG scheme.

    Parameters
    ----------
    landmarks
        (68, 2), in pixels of the picture.

    Returns
    -------
    numpy.ndarray
        (5, 2)
    """
    eyes = (landmarks[36:42].mean(axis=0), landmarks[42:48].mean(axis=0))
    return np.stack([*eyes, landmarks[30], landmarks[48], landmarks[54]])


def similarity(points: np.ndarray, onto: np.ndarray = TEMPLATE) -> np.ndarray:
    """Return the rotation, scale and shift that bring points closest to others, by least squares.

    Parameters
    ----------
    points, onto
        (n, 2)

    Returns
    -------
    numpy.ndarray
        (2, 3), which maps (x, y, 1) to a place in the crop.

    Raises
    ------
    ValueError
        Where all points are one.

    References
    ----------
    Umeyama, IEEE Transactions on Pattern Analysis and Machine Intelligence 13 (1991). In the plane, with
    points as complex numbers, it is a linear regression; mirroring is left out.
    """
    source, target = (values @ np.array([1, 1j]) for values in (np.asarray(points, float), onto))
    centred = source - source.mean()
    spread = np.vdot(centred, centred).real
    if not spread > _SMALLEST:
        raise ValueError("the points are all at one place")
    factor = np.vdot(centred, target - target.mean()) / spread
    shift = target.mean() - factor * source.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def align_face(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Cut an aligned crop out of a picture.

    Parameters
    ----------
    image
        (height, width, 3) uint8.
    points
        The five points (5, 2) of the face in it, see `five_points`.

    Returns
    -------
    numpy.ndarray
        (112, 112, 3) uint8; black where the crop reaches over the picture's edge.
    """
    scale = np.hypot(*similarity(points)[:, 0])
    if scale < 0.5:
        # Linear interpolation would skip pixels of a face that is more than twice too large.
        height, width = image.shape[:2]
        smaller = (max(1, round(width * scale)), max(1, round(height * scale)))
        # The centre of the first pixel is at 0.
        points = (points + 0.5) * np.divide(smaller, (width, height)) - 0.5
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    return cv2.warpAffine(image, similarity(points), (SIDE, SIDE), flags=cv2.INTER_LINEAR)


def is_inside(points: np.ndarray, width: int, height: int) -> bool:
    """Return whether the crop of a face lies inside its picture."""
    backward = cv2.invertAffineTransform(similarity(points))
    corners = np.array([(0, 0, 1), (SIDE - 1, 0, 1), (0, SIDE - 1, 1), (SIDE - 1, SIDE - 1, 1)])
    x, y = backward @ corners.T
    return bool(x.min() >= 0 and y.min() >= 0 and x.max() <= width - 1 and y.max() <= height - 1)
