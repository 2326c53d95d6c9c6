"""Orientation of videos whose pixels lie on their side and whose metadata do not say so."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from mimamo.cropping.decoding import sample
from mimamo.cropping.detection import Detector, Faces, find_faces

logger = logging.getLogger(__name__)

#: Frames that are looked at in all four orientations, and their longer side in pixels.
FRAMES, LONGEST_SIDE = 12, 320
#: By how much the mean confidence of a face has to be higher for a video to be turned.
MARGIN = 0.01


def find_quarter_turns(video: Path, detector: Detector) -> int:
    """Find by how many quarter turns counter-clockwise a video has to be turned to have its faces upright.

    The orientation with the highest mean confidence over a few frames wins. Detectors also find faces that
    lie on their side, with landmarks that are wrong: so only those with the eyes above the mouth count.

    Parameters
    ----------
    video
        The video.
    detector
        The detector.

    Returns
    -------
    int
        0 to 3, beyond what the video's metadata say; 0 where no face is found.
    """
    frames = sample(video, FRAMES)
    images = [frame.pixels(frame.reduced_size(LONGEST_SIDE)) for frame in frames]
    scores = [
        float(np.mean([_confidence(find_faces(detector, _turned(image, turns))) for image in images]))
        for turns in range(4)
    ]
    best = int(np.argmax(scores))
    if scores[best] < scores[0] + MARGIN:
        return 0
    logger.warning(
        "%s: its faces lie on their side or upside down (confidence %.2f, turned %.2f); it is turned by %d "
        "degrees counter-clockwise",
        video,
        scores[0],
        scores[best],
        90 * best,
    )
    return best


def _turned(image: np.ndarray, quarter_turns: int) -> np.ndarray:
    """Return a picture turned counter-clockwise."""
    return np.ascontiguousarray(np.rot90(image, quarter_turns))


def _confidence(faces: Faces) -> float:
    """Return the confidence of the largest upright face; 0 where there is none."""
    eyes, mouth = faces.landmarks[:, :2].mean(axis=1), faces.landmarks[:, 3:].mean(axis=1)
    down, across = mouth[:, 1] - eyes[:, 1], np.abs(mouth[:, 0] - eyes[:, 0])
    confidence = np.where(down > across, faces.confidence, 0)
    return float(confidence[np.argmax(faces.boxes[:, 2] * faces.boxes[:, 3])]) if len(faces) else 0.0
