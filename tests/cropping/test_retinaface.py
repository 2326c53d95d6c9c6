"""RetinaFace's outputs, against its published decoding: anchors and variances in shares of the picture.

The oracle is written as in github.com/biubug6/Pytorch_Retinaface (layers/functions/prior_box.py and
utils/box_utils.py); its weights are not here.
"""

import math

import numpy as np
import pytest

from mimamo.cropping.detection import decode_retinaface, retinaface_anchors

VARIANCES = (0.1, 0.2)


def priors(width: int, height: int) -> np.ndarray:
    """The published anchors: middle, width and height in shares of the picture."""
    anchors = []
    for step, sizes in zip((8, 16, 32), ([16, 32], [64, 128], [256, 512]), strict=True):
        for row in range(math.ceil(height / step)):
            for column in range(math.ceil(width / step)):
                for size in sizes:
                    x, y = (column + 0.5) * step / width, (row + 0.5) * step / height
                    anchors.append([x, y, size / width, size / height])
    return np.array(anchors)


def decoded(loc: np.ndarray, landmarks: np.ndarray, anchors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The published decoding: corners of boxes, and landmarks, in shares of the picture."""
    middle = anchors[:, :2] + loc[:, :2] * VARIANCES[0] * anchors[:, 2:]
    size = anchors[:, 2:] * np.exp(loc[:, 2:] * VARIANCES[1])
    boxes = np.concatenate([middle - size / 2, middle + size / 2], axis=1)
    points = anchors[:, None, :2] + landmarks.reshape(-1, 5, 2) * VARIANCES[0] * anchors[:, None, 2:]
    return boxes, points


@pytest.mark.parametrize("size", [(640, 384), (320, 640), (32, 32)])
def test_anchors_are_the_published_ones_in_pixels(size):
    published = priors(*size) * [*size, *size]
    anchors = retinaface_anchors(*size)
    np.testing.assert_allclose(anchors[:, [0, 1, 2, 2]], published)
    assert len(anchors) == sum(2 * size[0] * size[1] // stride**2 for stride in (8, 16, 32))


def test_boxes_and_landmarks_are_the_published_ones_in_pixels():
    width, height = 640, 384
    rng, anchors = np.random.default_rng(0), priors(width, height)
    loc, points = rng.normal(size=(len(anchors), 4)), rng.normal(size=(len(anchors), 10))
    # Two faces that are far from each other, by anchors of different strides.
    faces = [100, len(anchors) - 3]
    scores = np.tile([0.9, 0.1], (len(anchors), 1))
    scores[faces] = [[0.2, 0.8], [0.05, 0.95]]
    found = decode_retinaface(loc, scores, points, retinaface_anchors(width, height))
    boxes, landmarks = decoded(loc, points, anchors)
    order = faces[::-1]
    np.testing.assert_allclose(found.confidence, [0.95, 0.8])
    corners = np.concatenate([found.boxes[:, :2], found.boxes[:, :2] + found.boxes[:, 2:]], axis=1)
    np.testing.assert_allclose(corners, boxes[order] * [width, height, width, height])
    np.testing.assert_allclose(found.landmarks, landmarks[order] * [width, height])


def test_of_two_anchors_at_one_face_the_more_confident_is_kept():
    anchors = retinaface_anchors(64, 64)
    scores = np.tile([1.0, 0.0], (len(anchors), 1))
    scores[[10, 12], 1] = [0.7, 0.9]
    loc = np.zeros((len(anchors), 4))
    # The neighbour's box, moved and enlarged onto the other one.
    loc[12, 0] = -8 / (0.1 * anchors[12, 2])
    found = decode_retinaface(loc, scores, np.zeros((len(anchors), 10)), anchors)
    assert found.confidence.tolist() == [0.9]
    none = decode_retinaface(loc, np.zeros_like(scores), np.zeros((len(anchors), 10)), anchors)
    assert len(none) == 0 and none.landmarks.shape == (0, 5, 2)
