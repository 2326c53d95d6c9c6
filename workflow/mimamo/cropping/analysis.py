"""The first pass over a video: the faces, the times and the shots of all frames."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from mimamo.cropping.cuts import CutDetector, thumbnail
from mimamo.cropping.decoding import Frame, decode
from mimamo.cropping.detection import Faces, find_faces_in_frame, load_detector
from mimamo.cropping.orientation import find_quarter_turns
from mimamo.cropping.tracks import Detections

#: Is called with a number of frames when so many more are done.
OnFrames = Callable[[int], None]
#: Frames that wait for each thread: a 4K frame takes 12 MB.
_WAITING = 2


@dataclass(frozen=True)
class Analysis:
    """What the first pass found.

    Attributes
    ----------
    detections
        The faces.
    size
        Width and height of the first frame, upright.
    quarter_turns
        Quarter turns counter-clockwise that set the video upright, beyond those of its metadata.
    """

    detections: Detections
    size: tuple[int, int]
    quarter_turns: int


def analyse(
    video: Path, detector: Path | None = None, threads: int = 1, on_frames: OnFrames = lambda frames: None
) -> Analysis:
    """Find the faces in all frames of a video.

    Parameters
    ----------
    video
        The video.
    detector
        The detector's ONNX file; by default YuNet, which comes with this package.
    threads
        How many frames are searched at once.
    on_frames
        Counts the frames.

    Raises
    ------
    InputError
        Where the video or the detector cannot be read.
    """
    turns = find_quarter_turns(video, load_detector(detector))
    cuts, size = CutDetector(), (0, 0)
    # Packed numbers: as many small arrays as frames would take ten times the memory.
    times, shots, numbers, found = array("d"), array("q"), array("q"), array("d")
    for frame, faces, grey in _searched(video, turns, detector, threads):
        size = size if times else frame.size
        times.append(frame.time_s)
        shots.append(cuts.add(grey))
        numbers.extend([frame.number] * len(faces))
        found.frombytes(faces.packed().tobytes())
        on_frames(1)
    faces = Faces.unpacked(np.array(found).reshape(-1, 15))
    detections = Detections(
        np.array(times), np.array(shots), np.array(numbers), faces.boxes, faces.landmarks, faces.confidence
    )
    return Analysis(detections, size, turns)


def _searched(
    video: Path, turns: int, detector: Path | None, threads: int
) -> Iterator[tuple[Frame, Faces, np.ndarray]]:
    """Yield every frame in order, with its faces and its thumbnail; threads search several at once."""
    detectors: SimpleQueue = SimpleQueue()
    for _ in range(threads):
        detectors.put(load_detector(detector))

    def search(frame: Frame) -> tuple[Frame, Faces, np.ndarray]:
        """Search one frame with a detector that no other thread has."""
        own = detectors.get()
        try:
            faces, image = find_faces_in_frame(own, frame)
        finally:
            detectors.put(own)
        return frame, faces, thumbnail(image)

    pending: deque[Future] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for frame in decode(video, threads, turns):
            pending.append(pool.submit(search, frame))
            if len(pending) > _WAITING * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
