"""Alignment: from five landmarks to the data set's 112 × 112 crop, by a similarity transform."""

from __future__ import annotations

import numpy as np

from mimamo.corpus.opencv import cv2

#: Side of a crop in pixels.
SIZE = 112
#: Where the eyes, the tip of the nose and the corners of the mouth lie in a crop, left to right in the
#: picture: the template that five-point alignment at 112 × 112 has had in common since ArcFace (Deng et al.
#: 2019).
TEMPLATE = np.array([(38.29, 51.70), (73.53, 51.50), (56.03, 71.74), (41.55, 92.37), (70.73, 92.20)])
#: Largest reduction that a crop is averaged over; a larger face is reduced before.
MAX_REDUCTION = 8
#: Frames whose points are looked at together.
BLOCK = 256


def similarities(landmarks: np.ndarray) -> np.ndarray:
    """Fit the similarity transforms that map landmarks onto the template, by least squares.

    With points as complex numbers, z, and those of the template, w, both centred, the best factor is
    ``sum(conj(z) w) / sum(|z|²)``: a rotation and a scale, never a reflection (Umeyama 1991, "Least-squares
    estimation of transformation parameters between two point patterns", in two dimensions).

    Parameters
    ----------
    landmarks
        (n, 5, 2) pixels.

    Returns
    -------
    numpy.ndarray
        (n, 2, 3): from pixels of the frame to pixels of the crop.
    """
    points = landmarks[..., 0] + 1j * landmarks[..., 1]
    template = TEMPLATE[:, 0] + 1j * TEMPLATE[:, 1]
    centre, target = points.mean(axis=1), template.mean()
    centred = points - centre[:, None]
    spread = np.maximum((np.abs(centred) ** 2).sum(axis=1), 1e-12)
    factor = (centred.conj() * (template - target)).sum(axis=1) / spread
    shift = target - factor * centre
    rows = (factor.real, -factor.imag, shift.real, factor.imag, factor.real, shift.imag)
    return np.stack(rows, axis=1).reshape(-1, 2, 3)


def scales(transforms: np.ndarray) -> np.ndarray:
    """Return how many pixels of the frame a pixel of the crop is wide, (n,), of transforms (n, 2, 3)."""
    return 1 / np.maximum(np.hypot(transforms[:, 0, 0], transforms[:, 1, 0]), 1e-12)


def reduction(transforms: np.ndarray) -> int:
    """Return how many pixels along each axis are averaged to one of the crops of one person.

    One number for all frames, the median: if it changed from frame to frame, so would the sharpness, and that
    would be motion to the network.
    """
    return int(np.clip(np.round(np.median(scales(transforms))), 1, MAX_REDUCTION))


def warp(image: np.ndarray, transform: np.ndarray, average: int = 1) -> np.ndarray:
    """Cut a crop.

    Parameters
    ----------
    image
        (height, width, …) uint8.
    transform
        (2, 3) from pixels of the frame to pixels of the crop.
    average
        See `reduction`: the crop is cut so many times larger and then averaged over areas, because a face
        that is reduced without that aliases.

    Returns
    -------
    numpy.ndarray
        (112, 112, …) uint8; black beyond the frame.
    """
    larger = np.array(transform, np.float64) * average
    # Centres of pixels have whole coordinates: the first of the average is half a pixel before their mean.
    larger[:, 2] += (average - 1) / 2
    crop = cv2.warpAffine(image, larger, (SIZE * average, SIZE * average), flags=cv2.INTER_LINEAR)
    return crop if average == 1 else cv2.resize(crop, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def share_inside(transforms: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the share of each crop that lies inside the frame.

    Parameters
    ----------
    transforms
        (n, 2, 3) from pixels of the frame to pixels of the crop.
    size
        Width and height of the frame.

    Returns
    -------
    numpy.ndarray
        (n,) from 0 to 1, by a grid of 28 × 28 points.
    """
    axis = np.arange(28) * 4 + 1.5
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    shares = np.empty(len(transforms))
    # A block at a time: the points of all frames of a long video would be the largest thing in memory.
    for start in range(0, len(transforms), BLOCK):
        block = transforms[start : start + BLOCK]
        inverse = np.linalg.inv(block[:, :, :2])
        points = np.einsum("nij,npj->npi", inverse, grid[None] - block[:, None, :, 2])
        inside = (points >= -0.5) & (points < np.array(size) - 0.5)
        shares[start : start + BLOCK] = inside.all(axis=2).mean(axis=1)
    return shares
