"""The sound of a rendered video: noise whose loudness follows nothing that is labelled."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo.demo.traces import FRAME_RATE, smooth_swings

if TYPE_CHECKING:
    import av

#: Samples a second.
SAMPLE_RATE = 16000
#: Of the sound, by the container's suffix.
CODECS = {".mp4": "aac", ".avi": "pcm_s16le"}
#: The loudness in decibels relative to full scale that it swings around, and by how much.
_MIDDLE, _SWING = -25.0, 12.0
#: Samples that are encoded at once.
_PIECE = 1024


def soundtrack(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Return the sound of a video of so many frames, (n,) int16.

    Noise under a low-pass filter, each video's with another tilt; its loudness swings as slowly as the labels
    do and is drawn apart from them.
    """
    from scipy.signal import lfilter

    loudness = _MIDDLE + _SWING * smooth_swings(rng, frames, period=rng.uniform(60, 100))
    count = round(frames / FRAME_RATE * SAMPLE_RATE)
    level = np.interp(np.arange(count) / SAMPLE_RATE, np.arange(frames) / FRAME_RATE, loudness)
    noise = lfilter([1.0], [1.0, -rng.uniform(0.5, 0.95)], rng.standard_normal(count))
    samples = noise / noise.std() * 10 ** (level / 20)
    return (np.clip(samples, -1, 1) * 32767).astype(np.int16)


def add_sound(path: Path, samples: np.ndarray) -> None:
    """Add sound (n,) int16 to a video, whose pictures are copied as they are."""
    import av

    fresh = path.with_name(f"with sound {path.name}")
    with av.open(str(path)) as source, av.open(str(fresh), "w") as film:
        pictures = source.streams.video[0]
        copied = film.add_stream_from_template(pictures)
        sound = film.add_stream(CODECS[path.suffix], rate=SAMPLE_RATE, layout="mono")
        for packet in source.demux(pictures):
            # The last one only says that there are no more.
            if packet.dts is not None:
                packet.stream = copied
                film.mux(packet)
        for piece in _pieces(samples):
            film.mux(sound.encode(piece))
        film.mux(sound.encode(None))
    os.replace(fresh, path)


def _pieces(samples: np.ndarray) -> list[av.AudioFrame]:
    """Return sound in pieces that an encoder takes."""
    import av

    pieces = []
    for start in range(0, len(samples), _PIECE):
        piece = av.AudioFrame.from_ndarray(samples[None, start : start + _PIECE], format="s16", layout="mono")
        piece.sample_rate, piece.pts, piece.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        pieces.append(piece)
    return pieces
