"""Video containers: their number of frames, by header and by decoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mimamo.corpus.lists import MAX_VIDEO_FRAMES
from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError


@dataclass(frozen=True)
class FrameCounts:
    """The frames of a container: `said` by its header (0 where it has none) and `decoded`, where known."""

    said: int
    decoded: int | None = None


def count_frames(path: Path, decode: bool, threads: int = 1) -> FrameCounts:
    """Count the frames of a container, by its header and, where `decode`, by decoding all of them.

    Raises
    ------
    InputError
        If the file cannot be opened as a video, has no frame, or is a still image.
    """
    said = header_frame_count(path)
    # A still image has no count in its header or 1; two frames tell it from a video.
    decoded = decoded_frame_count(path, threads, None if decode else 2) if decode or said == 0 else None
    if max(said, decoded or 0) <= 1:
        found = "a still image" if said or decoded else "one without a frame that can be decoded"
        raise InputError(f"{path}: expected a video, found {found}; fetch it again.")
    return FrameCounts(said, decoded if decode else None)


def header_frame_count(path: Path) -> int:
    """Return the number of frames in a container's header (not reliable; 0 where it has none).

    Raises
    ------
    InputError
        If the file cannot be opened as a video.
    """
    video = _open(path, threads=1)
    try:
        # Streams without a count yield a negative or absurd float; a damaged header may yield any number.
        count = video.get(cv2.CAP_PROP_FRAME_COUNT)
    finally:
        video.release()
    return int(count) if 0 < count <= MAX_VIDEO_FRAMES else 0


def decoded_frame_count(path: Path, threads: int = 1, most: int | None = None) -> int:
    """Count the frames of a container by decoding all of them, or no more than `most`.

    Parameters
    ----------
    path
        The video file.
    threads
        Number of threads for the decoder.

    Raises
    ------
    InputError
        If the file cannot be opened as a video.
    """
    video = _open(path, threads)
    try:
        frames = 0
        while frames != most and video.grab():
            frames += 1
    finally:
        video.release()
    return frames


def _open(path: Path, threads: int) -> cv2.VideoCapture:
    """Open a video for reading; raise InputError where that fails."""
    try:
        video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads])
        opened = video.isOpened()
    except cv2.error:
        opened = False
    if not opened:
        raise InputError(
            f"{path}: expected a video, found a file that cannot be opened as one; fetch it again."
        )
    return video
