"""Video containers: opening them, their images, and their number of frames, by header and by decoding.

PyAV reads them and not OpenCV, which decodes interlaced video to pure black without a word. The audit counts
the frames by which `mimamo.cropping` numbers crops, so that crops made there and annotations made elsewhere
match. Of whole files OpenCV counts the same ones (a test compares them over kinds of video). It may count
others where a file is damaged (after many errors it gives up, here the rest is read too), where its own
FFmpeg lacks a decoder (it counts none), and in a sound file with a cover picture (which is a video to it).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.corpus.lists import MAX_VIDEO_FRAMES
from mimamo.errors import InputError
from mimamo.storage.paths import describe_error

if TYPE_CHECKING:
    import av
    import numpy as np

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrameCounts:
    """The frames of a container.

    Attributes
    ----------
    said
        Their number by its header; 0 where it has none.
    decoded
        The number that can be decoded, where known.
    rate
        Frames in a second by its header, the mean where they are unevenly spaced; 0 where it has none.
    """

    said: int
    decoded: int | None = None
    rate: float = 0.0


@dataclass(frozen=True)
class Header:
    """What a container says of its video.

    Attributes
    ----------
    frames
        Number of frames, or an estimate by duration and rate; 0 where nothing is known. Not reliable.
    seconds
        Duration; 0 where it is not known.
    rate
        Frames in a second; 0 where it is not known.
    """

    frames: int
    seconds: float
    rate: float


def read_header(path: Path) -> Header:
    """Read what the container says of its video.

    Raises
    ------
    InputError
        Where the file cannot be read as a video, see `open_video`.
    """
    with open_video(path) as (container, stream):
        return header_of(container, stream)


def header_of(container: av.container.InputContainer, stream: av.VideoStream) -> Header:
    """Return what an open container says of its video."""
    seconds = 0.0
    if stream.duration:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / 1e6
    rate = float(stream.average_rate or 0)
    frames = stream.frames or round(max(seconds, 0) * rate)
    # A damaged header may say any number.
    return Header(frames if 0 < frames <= MAX_VIDEO_FRAMES else 0, max(seconds, 0.0), max(rate, 0.0))


def count_frames(path: Path, decode: bool, threads: int = 1) -> FrameCounts:
    """Count the frames of a container, by its header and, where `decode`, by decoding all of them.

    Raises
    ------
    InputError
        If the file cannot be opened as a video, has no frame, or is a still image.
    """
    header = read_header(path)
    said = header.frames
    # A still image has no count in its header or 1; two frames tell it from a video.
    decoded = decoded_frame_count(path, threads, None if decode else 2) if decode or said <= 1 else None
    if max(said, decoded or 0) <= 1:
        found = "a still image" if said or decoded else "one without a frame that can be decoded"
        raise InputError(f"{path}: expected a video, found {found}; get the file again")
    return FrameCounts(said, decoded if decode else None, header.rate)


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
    with open_video(path, threads) as (container, stream):
        return sum(1 for _ in islice(frames_of(path, container, stream), most))


def frame_times(path: Path) -> np.ndarray:
    """Return the time stamps (frames,) of a video's frames in seconds, ascending.

    They are those of the packets, which need not be decoded: each holds the picture of one frame.

    Raises
    ------
    InputError
        If the file cannot be opened as a video, or its frames have no time stamps.
    """
    import av
    import numpy as np

    with open_video(path) as (container, stream):
        stamps = []
        try:
            for packet in container.demux(stream):
                if packet.pts is not None and packet.size and not packet.is_discard:
                    stamps.append(packet.pts * packet.time_base)
        except av.FFmpegError as error:
            logger.warning("%s: cannot be read to its end (%s)", path, _reason(error))
    if not stamps:
        raise InputError(f"{path}: expected frames with time stamps, found none; get the whole file")
    return np.array(sorted(stamps), np.float64)


@contextmanager
def open_video(path: Path, threads: int = 0) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """Open a container and its video stream.

    Parameters
    ----------
    path
        The video file.
    threads
        Number of threads for the decoder; 0: as many as it chooses.

    Raises
    ------
    InputError
        If the file cannot be opened as a video, or has sound only.
    """
    import av

    expected = f"{path}: expected a video"
    try:
        with open(path, "rb") as handle:
            empty = not handle.read(1)
    except OSError as error:
        raise InputError(f"{expected}, found {describe_error(path, error)}; correct the path") from None
    if empty:
        raise InputError(f"{expected}, found an empty file; get the file again")
    try:
        # A playlist, whatever it is called, must not make the library read other files or addresses.
        container = av.open(f"file:{path}", options={"protocol_whitelist": "file"})
    except (av.FFmpegError, ValueError) as error:
        raise InputError(
            f"{expected}, found a file that cannot be read as one ({_reason(error)}); get the whole file"
        ) from None
    with container:
        stream = _video_stream(container)
        if stream is None:
            found = "sound only" if container.streams.audio else "no pictures in it"
            raise InputError(f"{expected}, found {found}; give a file with pictures")
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        yield container, stream


def _video_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """Return the first video stream that is no cover picture of a sound file; None where there is none."""
    from av.stream import Disposition

    # Of these formats a text file makes pictures of characters, or a list of other files.
    if set(container.format.name.split(",")) & {"tty", "concat", "hls", "dash"}:
        return None
    streams = container.streams.video
    return next((s for s in streams if not s.disposition & Disposition.attached_pic), None)


def frames_of(
    path: Path, container: av.container.InputContainer, stream: av.VideoStream | av.AudioStream
) -> Iterator[av.VideoFrame | av.AudioFrame]:
    """Yield the images, or the pieces of sound, of a stream that can be decoded."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError as error:
            logger.warning("%s: cannot be read to its end (%s)", path, _reason(error))
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            # Damage of one packet; what comes after it may be sound.
            continue


def _reason(error: Exception) -> str:
    """Return FFmpeg's own words for an error, without the path that the sentence begins with."""
    return (getattr(error, "strerror", None) or str(error)).strip()
