"""Face detection: boxes and five landmarks of the faces in a frame.

The default is YuNet (Wu, Peng and Yu 2023, "YuNet: A tiny millisecond-level face detector"), whose weights
come with this package. A RetinaFace (Deng et al. 2020, "RetinaFace: Single-shot multi-level face
localisation in the wild") with MobileNet 0.25 can be given by path.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Protocol

import numpy as np

from mimamo.corpus.opencv import cv2
from mimamo.cropping.decoding import Frame
from mimamo.cropping.weights import find_detector
from mimamo.errors import InputError

#: Longer side in pixels that frames are reduced to.
LONGEST_SIDE = 640
#: Least confidence of a face, and overlap (intersection over union) above which the less confident goes.
MIN_CONFIDENCE, MAX_OVERLAP = 0.6, 0.3

# RetinaFace's anchors: a stride and the sides of the square anchors at each place, in pixels.
_ANCHORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
# Its mean colour (blue, green, red), and the scales of its centres and sizes.
_MEAN, _CENTRE_SCALE, _SIZE_SCALE = (104, 117, 123), 0.1, 0.2


@dataclass(frozen=True)
class Faces:
    """The faces found in one frame.

    Attributes
    ----------
    boxes
        (n, 4): left, top, width, height in pixels.
    landmarks
        (n, 5, 2): x and y of the eyes, the tip of the nose and the corners of the mouth, in pixels, left to
        right in the picture.
    confidence
        (n,) from 0 to 1.
    """

    boxes: np.ndarray
    landmarks: np.ndarray
    confidence: np.ndarray

    def __len__(self) -> int:
        return len(self.confidence)

    def packed(self) -> np.ndarray:
        """Return (n, 15) float64: the box, the landmarks and the confidence of each face."""
        return np.column_stack([self.boxes, self.landmarks.reshape(-1, 10), self.confidence]).astype(
            np.float64
        )

    @classmethod
    def unpacked(cls, rows: np.ndarray) -> Faces:
        """Return the faces that `packed` gave as (n, 15)."""
        return cls(rows[:, :4], rows[:, 4:14].reshape(-1, 5, 2), rows[:, 14])

    def scaled(self, x: float, y: float) -> Faces:
        """Return the faces in a picture that is larger by `x` and `y` along its axes."""
        factor = np.array([x, y])
        return Faces(self.boxes * np.tile(factor, 2), self.landmarks * factor, self.confidence)


class Detector(Protocol):
    """Finds faces in a picture.

    Attributes
    ----------
    max_tilt
        Degrees by which a head may be tilted in the picture and still get right landmarks.
    """

    max_tilt: int

    def __call__(self, image: np.ndarray) -> Faces:
        """Return the faces in `image` (height, width, 3) uint8: blue, green, red."""


class YuNet:
    """YuNet, as OpenCV runs it.

    Parameters
    ----------
    path
        The weights, an ONNX file.
    """

    max_tilt = 30

    def __init__(self, path: Path) -> None:
        self._network = cv2.FaceDetectorYN.create(str(path), "", (320, 320), MIN_CONFIDENCE, MAX_OVERLAP)

    def __call__(self, image: np.ndarray) -> Faces:
        """Return the faces in `image`, see `Detector`."""
        self._network.setInputSize((image.shape[1], image.shape[0]))
        found = self._network.detect(image)[1]
        rows = np.zeros((0, 15)) if found is None else found.astype(np.float64)
        return Faces.unpacked(rows)


class RetinaFace:
    """RetinaFace with MobileNet 0.25, run by OpenCV.

    Parameters
    ----------
    path
        The weights, an ONNX file with the outputs ``loc``, ``conf`` and ``landmarks``.
    """

    max_tilt = 60

    def __init__(self, path: Path) -> None:
        self._network = cv2.dnn.readNetFromONNX(str(path))
        self._anchors: dict[tuple[int, int], np.ndarray] = {}

    def __call__(self, image: np.ndarray) -> Faces:
        """Return the faces in `image`, see `Detector`."""
        height, width = (-(-side // 32) * 32 for side in image.shape[:2])
        padded = np.zeros((height, width, 3), np.uint8)
        padded[: image.shape[0], : image.shape[1]] = image
        self._network.setInput(cv2.dnn.blobFromImage(padded, 1.0, (width, height), _MEAN))
        outputs = self._network.forward(["loc", "conf", "landmarks"])
        located, scores, points = (output[0].astype(np.float64) for output in outputs)
        return decode_retinaface(located, scores, points, self._anchors_of(width, height))

    def _anchors_of(self, width: int, height: int) -> np.ndarray:
        """Return the anchors of a picture's size, which are kept for the next picture."""
        if (width, height) not in self._anchors:
            self._anchors = {(width, height): retinaface_anchors(width, height)}
        return self._anchors[width, height]


def retinaface_anchors(width: int, height: int) -> np.ndarray:
    """Return RetinaFace's anchors (n, 3) of a picture's size: the middle and the side, in pixels.

    They are in the order of its outputs: by stride, row, column and side.
    """
    return np.array(
        [
            ((x + 0.5) * stride, (y + 0.5) * stride, side)
            for stride, sides in _ANCHORS
            for y, x, side in product(range(height // stride), range(width // stride), sides)
        ]
    )


def decode_retinaface(
    located: np.ndarray, scores: np.ndarray, points: np.ndarray, anchors: np.ndarray
) -> Faces:
    """Decode RetinaFace's outputs, and keep the most confident of faces that overlap.

    Parameters
    ----------
    located, scores, points
        The outputs ``loc`` (n, 4), ``conf`` (n, 2) and ``landmarks`` (n, 10), a row per anchor: middle and
        size relative to the anchor; background and face; five points relative to the anchor.
    anchors
        (n, 3), see `retinaface_anchors`.
    """
    chosen = scores[:, 1] > MIN_CONFIDENCE
    centre, side = anchors[chosen, :2], anchors[chosen, 2:]
    located, points, confidence = located[chosen], points[chosen].reshape(-1, 5, 2), scores[chosen, 1]
    size = side * np.exp(_SIZE_SCALE * located[:, 2:])
    corner = centre + _CENTRE_SCALE * side * located[:, :2] - size / 2
    boxes = np.concatenate([corner, size], axis=1)
    landmarks = centre[:, None] + _CENTRE_SCALE * side[:, None] * points
    kept = np.array(cv2.dnn.NMSBoxes(boxes.tolist(), confidence.tolist(), MIN_CONFIDENCE, MAX_OVERLAP), int)
    return Faces(boxes[kept.ravel()], landmarks[kept.ravel()], confidence[kept.ravel()])


def load_detector(path: Path | None = None) -> Detector:
    """Load a detector.

    Parameters
    ----------
    path
        An ONNX file of YuNet or of RetinaFace; by default the YuNet that is installed.

    Raises
    ------
    InputError
        Where the file is not there or holds another network.
    """
    path = find_detector(path)
    try:
        outputs = set(cv2.dnn.readNetFromONNX(str(path)).getUnconnectedOutLayersNames())
    except cv2.error:
        outputs = set()
    if {"cls_8", "obj_8", "bbox_8", "kps_8"} <= outputs:
        return YuNet(path)
    if {"loc", "conf", "landmarks"} <= outputs:
        return RetinaFace(path)
    raise InputError(
        f"{path}: expected the ONNX file of a YuNet or a RetinaFace, found a file with other outputs "
        f"({', '.join(sorted(outputs)) or 'none that can be read'}); give another file"
    )


def find_faces(detector: Detector, image: np.ndarray) -> Faces:
    """Find the faces in a picture; one that is too near for the detector is looked for at half the size."""
    faces = detector(image)
    if len(faces):
        return faces
    height, width = (max(1, side // 2) for side in image.shape[:2])
    half = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return detector(half).scaled(image.shape[1] / width, image.shape[0] / height)


def find_faces_in_frame(detector: Detector, frame: Frame) -> tuple[Faces, np.ndarray]:
    """Find the faces in a frame, which is reduced to `LONGEST_SIDE`.

    Returns
    -------
    faces : Faces
        In pixels of the frame.
    image : numpy.ndarray
        The reduced picture.
    """
    width, height = frame.reduced_size(LONGEST_SIDE)
    image = frame.pixels((width, height))
    return find_faces(detector, image).scaled(frame.size[0] / width, frame.size[1] / height), image
