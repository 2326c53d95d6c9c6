"""Heads tilted further than a detector can bear: its landmarks are wrong then, and its confidence high.

The tilt that the landmarks themselves say stays below 35 degrees whatever the head does. But a detector is
more confident the more upright a face is, so in a few frames the face is looked for again in turned pictures
of it. The turn with the highest confidence, and the tilt that is left after it, add up to the tilt of the
head: on the two real videos of the tests, turned by up to 75 degrees, right to about 5 degrees.
"""

from __future__ import annotations

import logging

import numpy as np

from mimamo.corpus.opencv import cv2
from mimamo.cropping.alignment import similarities
from mimamo.cropping.detection import Detector

logger = logging.getLogger(__name__)

#: Frames of a track in which the tilt is measured.
SAMPLES = 12
#: Turns, clockwise in degrees, in which the face is looked for.
_TURNS = (-90, -60, -30, 0, 30, 60, 90)
#: Side of the turned pictures in pixels, and of what they show in sides of the face's box.
_SIDE, _AROUND = 160, 2.5
#: Degrees by which a measurement may be wrong.
_TOLERANCE = 3
#: Samples beyond the limit that are reported; one alone may be a mistake.
_FEWEST = 2


class TiltWatch:
    """Measures the tilt of one person's head in a few frames, and reports where it is too large.

    Parameters
    ----------
    detector
        Finds the faces.
    frames, boxes
        (n,) numbers of the frames that show the person, and (n, 4) the boxes in them.
    """

    def __init__(self, detector: Detector, frames: np.ndarray, boxes: np.ndarray) -> None:
        places = np.unique(np.linspace(0, len(frames) - 1, SAMPLES).round().astype(int))
        self._detector = detector
        self._boxes = {int(frames[place]): boxes[place] for place in places}
        self.tilts: list[float] = []

    def look(self, number: int, pixels: np.ndarray, divisor: int) -> None:
        """Measure the tilt where this frame is one of the chosen; `pixels` are reduced by `divisor`."""
        if (box := self._boxes.get(number)) is not None:
            tilt = measure_tilt(self._detector, pixels, box / divisor)
            self.tilts += [] if tilt is None else [tilt]

    def report(self, person: str) -> None:
        """Log a warning where the head is tilted too far."""
        beyond = [tilt for tilt in self.tilts if abs(tilt) > self._detector.max_tilt + _TOLERANCE]
        if len(beyond) >= _FEWEST:
            logger.warning(
                "%s: in %d of %d frames looked at, the head is tilted by %.0f degrees and more, up to %.0f;"
                " the detector's landmarks are wrong above %d, and so are crops and values; turn the video"
                " upright, or use a detector that supports such tilts",
                person,
                len(beyond),
                len(self.tilts),
                min(map(abs, beyond)),
                max(map(abs, beyond)),
                self._detector.max_tilt,
            )


def measure_tilt(detector: Detector, pixels: np.ndarray, box: np.ndarray) -> float | None:
    """Measure by how much a head is tilted in the picture.

    Parameters
    ----------
    detector
        Finds faces.
    pixels
        (height, width, 3) uint8.
    box
        (4,) left, top, width and height of the face in it.

    Returns
    -------
    float or None
        Degrees clockwise; None where no face is found there.
    """
    looks = [look for turn in _TURNS if (look := _look_turned(detector, pixels, box, turn)) is not None]
    if not looks:
        return None
    _, rough = max(looks)
    # What is left is smaller now, and is measured better.
    finer = _look_turned(detector, pixels, box, -rough)
    return rough if finer is None else finer[1]


def _look_turned(
    detector: Detector, pixels: np.ndarray, box: np.ndarray, turn: float
) -> tuple[float, float] | None:
    """Return confidence and tilt of the face in a picture that is turned clockwise; None without a face."""
    centre = box[:2] + box[2:] / 2
    matrix = cv2.getRotationMatrix2D(tuple(map(float, centre)), -turn, _SIDE / (_AROUND * box[2:].max()))
    matrix[:, 2] += _SIDE / 2 - centre
    faces = detector(cv2.warpAffine(pixels, matrix, (_SIDE, _SIDE)))
    if not len(faces):
        return None
    distances = np.linalg.norm(faces.boxes[:, :2] + faces.boxes[:, 2:] / 2 - _SIDE / 2, axis=1)
    nearest = int(np.argmin(distances))
    (transform,) = similarities(faces.landmarks[nearest : nearest + 1])
    tilt = -np.degrees(np.arctan2(transform[1, 0], transform[0, 0])) - turn
    return float(faces.confidence[nearest]), float(tilt)
