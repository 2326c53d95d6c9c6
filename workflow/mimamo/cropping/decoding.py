"""Decoding: the frames of a video with their times, upright, whatever container and codec it has.

PyAV is used and not OpenCV, which reads interlaced video as pure black and gives no time stamps that hold
for a variable frame rate. Frames are counted as `mimamo.corpus.videos.decoded_frame_count` counts them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo.errors import InputError
from mimamo.storage.paths import describe_error

if TYPE_CHECKING:
    import av

logger = logging.getLogger(__name__)

#: Frames per second that are assumed where neither the stream nor its frames have times.
DEFAULT_RATE = Fraction(25)
#: The deinterlacer: one frame for each frame, and progressive frames are left as they are.
_DEINTERLACER = ("bwdif", "mode=send_frame:deint=interlaced")


@dataclass(frozen=True)
class Frame:
    """One decoded frame, converted to pixels when these are asked for.

    Attributes
    ----------
    number
        Its number in the video, from 1.
    time_s
        Seconds since the first frame; ascends with the number.
    image
        The decoded image, as it is stored.
    quarter_turns
        Quarter turns counter-clockwise that set it upright.
    pixel_aspect
        Width of a stored pixel by its height.
    """

    number: int
    time_s: float
    image: av.VideoFrame
    quarter_turns: int = 0
    pixel_aspect: Fraction = Fraction(1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in square pixels, upright."""
        width, height = max(1, round(self.image.width * self.pixel_aspect)), self.image.height
        return (height, width) if self.quarter_turns % 2 else (width, height)

    def pixels(self, size: tuple[int, int] | None = None) -> np.ndarray:
        """Return the frame upright, averaged over areas where it is reduced.

        Parameters
        ----------
        size
            Width and height; those of the frame by default.

        Returns
        -------
        numpy.ndarray
            (height, width, 3) uint8: blue, green, red, as OpenCV has them.
        """
        width, height = size or self.size
        stored = (height, width) if self.quarter_turns % 2 else (width, height)
        image = self.image
        if stored != (image.width, image.height):
            image = image.reformat(*stored, format="bgr24", interpolation="AREA")
        return np.ascontiguousarray(np.rot90(image.to_ndarray(format="bgr24"), self.quarter_turns))

    def reduced_size(self, longest: int) -> tuple[int, int]:
        """Return the frame's size reduced to `longest` pixels on the longer side; never enlarged."""
        scale = min(1.0, longest / max(self.size))
        return max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale))


@dataclass(frozen=True)
class Header:
    """What a container says of its video.

    Attributes
    ----------
    frames
        Number of frames, or an estimate by duration and rate; 0 where nothing is known. Not reliable.
    seconds
        Duration; 0 where it is not known.
    """

    frames: int
    seconds: float


def read_header(path: Path) -> Header:
    """Read what the container says of its video.

    Raises
    ------
    InputError
        Where the file cannot be read as a video, see `decode`.
    """
    with _open(path) as (container, stream):
        return _header(container, stream)


def _header(container: av.container.InputContainer, stream: av.VideoStream) -> Header:
    """Return what an open container says."""
    seconds = 0.0
    if stream.duration:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / 1e6
    frames = stream.frames or round(max(seconds, 0) * float(stream.average_rate or 0))
    return Header(max(frames, 0), max(seconds, 0.0))


def decode(path: Path, threads: int = 0, quarter_turns: int = 0) -> Iterator[Frame]:
    """Decode all frames of a video in order.

    Frames are turned as the metadata say, interlaced ones are deinterlaced, and what cannot be decoded is
    left out.

    Parameters
    ----------
    path
        The video.
    threads
        Threads of the decoder; 0: as many as it chooses.
    quarter_turns
        Quarter turns counter-clockwise beyond those of the metadata.

    Yields
    ------
    Frame
        The frames, numbered from 1.

    Raises
    ------
    InputError
        Where the file cannot be opened as a video, has sound only, or has no frame that can be decoded.
    """
    frames = 0
    with _open(path, threads) as (container, stream):
        aspect = stream.sample_aspect_ratio or Fraction(1)
        step = float(1 / (stream.average_rate or DEFAULT_RATE))
        first, last = None, -step
        for image in _deinterlaced(_images(path, container, stream), stream):
            # Times that are missing or run backwards are replaced by those of the average rate.
            time_s = image.time if image.time is not None else None
            first = time_s if first is None else first
            elapsed = last + step if time_s is None or first is None else time_s - first
            last = elapsed if elapsed > last else last + step
            frames += 1
            turns = (round((image.rotation or 0) / 90) + quarter_turns) % 4
            yield Frame(frames, last, image, turns, aspect)
    if not frames:
        raise InputError(
            f"{path}: expected a video, found one without a frame that can be decoded; get the file again"
        )


def sample(path: Path, count: int) -> list[Frame]:
    """Decode a few frames from all over a video, by jumping to key frames where the container can do so.

    Returns
    -------
    list of Frame
        At most `count` frames, whose numbers and times mean nothing.
    """
    import av

    with _open(path) as (container, stream):
        aspect, seconds = stream.sample_aspect_ratio or Fraction(1), _header(container, stream).seconds
        images: dict[int | None, av.VideoFrame] = {}
        for place in range(count if seconds else 0):
            try:
                container.seek(int(seconds * 1e6 * (place + 0.5) / count) + (container.start_time or 0))
                image = next(container.decode(stream))
            except (av.FFmpegError, StopIteration):
                continue
            images.setdefault(image.pts, image)
    found = [Frame(0, 0.0, image, round((image.rotation or 0) / 90) % 4, aspect) for image in images.values()]
    # Videos of few key frames, and those that cannot be searched, are read from the beginning.
    return found if len(found) >= count // 2 else _first_frames(path, count)


def _first_frames(path: Path, count: int, stride: int = 5) -> list[Frame]:
    """Return `count` frames of the beginning, every `stride`-th where there are enough."""
    frames = []
    for frame in decode(path):
        frames.append(frame)
        if len(frames) == count * stride:
            break
    return frames[:: max(1, len(frames) // count)][:count]


@contextmanager
def _open(path: Path, threads: int = 0) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """Open a container and its video stream; raise InputError where that fails."""
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


def _images(
    path: Path, container: av.container.InputContainer, stream: av.VideoStream
) -> Iterator[av.VideoFrame]:
    """Yield the images of a stream that can be decoded."""
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


def _deinterlaced(images: Iterable[av.VideoFrame], stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Yield as many images, deinterlaced from the first interlaced one on."""
    import av

    graph = None
    for image in images:
        if graph is None and image.interlaced_frame:
            graph = _deinterlacing_graph(stream)
        if graph is None:
            yield image
            continue
        graph.push(image)
        yield from _pull(graph)
    if graph is not None:
        try:
            graph.push(None)
        except av.FFmpegError:
            return
        yield from _pull(graph)


def _deinterlacing_graph(stream: av.VideoStream) -> av.filter.Graph:
    """Return a graph of filters that deinterlaces."""
    import av.filter

    graph = av.filter.Graph()
    graph.link_nodes(graph.add_buffer(template=stream), graph.add(*_DEINTERLACER), graph.add("buffersink"))
    graph.configure()
    return graph


def _pull(graph: av.filter.Graph) -> Iterator[av.VideoFrame]:
    """Yield the images that a graph has ready."""
    import av

    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _reason(error: Exception) -> str:
    """Return FFmpeg's own words for an error, without the path that the sentence begins with."""
    return (getattr(error, "strerror", None) or str(error)).strip()
