"""The smoothing of landmarks with which the crops of a video move as much as those of the training did."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mimamo.corpus.opencv import cv2
from mimamo.cropping.alignment import SIZE, reduction, scales, similarities, warp
from mimamo.cropping.crop import frame_pixels, reading_divisor, scaled
from mimamo.cropping.decoding import decode
from mimamo.cropping.smoothing import smooth_track
from mimamo.cropping.tracks import MAX_GAP
from mimamo.phase.differences import PhaseDifference
from mimamo.phase.energy import energy_of
from mimamo.phase.grey import grey48

logger = logging.getLogger(__name__)

#: Seconds that are tried, from no smoothing to one that leaves hardly any of a face's own motion.
CANDIDATES = (0.0, 0.015, 0.025, 0.035, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3)
#: Stretches of neighbouring frames that are looked at, evenly spaced, and frames of each.
STRETCHES, FRAMES = 6, 48
#: Side of the piece that is kept of a frame, by the side of its crop: smoothing moves the crop in it.
_MARGIN = 2.0


@dataclass(frozen=True)
class FaceTrack:
    """One person's landmarks, as they were detected.

    Attributes
    ----------
    frames, times
        (n,) frame numbers and seconds.
    landmarks
        (n, 5, 2) pixels of the frame.
    """

    frames: np.ndarray
    times: np.ndarray
    landmarks: np.ndarray

    def transforms(self, seconds: float) -> np.ndarray:
        """Return the transforms (n, 2, 3) to the crops with landmarks smoothed so."""
        return similarities(smooth_track(self.times, self.landmarks, seconds, MAX_GAP))


def matching_seconds(
    video: Path, quarter_turns: int, track: FaceTrack, energy: float, phase: PhaseDifference, threads: int = 1
) -> float:
    """Find the smoothing with which the phase energy of a person's crops is nearest to a given one.

    Parameters
    ----------
    video, quarter_turns
        The video, and the quarter turns that set it upright.
    track
        The person.
    energy
        The phase energy in radians that is wanted, such as the median of the training's crops.
    phase
        Computes the phase differences.
    threads
        Threads of the decoder.

    Returns
    -------
    float
        Standard deviation in seconds, one of `CANDIDATES`. Where nothing moves, the default of none of them
        is better and the first is returned.
    """
    measure = measure_energy(video, quarter_turns, track, phase, threads)
    energies = np.array([measure(seconds) for seconds in CANDIDATES])
    distance = np.abs(np.log(np.maximum(energies, 1e-6) / energy))
    best = CANDIDATES[int(np.argmin(np.where(np.isfinite(distance), distance, np.inf)))]
    logger.info(
        "%s: phase energy by seconds of smoothing: %s",
        video,
        ", ".join(f"{s:g}: {e:.3f}" for s, e in zip(CANDIDATES, energies, strict=True)),
    )
    return best


def measure_energy(
    video: Path, quarter_turns: int, track: FaceTrack, phase: PhaseDifference, threads: int = 1
) -> Callable[[float], float]:
    """Decode the stretches once, and return what measures their phase energy for any smoothing in seconds."""
    stretches = _stretches(track.frames)
    rows = np.concatenate(stretches) if stretches else np.zeros(0, np.int64)
    found = track.transforms(0)
    divisor = reading_divisor([found])
    pieces = _pieces(video, quarter_turns, dict(zip(track.frames[rows].tolist(), rows.tolist(), strict=True)),
                     scaled(found, divisor), divisor, threads)  # fmt: skip
    average = reduction(scaled(found, divisor))

    def measure(seconds: float) -> float:
        """Return the phase energy with landmarks smoothed so."""
        transforms = scaled(track.transforms(seconds), divisor)
        return energy_of(_differences(phase, pieces, transforms, stretch, average) for stretch in stretches)

    return measure


def _stretches(frames: np.ndarray) -> list[np.ndarray]:
    """Return the rows of stretches of neighbouring frames, evenly spaced over those there are."""
    runs = np.split(np.arange(len(frames)), np.flatnonzero(np.diff(frames) != 1) + 1)
    parts = [run[start : start + FRAMES] for run in runs for start in range(0, len(run), FRAMES)]
    parts = [part for part in parts if len(part) > 1]
    chosen = np.unique(np.linspace(0, len(parts) - 1, STRETCHES).astype(int)) if parts else []
    return [parts[int(place)] for place in chosen]


@dataclass(frozen=True)
class _Piece:
    """The grey levels around a face, and where in the frame they begin: x and y."""

    pixels: np.ndarray
    corner: np.ndarray


def _pieces(
    video: Path, turns: int, wanted: dict[int, int], transforms: np.ndarray, divisor: int, threads: int
) -> dict[int, _Piece]:
    """Return the pieces of frames around a face, by row of the track, which `wanted` gives by frame."""
    pieces = {}
    for frame in decode(video, threads, turns):
        if (row := wanted.get(frame.number)) is None:
            continue
        grey = cv2.cvtColor(frame_pixels(frame, divisor), cv2.COLOR_BGR2GRAY)
        half = _MARGIN * SIZE / 2 * scales(transforms[row][None])[0]
        matrix = transforms[row]
        centre = np.linalg.solve(matrix[:, :2], np.array([SIZE / 2, SIZE / 2]) - matrix[:, 2])
        low = np.clip(np.floor(centre - half), 0, None).astype(int)
        high = np.ceil(centre + half).astype(int)
        pieces[row] = _Piece(grey[low[1] : high[1], low[0] : high[0]].copy(), low)
        if len(pieces) == len(wanted):
            break
    return pieces


def _differences(
    phase: PhaseDifference,
    pieces: dict[int, _Piece],
    transforms: np.ndarray,
    stretch: np.ndarray,
    average: int,
) -> np.ndarray:
    """Return the phase differences of level 1 of one stretch."""
    crops = []
    for row in stretch.tolist():
        # A frame that the second decoding did not give ends the stretch.
        if (piece := pieces.get(row)) is None or not piece.pixels.size:
            break
        moved = transforms[row].copy()
        moved[:, 2] += moved[:, :2] @ piece.corner
        crops.append(warp(piece.pixels, moved, average))
    if len(crops) < 2:
        return np.zeros((0, 2, 48, 48), np.float32)
    with torch.inference_mode():
        return phase(torch.from_numpy(grey48(crops)))[0].numpy()
