"""Videos of rendered people, made with PyAV, of every kind that cameras and the web have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np

from mimamo.demo.face import Pose, draw, identity
from mimamo.demo.traces import PARTS

#: Width and height of most videos of the tests.
SIZE = (320, 240)
#: Kinds of video: the arguments of `write_film` by file name.
KINDS = {
    "h264.mp4": {},
    "10bit.mp4": {"codec": "libx265", "pixels": "yuv420p10le", "options": {"x265-params": "log-level=none"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "matroska.mkv": {"sound": "aac"},
    "grey.mkv": {"codec": "ffv1", "pixels": "gray"},
    "moving.gif": {"codec": "gif", "pixels": "rgb8"},
    "interlaced.mpg": {"codec": "mpeg2video", "interlaced": True, "options": {"b": "4M"}},
    "long.mov": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "with sound, né.mp4": {"sound": "aac"},
}


@dataclass(frozen=True)
class Person:
    """A rendered person: who it is, the middle of the face and its side in pixels, and turned by degrees."""

    seed: int = 1
    x: float = 160.0
    y: float = 120.0
    side: float = 100.0
    degrees: float = 0.0


@cache
def face(seed: int) -> np.ndarray:
    """Draw a face, (112, 112, 3): blue, green, red."""
    rng = np.random.default_rng(seed)
    still = Pose(0.3, np.zeros(2), 0.0, dict.fromkeys(PARTS, np.zeros(2)), 0.0, 1.0)
    return np.ascontiguousarray(draw(identity(rng), still, rng)[..., ::-1])


@cache
def backdrop(seed: int, size: tuple[int, int]) -> np.ndarray:
    """Draw a room without people."""
    rng = np.random.default_rng(seed)
    colours = rng.uniform(40, 200, (6, 8, 3)).astype(np.float32)
    return np.clip(cv2.resize(colours, size, interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


def scene(
    people: Iterable[Person] = (Person(),), size: tuple[int, int] = SIZE, room: int = 0, light: float = 1.0
) -> np.ndarray:
    """Draw people in a room, at places between the pixels too."""
    picture = backdrop(room, size).copy()
    for person in people:
        turned = cv2.getRotationMatrix2D((55.5, 55.5), -person.degrees, person.side / 112)
        turned[:, 2] += np.array([person.x, person.y]) - 55.5
        picture = cv2.warpAffine(
            face(person.seed),
            turned,
            size,
            dst=picture,
            flags=cv2.INTER_AREA,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
    return (picture * light).astype(np.uint8)


def write_film(
    path: Path,
    frames: Sequence[np.ndarray],
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: int | Fraction = 25,
    times: Sequence[float] | None = None,
    sound: str | None = None,
    options: dict[str, str] | None = None,
    interlaced: bool = False,
    muxing: dict[str, str] | None = None,
) -> Path:
    """Write frames as a video; `sound` is the codec of a tone, `times` are in seconds."""
    with av.open(str(path), "w", options=muxing or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        if interlaced:
            stream.codec_context.flags |= av.codec.context.Flags.interlaced_dct
            stream.codec_context.flags |= av.codec.context.Flags.interlaced_me
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 90000)
        tone = _tone(container, sound, len(frames) / rate) if sound else []
        for number, frame in enumerate(frames):
            image = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")
            if times is not None:
                image.pts, image.time_base = round(times[number] * 90000), Fraction(1, 90000)
            container.mux(stream.encode(image))
        container.mux(stream.encode(None))
        for packets in tone:
            container.mux(packets)
    return path


def _tone(container: av.container.OutputContainer, codec: str, seconds: float):
    """Add a tone of 440 Hz and yield its packets."""
    stream = container.add_stream(codec, rate=16000, layout="mono")
    samples = np.arange(round(float(seconds) * 16000))

    def packets():
        wave = (np.sin(2 * np.pi * 440 * samples / 16000) * 8000).astype(np.int16)
        for start in range(0, len(wave), 1024):
            block = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="s16", layout="mono")
            block.sample_rate, block.pts = 16000, start
            yield stream.encode(block)
        yield stream.encode(None)

    return packets()


def write_tone(path: Path, seconds: float = 1.0) -> Path:
    """Write a file of sound only."""
    with av.open(str(path), "w") as container:
        for packets in _tone(container, "aac", seconds):
            container.mux(packets)
    return path


def turn_by_metadata(path: Path, quarter_turns: int) -> Path:
    """Make an MP4 say that players should turn it clockwise by quarter turns."""
    raw = bytearray(path.read_bytes())
    # The matrix of the track's header is 40 bytes after the header's version, in 16.16 and 2.30 fixed point.
    start = raw.index(b"tkhd") + 4 + 40
    one = 1 << 16
    a, b, c, d = [(one, 0, 0, one), (0, one, -one, 0), (-one, 0, 0, -one), (0, -one, one, 0)][quarter_turns]
    values = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    raw[start : start + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    path.write_bytes(bytes(raw))
    return path
