"""Films with a sound of choice."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

#: Samples a second.
SAMPLE_RATE = 16000


def write_heard(
    path: Path,
    pieces: Sequence[tuple[float, np.ndarray]],
    frames: int = 30,
    rate: int | Fraction = 30,
    codec: str = "pcm_s16le",
    first: float = 0.0,
) -> Path:
    """Write a film of small grey pictures, the first at `first` seconds.

    `pieces` are sound (n,) or, of two channels, (2, n) with the seconds that each begins at; without any, the
    film has no sound.
    """
    clock = Fraction(1, 30000)
    with av.open(str(path), "w") as film:
        pictures = film.add_stream("mpeg4", rate=rate)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        pictures.codec_context.time_base = clock
        channels = "stereo" if pieces and pieces[0][1].ndim == 2 else "mono"
        sound = film.add_stream(codec, rate=SAMPLE_RATE, layout=channels) if pieces else None
        for number in range(frames):
            grey = np.full((48, 64, 3), 7 * number % 255, np.uint8)
            image = av.VideoFrame.from_ndarray(grey, format="rgb24")
            image.pts, image.time_base = round((first + number / rate) / clock), clock
            film.mux(pictures.encode(image))
        film.mux(pictures.encode(None))
        for start, samples in pieces:
            whole = (np.clip(np.atleast_2d(samples), -1, 1) * 32767).astype(np.int16)
            for at in range(0, whole.shape[1], 1024):
                block = np.ascontiguousarray(whole[:, at : at + 1024].T.reshape(1, -1))
                piece = av.AudioFrame.from_ndarray(block, format="s16", layout=channels)
                piece.sample_rate, piece.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
                piece.pts = round(start * SAMPLE_RATE) + at
                film.mux(sound.encode(piece))
        if sound is not None:
            film.mux(sound.encode(None))
    return path


def noise(seconds: float, seed: int = 0, level: float = 0.1) -> np.ndarray:
    """Return noise (n,) of a standard deviation."""
    return level * np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))


def tone(seconds: float, hertz: float = 1000.0, level: float = 0.5) -> np.ndarray:
    """Return a tone (n,) of an amplitude."""
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
