"""Containers: the video files, and how many frames they say and really hold."""

from __future__ import annotations

from pathlib import Path

from mimamo.corpus.lists import LONGEST_VIDEO
from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError


def said_frames(path: Path) -> int:
    """Give the number of frames that a container's header says (not reliable; 0 where it says nothing).

    Raises
    ------
    InputError
        If the file cannot be opened as a video.
    """
    video = _open(path, threads=1)
    try:
        # Streams without a count come as a negative or absurd float; a damaged header says anything.
        said = video.get(cv2.CAP_PROP_FRAME_COUNT)
    finally:
        video.release()
    return int(said) if 0 < said <= LONGEST_VIDEO else 0


def decoded_frames(path: Path, threads: int = 1) -> int:
    """Count the frames of a container by decoding all of them.

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
        while video.grab():
            frames += 1
    finally:
        video.release()
    return frames


def _open(path: Path, threads: int) -> cv2.VideoCapture:
    """Open a video for reading."""
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
