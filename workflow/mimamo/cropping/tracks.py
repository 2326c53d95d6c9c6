"""Tracks: which detections of a video are of one person, as far as boxes tell.

Within a shot, boxes of neighbouring frames are assigned to each other by their overlap with where the box
would be if it moved on as before (Hungarian method). Who leaves the picture and comes back within the same
shot is taken to be the same person if nobody else could be meant, unless the camera passes people. Nothing is
followed over a cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

#: Least overlap (intersection over union) of a box with where it is expected.
MIN_OVERLAP = 0.2
#: Seconds without a detection after which a track ends.
MAX_GAP = 0.5
#: Seconds that a person may be away and still be taken to be the same, and the largest ratio of the box's
#: sides.
MAX_ABSENCE, MAX_RATIO = 5.0, 1.6
#: Sides of the box per second from which on a person moves.
MIN_SPEED = 0.25
#: Seconds below which a track is dropped, unless it lasts for this share of the video.
MIN_SECONDS, MIN_SHARE = 0.5, 0.5
#: Detections over which the speed of a box is measured.
_SPEED_OVER = 5


@dataclass(frozen=True)
class Detections:
    """All faces found in a video, a row each, in the order of the frames.

    Attributes
    ----------
    times
        (frames,) seconds of all frames of the video.
    shots
        (frames,) number of the shot of every frame.
    frame
        (n,) the frame number of each face, from 1.
    boxes, landmarks, confidence
        (n, 4), (n, 5, 2) and (n,), see `mimamo.cropping.detection.Faces`.
    """

    times: np.ndarray
    shots: np.ndarray
    frame: np.ndarray
    boxes: np.ndarray
    landmarks: np.ndarray
    confidence: np.ndarray

    @property
    def time(self) -> np.ndarray:
        """Seconds (n,) of each face."""
        return self.times[self.frame - 1]


@dataclass
class _Track:
    """A track that is being followed: its rows, and the boxes and times of the last few of them."""

    rows: list[int] = field(default_factory=list)
    recent: list[tuple[float, np.ndarray]] = field(default_factory=list)

    def add(self, row: int, time: float, box: np.ndarray) -> None:
        """Add the next detection."""
        self.rows.append(row)
        self.recent = [*self.recent[1 - _SPEED_OVER :], (time, box)]

    def expected(self, time: float) -> np.ndarray:
        """Return the box (4,) at a later time if it moves on as before."""
        (first, start), (last, box) = self.recent[0], self.recent[-1]
        if last <= first:
            return box
        speed = (box[:2] + box[2:] / 2 - start[:2] - start[2:] / 2) / (last - first)
        return np.concatenate([box[:2] + speed * (time - last), box[2:]])


def follow(detections: Detections) -> list[np.ndarray]:
    """Put together the detections of each person.

    Returns
    -------
    list of numpy.ndarray
        The rows of each track, ascending; the tracks in the order of their first frames.
    """
    active: list[_Track] = []
    ended: list[_Track] = []
    frames, starts = np.unique(detections.frame, return_index=True)
    shot = -1
    stops = np.append(starts, len(detections.frame))[1:]
    for frame, start, stop in zip(frames, starts, stops, strict=True):
        time = detections.times[frame - 1]
        gone = [t for t in active if detections.shots[frame - 1] != shot or time - t.recent[-1][0] > MAX_GAP]
        ended += gone
        active = [track for track in active if track not in gone]
        shot = detections.shots[frame - 1]
        rows = range(start, stop)
        assigned = _assign(active, time, detections.boxes[start:stop])
        for place, row in enumerate(rows):
            track = assigned.get(place)
            if track is None:
                active.append(track := _Track())
            track.add(row, time, detections.boxes[row])
    tracks = [np.array(track.rows) for track in (*ended, *active)]
    return _joined(detections, sorted(tracks, key=lambda rows: rows[0]))


def _assign(tracks: list[_Track], time: float, boxes: np.ndarray) -> dict[int, _Track]:
    """Return the track that each box, by its place, continues; boxes of nobody known are left out."""
    from scipy.optimize import linear_sum_assignment

    if not tracks:
        return {}
    overlaps = np.array([overlap(track.expected(time), boxes) for track in tracks])
    # What must not be assigned costs more than any assignment that may be.
    cost = np.where(overlaps >= MIN_OVERLAP, 1 - overlaps, 1e3)
    pairs = zip(*linear_sum_assignment(cost), strict=True)
    return {int(place): tracks[i] for i, place in pairs if overlaps[i, place] >= MIN_OVERLAP}


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return intersection over union (n,) of a box (4,) with each of `boxes` (n, 4)."""
    corner = np.maximum(box[:2], boxes[:, :2])
    sides = np.maximum(np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:]) - corner, 0)
    shared = sides.prod(axis=1)
    return shared / np.maximum(box[2:].prod() + boxes[:, 2:].prod(axis=1) - shared, 1e-9)


def _joined(detections: Detections, tracks: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Join tracks of people who were away for a while, where only one track can be meant on either side."""
    links = {}
    candidates = {i: [j for j in range(len(tracks)) if _may_be_same(detections, tracks[i], tracks[j])]
                  for i in range(len(tracks))}  # fmt: skip
    for before, after in candidates.items():
        nearest = after[:1]
        rivals = [i for i, found in candidates.items() if i != before and nearest[:1] == found[:1]]
        if nearest and not rivals:
            links[before] = nearest[0]
    joined, taken = [], set(links.values())
    for number in range(len(tracks)):
        if number not in taken:
            chain = [number]
            while chain[-1] in links:
                chain.append(links[chain[-1]])
            joined.append(np.concatenate([tracks[i] for i in chain]))
    return joined


def _may_be_same(detections: Detections, one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether the second track may be the first one's person, back in the same shot."""
    absence = detections.time[other[0]] - detections.time[one[-1]]
    if not 0 < absence <= MAX_ABSENCE:
        return False
    shots = detections.shots[detections.frame[[one[-1], other[0]]] - 1]
    ratio = np.sqrt(detections.boxes[one[-1], 2:].prod() / detections.boxes[other[0], 2:].prod())
    alike = shots[0] == shots[1] and 1 / MAX_RATIO <= ratio <= MAX_RATIO
    return alike and not _is_passed(detections, one, other)


def _is_passed(detections: Detections, one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether a camera passes two people: one leaves, and the other comes in where one came from."""
    centres = detections.boxes[:, :2] + detections.boxes[:, 2:] / 2
    speeds = []
    for rows in (one[-_SPEED_OVER:], other[:_SPEED_OVER]):
        seconds = max(detections.time[rows[-1]] - detections.time[rows[0]], 1e-9)
        speeds.append((centres[rows[-1]] - centres[rows[0]]) / seconds)
    side = np.sqrt(detections.boxes[one[-1], 2:].prod())
    moving = min(np.linalg.norm(speed) for speed in speeds) >= MIN_SPEED * side
    back = (centres[other[0]] - centres[one[-1]]) @ speeds[0]
    return bool(moving and speeds[0] @ speeds[1] > 0 and back < 0)


def split_short(detections: Detections, tracks: Sequence[np.ndarray]) -> tuple[list[np.ndarray], int]:
    """Separate the tracks that are long enough to be predicted from those that are not.

    Returns
    -------
    kept : list of numpy.ndarray
        The tracks that last for `MIN_SECONDS`, or for `MIN_SHARE` of a video that is short itself; the
        largest person first, by the area of the boxes added up over all frames.
    dropped : int
        How many others there are.
    """
    frames = len(detections.times)
    step = (detections.times[-1] - detections.times[0]) / max(frames - 1, 1) if frames else 0.0
    kept = [
        rows for rows in tracks if len(rows) * step >= MIN_SECONDS or len(rows) >= max(MIN_SHARE * frames, 1)
    ]
    kept.sort(key=lambda rows: -detections.boxes[rows, 2:].prod(axis=1).sum())
    return kept, len(tracks) - len(kept)


def sides(detections: Detections, one: np.ndarray, other: np.ndarray) -> tuple[str, str] | None:
    """Return which of two people is ``left`` and which ``right``, as the data set names people.

    None where they are not seen together in at least half of the frames of the one who is seen less, or
    change places.
    """
    _, first, second = np.intersect1d(detections.frame[one], detections.frame[other], return_indices=True)
    if len(first) * 2 < min(len(one), len(other)):
        return None
    centres = detections.boxes[:, 0] + detections.boxes[:, 2] / 2
    left = centres[one[first]] < centres[other[second]]
    if left.all():
        return "left", "right"
    return None if left.any() else ("right", "left")
