"""Which phase differences recover a known motion: those of this project, or those of the published code.

Single crops are set in motion by a known field, far below a pixel a frame and up to about one, and both ways
of computing phase differences have to find it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike

import numpy as np
import pandas as pd
import torch

from mimamo.corpus.crops import crop_path, read_crop
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.phase.differences import BLUR_RADIUS, BLUR_SIGMA, FLAT, PhaseDifference
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import SIZE, load_filters
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: Frames of a window, as the network sees them.
WINDOW = 13
#: How far the fastest places move from one frame to the next, in pixels of the 48 × 48 frames.
STEPS = (0.05, 0.1, 0.2, 0.4, 0.8)
#: Crops that are set in motion, each along x and along y.
CROPS = 8
#: The window that tells how much differences depend on where it starts begins this many frames later.
LATER = 3
SEED = 0


def compare_phase(
    frames: Iterable[str | PathLike],
    filters: str | PathLike,
    data: Mapping[str, object],
    root: str,
    out: str | PathLike,
    remark: str = "",
) -> pd.DataFrame:
    """Set crops in motion, compute phase differences in each way and write phase_comparison.csv.

    Parameters
    ----------
    frames
        The audit's tables ``name,frame`` of usable crops.
    filters
        The pyramid's filters.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    out
        CSV to write: method (one of `METHODS`), level (1, 2), step (pixels a frame of the fastest places),
        correlation (of the maps with the motion that was put in), wrong_direction (share of the places that
        move at least half as fast as the fastest and are shown to move the other way), window_dependence
        (root mean square difference between the maps of two windows that start `LATER` frames apart,
        relative to the maps' own), note.
    remark
        What is told with the numbers.

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
        {"method": method, "level": level, "step": step, **_measured(*parts), "note": remark}
        for step in STEPS
        for (method, level), parts in recover(module, crops, step).items()
    ]
    table = pd.DataFrame(rows).sort_values(["level", "step"], kind="stable", ignore_index=True)
    write_csv(table, out)
    for (method, level), part in table.groupby(["method", "level"], sort=False):
        logger.info("%s, level %d: correlation %.2f to %.2f with the motion put in", method, level,
                    part["correlation"].min(), part["correlation"].max())  # fmt: skip
    return table


def pick_crops(frames: Iterable[str | PathLike], corpus: Corpus) -> list[np.ndarray]:
    """Read the middle crop of `CROPS` names spread over all that have any: grey, (height, width) uint8."""
    table = pd.concat([read_csv(path) for path in frames], ignore_index=True).sort_values(["name", "frame"])
    middle = table.groupby("name", sort=True)["frame"].agg(lambda numbers: numbers.iloc[len(numbers) // 2])
    if middle.empty:
        raise InputError(f"{corpus.root}: expected usable crops, found none; results/audit.csv says why")
    chosen = np.unique(np.linspace(0, len(middle) - 1, CROPS).round().astype(int))
    wanted = [(corpus.crop_folder(middle.index[i]), int(middle.iloc[i])) for i in chosen]
    return [read_crop(crop_path(folder, frame), grey=True) for folder, frame in wanted]


def moving(crop: np.ndarray, shifts: np.ndarray, axis: int) -> np.ndarray:
    """Set a crop in motion along one axis.

    Parameters
    ----------
    crop
        (height, width) grey, uint8.
    shifts
        (frames,) how far the left (upper) edge is moved in each frame, in pixels of the small frames.
    axis
        1 along x, 0 along y.

    Returns
    -------
    numpy.ndarray
        (frames, 48, 48) grey frames in [0, 1]. A place at x is moved by the shift times cos(pi x), x from 0
        to 1 over the frame: one half moves against the other, so that no motion is lost with the maps' mean.
    """
    from scipy.ndimage import map_coordinates

    places = np.indices(crop.shape, dtype=np.float64)
    length = crop.shape[axis]
    profile = np.cos(np.pi * (places[axis] + 0.5) / length) * length / SIZE
    moved = []
    for shift in shifts:
        source = places.copy()
        source[axis] -= shift * profile
        shown = map_coordinates(crop.astype(np.float64), source, order=3, mode="mirror")
        moved.append(np.clip(shown.round(), 0, 255).astype(np.uint8))
    return grey48(moved)


def recover(
    module: PhaseDifference, crops: Sequence[np.ndarray], step: float
) -> dict[tuple[str, int], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Compute the phase differences of crops in motion in every way.

    Parameters
    ----------
    module
        Gives the pyramid's coefficients, and this project's differences.
    crops
        Grey crops.
    step
        See `STEPS`.

    Returns
    -------
    dict[tuple[str, int], tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]
        For each method and level the motion put in, the differences of the window, and those of a window
        that starts `LATER` frames later, each (n, frames, p, p) and for the frames of both windows.
    """
    generator = np.random.default_rng(SEED)
    found: dict[tuple[str, int], list] = {}
    for crop in crops:
        for axis in (1, 0):
            steps = step * generator.choice([-1.0, 1.0], WINDOW + LATER - 1)
            frames = torch.from_numpy(moving(crop, np.concatenate([[0], steps.cumsum()]), axis)).double()
            with torch.inference_mode():
                levels = [level.numpy() for level in module.coefficients(frames)]
                ours = [level.numpy() for level in module(frames)]
            # Band 0 shows motion along x, band 1 along y; motion towards larger numbers is negative.
            for number, (coefficients, maps) in enumerate(zip(levels, ours, strict=True), start=1):
                band, places = 1 - axis, np.arange(0, SIZE, number)
                profile = np.cos(np.pi * (places + 0.5) / SIZE)
                field = np.broadcast_to(profile if axis else profile[:, None], maps.shape[2:])
                truth = -steps[:, None, None] * field
                for method, function in METHODS.items():
                    parts = (truth, *function(coefficients[:, band], maps[:, band]))
                    found.setdefault((method, number), []).append(
                        [part[LATER : WINDOW - 1] for part in parts]
                    )
    return {
        key: tuple(np.stack(parts) for parts in zip(*all_parts, strict=True))
        for key, all_parts in found.items()
    }


def _ours(coefficients: np.ndarray, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return this project's differences, which know nothing of windows."""
    return maps, maps


def _in_windows(remainder: Callable) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Make the published way, with the remainder that it unwraps by."""

    def differences(coefficients: np.ndarray, maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, later = np.zeros_like(maps), np.zeros_like(maps)
        first[: WINDOW - 1] = published_differences(coefficients[:WINDOW], remainder)
        later[LATER:] = published_differences(coefficients[LATER:], remainder)
        return first, later

    return differences


def published_differences(coefficients: np.ndarray, remainder: Callable = np.fmod) -> np.ndarray:
    """Compute phase differences in the way of the published code.

    The phase is unwrapped along the window and smoothed with amplitude weights, and then neighbouring frames
    are subtracted and each map's mean is taken away. Unwrapping adds up jumps that are brought into -pi … pi
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
    from scipy.ndimage import convolve1d

    taps = np.exp(-(np.arange(-BLUR_RADIUS, BLUR_RADIUS + 1) ** 2) / (2 * BLUR_SIGMA**2))
    return convolve1d(convolve1d(maps, taps, axis=1, mode="constant"), taps, axis=2, mode="constant")


def _measured(truth: np.ndarray, maps: np.ndarray, later: np.ndarray) -> dict[str, float]:
    """Compare maps with the motion put in, and with those of another window; all of the same shape."""
    fast = np.abs(truth) >= np.abs(truth).max() / 2
    return {
        "correlation": float(np.corrcoef(truth.ravel(), maps.ravel())[0, 1]),
        "wrong_direction": float((np.sign(maps) != np.sign(truth))[fast].mean()),
        "window_dependence": float(np.sqrt(((maps - later) ** 2).mean() / (maps**2).mean())),
    }


#: The ways that are compared.
METHODS = {
    "ours": _ours,
    "published": _in_windows(np.fmod),
    "published, floored remainder": _in_windows(np.mod),
}
