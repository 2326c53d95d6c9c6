"""Decoding: the frames of a video with their times, upright, whatever container and codec it has.

PyAV is used and not OpenCV, which reads interlaced video as pure black and gives no time stamps that hold
for a variable frame rate. Frames are those that `mimamo.corpus.videos.decoded_frame_count` counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo.corpus.videos import frames_of, header_of, open_video
from mimamo.errors import InputError

if TYPE_CHECKING:
    import av

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
    with open_video(path, threads) as (container, stream):
        aspect = stream.sample_aspect_ratio or Fraction(1)
        step = float(1 / (stream.average_rate or DEFAULT_RATE))
        first, last = None, -step
        for image in _deinterlaced(frames_of(path, container, stream), stream):
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

    with open_video(path) as (container, stream):
        aspect, seconds = stream.sample_aspect_ratio or Fraction(1), header_of(container, stream).seconds
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
