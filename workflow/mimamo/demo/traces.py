"""Labels, expression and movement of a rendered person over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Frames per second of every clip.
FRAME_RATE = 30.0
#: The largest excursion of any arousal-driven movement, in pixels of the 112×112 crop.
LARGEST_MOVEMENT = 1.3


@dataclass(frozen=True)
class Traces:
    """Everything that changes from frame to frame, each an array with one value per frame.

    Attributes
    ----------
    valence, arousal
        The labels, in [-1, 1].
    head
        (frames, 2): slow drift of the head in pixels, unrelated to the labels.
    tilt
        Slow tilt of the head in radians, unrelated to the labels.
    tremor
        (frames, parts, 2): fast movement of each facial part in pixels, right and down; its amplitude and
        tempo rise with arousal. Parts are in the order of `PARTS`.
    blink
        How far the eyes are closed, 0 to 1.
    light
        Factor on the brightness.
    talk
        How the mouth moves as the person speaks, -1 to 1, unrelated to the labels and as slow as valence.
        Without it, integrating the mouth's movement would give its shape, and so valence, from motion alone.
    """

    valence: np.ndarray
    arousal: np.ndarray
    head: np.ndarray
    tilt: np.ndarray
    tremor: np.ndarray
    blink: np.ndarray
    light: np.ndarray
    talk: np.ndarray


#: Facial parts that tremble each with a phase of their own. A movement common to all of them would vanish
#: with the spatial mean, which is subtracted from the phase differences.
PARTS = ("mouth", "jaw", "left_brow", "right_brow", "eyes", "nose", "skin")


def smooth_swings(rng: np.random.Generator, frames: int, period: float) -> np.ndarray:
    """Return a smooth random trace with swings of about `period` frames, scaled to [-0.95, 0.95]."""
    from scipy.interpolate import PchipInterpolator

    knots = np.arange(-period, frames + 2 * period, period / 2)
    # Alternating highs and lows at jittered times: several full swings in every clip, for any seed.
    heights = np.where(np.arange(len(knots)) % 2 == 0, 1.0, -1.0) * rng.uniform(0.55, 1.0, len(knots))
    times = knots + rng.uniform(-0.15, 0.15, len(knots)) * period + rng.uniform(0, period)
    # Widened on both sides, so that the random shift leaves no frame outside the knots.
    times = np.concatenate([[times[0] - 4 * period], times, [times[-1] + 4 * period]])
    heights = np.concatenate([[0.0], heights, [0.0]])
    trace = PchipInterpolator(times, heights)(np.arange(frames))
    return 0.95 * np.clip(trace, -1.0, 1.0)


def labels(rng: np.random.Generator, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return uncorrelated valence and arousal traces, each of shape (frames,), with three decimals.

    Arousal loses what it shares with valence within the clip, so that neither can be guessed from the other.
    """
    valence = smooth_swings(rng, frames, period=rng.uniform(60, 85))
    arousal = smooth_swings(rng, frames, period=rng.uniform(75, 100))
    arousal = decorrelated(arousal, valence)
    return np.round(np.clip(valence, -1, 1), 3), np.round(np.clip(arousal, -1, 1), 3)


def decorrelated(trace: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return `trace` without what it shares with `other`: uncorrelated within the clip."""
    centred = other - other.mean()
    return trace - centred * (centred @ (trace - trace.mean())) / (centred @ centred)


def talk(rng: np.random.Generator, valence: np.ndarray) -> np.ndarray:
    """Return a speaking mouth's movement, (frames,) in [-1, 1], uncorrelated with valence."""
    swings = smooth_swings(rng, len(valence), period=rng.uniform(40, 70))
    return np.clip(decorrelated(swings, valence), -1.0, 1.0)


def tremor(
    rng: np.random.Generator, arousal: np.ndarray, gain: float, tempo: float, parts: int = len(PARTS)
) -> np.ndarray:
    """Return the fast movement of every facial part: (frames, parts, 2) pixels, at most `LARGEST_MOVEMENT`.

    A part oscillates along a direction of its own. Energy, from arousal, sets the amplitude (`gain` times 10
    to 100 % of the largest movement) and the tempo (`tempo` times 2.5 to 6 Hz); a little phase noise keeps
    the movement from being periodic. The mean over time is zero at any energy, so a single frame does not
    reveal it.
    """
    frames = len(arousal)
    energy = (arousal + 1) / 2
    amplitude = LARGEST_MOVEMENT * np.minimum(gain * (0.1 + 0.9 * energy), 1.0)
    step = 2 * np.pi * tempo * (2.5 + 3.5 * energy) / FRAME_RATE
    phase = np.cumsum(step[:, None] * (1 + 0.25 * rng.standard_normal((frames, parts))), axis=0)
    phase += rng.uniform(0, 2 * np.pi, parts)
    # Mostly up and down, as faces move.
    direction = rng.uniform(0.25, 0.75, parts) * np.pi
    along = np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    return (amplitude[:, None] * np.sin(phase))[..., None] * along


def blinks(rng: np.random.Generator, frames: int) -> np.ndarray:
    """Return how far the eyes are closed in each frame: blinks of six frames, every two to five seconds."""
    closed = np.zeros(frames)
    shape = np.sin(np.linspace(0, np.pi, 8))[1:-1]
    start = int(rng.integers(10, 90))
    while start < frames:
        end = min(start + len(shape), frames)
        closed[start:end] = shape[: end - start]
        start += int(rng.integers(60, 150))
    return closed


def slow_drift(rng: np.random.Generator, frames: int, reach: float) -> np.ndarray:
    """Return a slow drift within ± `reach`: two sines with periods of 3 to 9 seconds."""
    periods = FRAME_RATE * rng.uniform(3.0, 9.0, 2)
    phases = rng.uniform(0, 2 * np.pi, 2)
    time = np.arange(frames)[:, None]
    return reach * np.sin(2 * np.pi * time / periods + phases).mean(axis=1)


def traces(rng: np.random.Generator, frames: int, gain: float, tempo: float) -> Traces:
    """Draw all traces of a clip of `frames` frames for a person with this `gain` and `tempo` of movement."""
    valence, arousal = labels(rng, frames)
    return Traces(
        valence=valence,
        arousal=arousal,
        head=np.stack([slow_drift(rng, frames, 2.5), slow_drift(rng, frames, 1.8)], axis=-1),
        tilt=slow_drift(rng, frames, 0.04),
        tremor=tremor(rng, arousal, gain, tempo),
        blink=blinks(rng, frames),
        light=1 + slow_drift(rng, frames, 0.06),
        talk=talk(rng, valence),
    )
