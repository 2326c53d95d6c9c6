"""Comparison of this project's phase differences and the published code's on a known motion.

Single crops are warped by a known motion field, from far below one pixel per frame to about one, which both
methods of computing phase differences have to recover.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike

import numpy as np
import pandas as pd
import torch

from mimamo.audit.tables import read_usable_crops
from mimamo.corpus.crops import crop_path, read_crop
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.phase.differences import BLUR_RADIUS, BLUR_SIGMA, FLAT, PhaseDifference
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import SIZE, load_filters
from mimamo.storage.files import write_csv

logger = logging.getLogger(__name__)

#: Frames per window, as in the network's input.
WINDOW = 13
#: Largest motion in the field from one frame to the next, in pixels of the 48 × 48 frames.
STEPS = (0.05, 0.1, 0.2, 0.4, 0.8)
#: Number of crops to warp, each along x and along y.
CROPS = 8
#: Frames by which the second window starts later, which measures how results depend on a window's start.
WINDOW_OFFSET = 3
SEED = 0


def compare_phase(
    frames: str | PathLike,
    filters: str | PathLike,
    data: Mapping[str, object],
    root: str,
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Warp crops by a known motion, compute phase differences by each method and write phase_comparison.csv.

    Parameters
    ----------
    frames
        The audit's table of usable crops.
    filters
        The pyramid's filters.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    out
        CSV to write: method (one of `METHODS`), level (1, 2), step (pixels per frame at the fastest pixels),
        correlation (of the maps with the known motion), wrong_direction (share of wrong signs among the
        pixels that move at least half as fast as the fastest), window_dependence (root mean square
        difference between the maps of two windows that start `WINDOW_OFFSET` frames apart, relative to the
        root mean square of the maps), note.
    caveat
        Text for the column note.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where there is no usable crop.
    """
    crops = pick_crops(frames, Corpus.from_config({"data": data}, root))
    module = PhaseDifference(load_filters(filters), dtype=torch.float64)
    rows = [
        {"method": method, "level": level, "step": step, **_measured(*maps), "note": caveat}
        for step in STEPS
        for (method, level), maps in recover(module, crops, step).items()
    ]
    table = pd.DataFrame(rows).sort_values(["level", "step"], kind="stable", ignore_index=True)
    write_csv(table, out)
    for (method, level), group in table.groupby(["method", "level"], sort=False):
        logger.info("%s, level %d: correlation %.2f to %.2f with the motion put in", method, level,
                    group["correlation"].min(), group["correlation"].max())  # fmt: skip
    return table


def pick_crops(frames: str | PathLike, corpus: Corpus) -> list[np.ndarray]:
    """Read the middle crop of `CROPS` names, spread over all that have any: grey, (height, width) uint8."""
    usable = sorted((name, crops) for name, crops in read_usable_crops(frames).items() if len(crops))
    middle = [(name, int(crops[len(crops) // 2])) for name, crops in usable]
    if not middle:
        raise InputError(f"{corpus.root}: expected usable crops, found none; results/audit.csv says why")
    chosen = np.unique(np.linspace(0, len(middle) - 1, CROPS).round().astype(int))
    wanted = [middle[i] for i in chosen]
    paths = [crop_path(corpus.crop_folder(name), frame, corpus.crop_naming) for name, frame in wanted]
    return [read_crop(path, grey=True) for path in paths]


def warp(crop: np.ndarray, shifts: np.ndarray, axis: int) -> np.ndarray:
    """Warp a crop by a motion along one axis.

    Parameters
    ----------
    crop
        (height, width) grey, uint8.
    shifts
        (frames,) displacement of the left (upper) edge in each frame, in pixels of the small frames.
    axis
        1 along x, 0 along y.

    Returns
    -------
    numpy.ndarray
        (frames, 48, 48) grey frames in [0, 1]. A pixel at x is displaced by the shift times cos(pi x), x from
        0 to 1 over the frame: the halves move in opposite directions, so that subtracting the maps' mean
        removes no motion.
    """
    from scipy.ndimage import map_coordinates

    coordinates = np.indices(crop.shape, dtype=np.float64)
    length = crop.shape[axis]
    profile = np.cos(np.pi * (coordinates[axis] + 0.5) / length) * length / SIZE
    frames = []
    for shift in shifts:
        source = coordinates.copy()
        source[axis] -= shift * profile
        warped = map_coordinates(crop.astype(np.float64), source, order=3, mode="mirror")
        frames.append(np.clip(warped.round(), 0, 255).astype(np.uint8))
    return grey48(frames)


def recover(
    module: PhaseDifference, crops: Sequence[np.ndarray], step: float
) -> dict[tuple[str, int], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Compute the phase differences of moving crops by every method.

    Parameters
    ----------
    module
        Computes the pyramid's coefficients, and this project's differences.
    crops
        Grey crops.
    step
        See `STEPS`.

    Returns
    -------
    dict[tuple[str, int], tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]
        For each method and level the known motion, the differences of the window, and those of a window that
        starts `WINDOW_OFFSET` frames later; each (n, frames, p, p), for the frames that are in both windows.
    """
    generator = np.random.default_rng(SEED)
    results: dict[tuple[str, int], list] = {}
    for crop in crops:
        for axis in (1, 0):
            steps = step * generator.choice([-1.0, 1.0], WINDOW + WINDOW_OFFSET - 1)
            frames = torch.from_numpy(warp(crop, np.concatenate([[0], steps.cumsum()]), axis)).double()
            with torch.inference_mode():
                levels = [level.numpy() for level in module.coefficients(frames)]
                ours = [level.numpy() for level in module(frames)]
            # Band 0 shows motion along x, band 1 along y; motion towards larger numbers is negative.
            for number, (coefficients, maps) in enumerate(zip(levels, ours, strict=True), start=1):
                band, positions = 1 - axis, np.arange(0, SIZE, number)
                profile = np.cos(np.pi * (positions + 0.5) / SIZE)
                field = np.broadcast_to(profile if axis else profile[:, None], maps.shape[2:])
                truth = -steps[:, None, None] * field
                for method, function in METHODS.items():
                    arrays = (truth, *function(coefficients[:, band], maps[:, band]))
                    results.setdefault((method, number), []).append(
                        [array[WINDOW_OFFSET : WINDOW - 1] for array in arrays]
                    )
    return {
        key: tuple(np.stack(arrays) for arrays in zip(*of_crops, strict=True))
        for key, of_crops in results.items()
    }


def _ours(coefficients: np.ndarray, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return this project's differences for both windows: they do not depend on the window."""
    return maps, maps


def _published(
    coefficients: np.ndarray, maps: np.ndarray, remainder: Callable
) -> tuple[np.ndarray, np.ndarray]:
    """Return the published code's differences of both windows, zero outside of the window."""
    first, later = np.zeros_like(maps), np.zeros_like(maps)
    first[: WINDOW - 1] = published_differences(coefficients[:WINDOW], remainder)
    later[WINDOW_OFFSET:] = published_differences(coefficients[WINDOW_OFFSET:], remainder)
    return first, later


def published_differences(coefficients: np.ndarray, remainder: Callable = np.fmod) -> np.ndarray:
    """Compute phase differences by the method of the published code.

    The phase is unwrapped along the window and smoothed with amplitude weights, and then neighbouring frames
    are subtracted and each map is centred. Unwrapping accumulates jumps that are wrapped to -pi … pi
    by a remainder; a truncating one (`numpy.fmod`) leaves jumps below -pi as they are, where a floored one
    (`numpy.mod`) does not.

    Parameters
    ----------
    coefficients
        (frames, p, p) complex coefficients of one band in one window.
    remainder
        ``numpy.fmod``, as published, or ``numpy.mod``.

    Returns
    -------
    numpy.ndarray
        (frames - 1, p, p)
    """
    amplitude, phase = np.abs(coefficients), np.angle(coefficients)
    jump = np.diff(phase, axis=0)
    wrapped = remainder(jump + np.pi, 2 * np.pi) - np.pi
    wrapped = np.where((wrapped == -np.pi) & (jump > 0), np.pi, wrapped)
    correction = np.where(np.abs(jump) < np.pi, 0.0, wrapped - jump)
    phase[1:] += correction.cumsum(axis=0)
    smooth = _blurred(amplitude * phase) / np.maximum(_blurred(amplitude), FLAT)
    maps = np.diff(smooth, axis=0)
    return maps - maps.mean(axis=(1, 2), keepdims=True)


def _blurred(maps: np.ndarray) -> np.ndarray:
    """Smooth maps (n, p, p) with the Gaussian of `mimamo.phase.differences`."""
    from scipy.ndimage import convolve1d

    taps = np.exp(-(np.arange(-BLUR_RADIUS, BLUR_RADIUS + 1) ** 2) / (2 * BLUR_SIGMA**2))
    return convolve1d(convolve1d(maps, taps, axis=1, mode="constant"), taps, axis=2, mode="constant")


def _measured(truth: np.ndarray, maps: np.ndarray, later: np.ndarray) -> dict[str, float]:
    """Compare maps with the known motion, and with those of the later window; all of the same shape."""
    fast = np.abs(truth) >= np.abs(truth).max() / 2
    return {
        "correlation": float(np.corrcoef(truth.ravel(), maps.ravel())[0, 1]),
        "wrong_direction": float((np.sign(maps) != np.sign(truth))[fast].mean()),
        "window_dependence": float(np.sqrt(((maps - later) ** 2).mean() / (maps**2).mean())),
    }


#: The methods that are compared: functions of coefficients and this project's maps, see `recover`.
METHODS = {
    "ours": _ours,
    "published": partial(_published, remainder=np.fmod),
    "published, floored remainder": partial(_published, remainder=np.mod),
}
