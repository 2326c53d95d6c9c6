"""Cuts: where a video goes over to another shot, in which no box may be followed further."""

from __future__ import annotations

import numpy as np

from mimamo.corpus.opencv import cv2

#: Width and height of the thumbnails that are compared: what moves in them is not much of a shot.
THUMBNAIL = (32, 18)
#: Correlation of neighbouring thumbnails below which there is a cut.
MIN_CORRELATION = 0.5
#: Standard deviation in grey levels below which a thumbnail shows nothing, as between two fades.
FLAT = 2.0


class CutDetector:
    """Numbers the shots of a video, frame by frame.

    The thumbnails of neighbouring frames are compared by Pearson's correlation, so that a flash or a change
    of exposure, which scales all grey levels, is no cut.
    """

    def __init__(self) -> None:
        self.shot = 0
        self._last: np.ndarray | None = None

    def add(self, grey: np.ndarray) -> int:
        """Return the number of the shot, from 0, of the next frame, given by its `thumbnail`."""
        if self._last is not None and _correlation(self._last, grey) < MIN_CORRELATION:
            self.shot += 1
        self._last = grey
        return self.shot


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Return the centred grey levels (18, 32) float32 of a frame (height, width, 3)."""
    small = cv2.resize(image, THUMBNAIL, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 1)
    return grey - grey.mean()


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two centred thumbnails; 1 where both are flat, 0 where one is."""
    flat = one.std() < FLAT, other.std() < FLAT
    if any(flat):
        return float(all(flat))
    return float((one * other).mean() / (one.std() * other.std()))
