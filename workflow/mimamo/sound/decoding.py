"""Decoding the sound of a video, as one channel at a rate of choice, with the times that it is heard at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo.corpus.videos import frames_of, open_video

if TYPE_CHECKING:
    import av

#: Seconds by which time stamps may be off what was decoded before; those of some containers are rounded.
_TOLERANCE = 0.05


@dataclass(frozen=True)
class Stretch:
    """Sound without a gap.

    Attributes
    ----------
    start
        Time of its first sample in seconds, by the clock of the video's time stamps.
    samples
        (n,) float32, the mean of all channels; full scale is -1 to 1.
    """

    start: float
    samples: np.ndarray


def sound_stream(container: av.container.InputContainer) -> av.AudioStream | None:
    """Return the first sound of a container that there is a decoder for; None where there is none."""
    return next((stream for stream in container.streams.audio if stream.codec_context is not None), None)


def has_sound(path: Path) -> bool:
    """Return whether a video says that it has sound; raise InputError where it cannot be opened."""
    with open_video(path) as (container, _):
        return sound_stream(container) is not None


def read_sound(path: Path, sample_rate: int) -> list[Stretch]:
    """Decode the sound of a video.

    Parameters
    ----------
    path
        The video.
    sample_rate
        Samples a second.

    Returns
    -------
    list[Stretch]
        In the order of the file: a new one begins where time stamps leave a gap, as after a damaged part.
        Empty where the video has no sound, or none that can be decoded.

    Raises
    ------
    InputError
        Where the file cannot be opened as a video.
    """
    with open_video(path) as (container, _):
        stream = sound_stream(container)
        if stream is None:
            return []
        return [
            Stretch(start, samples)
            for start, blocks in _stretches(path, container, stream, sample_rate)
            if len(samples := np.concatenate(blocks))
        ]


def _stretches(
    path: Path, container: av.container.InputContainer, stream: av.AudioStream, sample_rate: int
) -> Iterator[tuple[float, list[np.ndarray]]]:
    """Yield the start and the resampled blocks of each stretch."""
    import av

    start, expected, kind = 0.0, 0.0, None
    resampler, blocks = None, []
    for frame in frames_of(path, container, stream):
        time = expected if frame.pts is None else float(frame.pts * frame.time_base)
        if frame_kind(frame) != kind or abs(time - expected) > _TOLERANCE:
            if resampler is not None:
                yield start, [*blocks, *_resampled(resampler, None)]
            start = expected = time
            # FFmpeg's own way to one channel adds two up to more than full scale.
            resampler, blocks, kind = av.AudioResampler("fltp", None, sample_rate), [], frame_kind(frame)
        blocks += _resampled(resampler, frame)
        expected += frame.samples / frame.sample_rate
    if resampler is not None:
        yield start, [*blocks, *_resampled(resampler, None)]


def frame_kind(frame: av.AudioFrame) -> tuple[str, str, int]:
    """Return what a resampler takes no other frames than: format, channels and rate."""
    return frame.format.name, frame.layout.name, frame.sample_rate


def _resampled(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> list[np.ndarray]:
    """Return the samples that a frame gives, or what is left where there is no more."""
    return [block.to_ndarray().mean(axis=0) for block in resampler.resample(frame)]
