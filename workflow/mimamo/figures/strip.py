"""Successive crops of a face and the phase differences between them: what the temporal stream sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from mimamo.corpus.crops import crop_path, read_crop
from mimamo.corpus.layout import Corpus
from mimamo.figures.drawing import Drawing, sentence_alone
from mimamo.figures.style import BLUE, GREY, SMALLEST, VERMILLION, remove_axes
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import Cache, find_caches, open_cache

#: Frames in the strip.
FRAMES = 8
BANDS = ("horizontal motion", "vertical motion")


@dataclass(frozen=True)
class Strip:
    """Successive frames of one name.

    Attributes
    ----------
    name
        The name.
    frames
        Frame numbers, shape (n,).
    crops
        RGB images, uint8.
    maps
        Phase differences between each frame and the one before it, in radians, level 1, shape (n, 2, 48, 48).
    """

    name: str
    frames: np.ndarray
    crops: list[np.ndarray]
    maps: np.ndarray

    @property
    def limit(self) -> float:
        """The absolute phase difference that has the full colour: few are beyond it."""
        return max(float(np.quantile(np.abs(self.maps), 0.998)), 1e-3)


def draw_phase_strip(
    scores: str | PathLike,
    phase: Sequence[str | PathLike],
    data: Mapping[str, object],
    root: str | PathLike,
    out: str | PathLike,
    caption: str = "",
    faces: bool = True,
) -> None:
    """Draw the liveliest successive frames of the best-scored name that has enough of them.

    Parameters
    ----------
    scores
        scores.csv, which names the videos.
    phase
        Folders of phase caches, ``<name>.npy``.
    data, root
        The configuration's section ``data`` and the data set's folder, where the crops lie.
    out
        PNG to write, and beside it the files of `mimamo.figures.files`.
    caption
        What the caption says whatever the data are.
    faces
        Whether the crops are drawn, or the phase differences alone.
    """
    table = read_csv(scores)
    videos = table[table["scope"] == "video"].sort_values("ccc_mean", ascending=False, kind="stable")
    caches = find_caches(phase)
    strip = find_strip(videos["id"], caches, Corpus.from_config({"data": data}, root))
    strip_panels(strip, faces).write(out, caption)


def strip_panels(strip: Strip | None, faces: bool) -> Drawing:
    """Return the drawing of a strip, or of the sentence that there is none."""
    if strip is None:
        return sentence_alone(f"No name has {FRAMES} successive crops.")
    facts = f"{strip.name}, frames {strip.frames[0]} to {strip.frames[-1]}."
    heights = {"page": 2.5, "column": 1.75} if faces else {"page": 1.75, "column": 1.3}
    return Drawing(partial(_draw_strip, strip, faces), heights, facts, layout="compressed")


def find_strip(names: Iterable[str], caches: Mapping[str, Path], corpus: Corpus) -> Strip | None:
    """Find the liveliest run of `FRAMES` successive frames in the first name that has one.

    Parameters
    ----------
    names
        Names, the preferred first.
    caches
        The phase cache of every name.
    corpus
        Where the crops lie.

    Returns
    -------
    Strip or None
        None where no name has so many successive crops.
    """
    for name in names:
        cache, folder = open_cache(caches[name]) if name in caches else None, corpus.crop_folder(name)
        start = liveliest_run(cache.frames, motion_of(cache)) if cache and folder else None
        if start is not None:
            rows = cache.rows(start, start + FRAMES)
            paths = [crop_path(folder, frame, corpus.crop_naming) for frame in rows["frame"].tolist()]
            crops = [read_crop(path) for path in paths]
            return Strip(name, np.array(rows["frame"]), crops, rows["level1"].astype(np.float32))
    return None


def motion_of(cache: Cache) -> np.ndarray:
    """Return the mean size of the phase differences of level 1 of every row, (n,) float32, in radians."""
    blocks = (np.abs(rows["level1"]).mean(axis=(1, 2, 3), dtype=np.float32) for rows in cache.blocks())
    return np.concatenate(list(blocks))


def liveliest_run(frames: np.ndarray, motion: np.ndarray) -> int | None:
    """Find where the phase changes most over `FRAMES` successive frames.

    Parameters
    ----------
    frames
        Frame numbers, ascending, shape (n,).
    motion
        Mean size of their phase differences, shape (n,), zero where there is no crop before.

    Returns
    -------
    int or None
        Row of the first frame; None where there is no such run.
    """
    starts = np.arange(max(0, len(frames) - FRAMES + 1))
    consecutive = frames[starts + FRAMES - 1] - frames[starts] == FRAMES - 1
    # The first frame of a stretch has no phase difference.
    starts = starts[consecutive & (motion[starts] > 0)]
    if len(starts) == 0:
        return None
    total = np.concatenate([[0], np.cumsum(motion, dtype=np.float64)])
    return int(starts[np.argmax(total[starts + FRAMES] - total[starts])])


def colour_motion(values: np.ndarray, limit: float) -> np.ndarray:
    """Colour phase differences: one colour for each sign, transparent where nothing moves.

    Parameters
    ----------
    values
        Radians, any shape.
    limit
        The absolute value that has the full colour.

    Returns
    -------
    numpy.ndarray
        Red, green, blue and opacity from 0 to 1, in a last dimension of their own.
    """
    colours = np.empty((*values.shape, 4))
    colours[..., :3] = np.where(values[..., None] > 0, to_rgb(VERMILLION), to_rgb(BLUE))
    colours[..., 3] = np.clip(np.abs(values) / limit, 0, 1) ** 0.8
    return colours


def _motion_on_white() -> ListedColormap:
    """Return the colours of `colour_motion` on white, without transparency, from minus to plus the limit."""
    colours = colour_motion(np.linspace(-1, 1, 511), 1)
    return ListedColormap(1 - colours[:, 3:] * (1 - colours[:, :3]))


def _draw_strip(strip: Strip, faces: bool, sheet: Figure, width: str) -> None:
    """Draw crops and phase differences, a column for each frame, and the colour bar."""
    rows = [*(["crop"] if faces else []), *(band.replace(" ", "\n") for band in BANDS)]
    panels = sheet.subplots(len(rows), len(strip.frames), gridspec_kw={"wspace": 0.03, "hspace": 0.03})
    bands = panels[-strip.maps.shape[1] :]
    style = {
        "cmap": _motion_on_white(),
        "vmin": -strip.limit,
        "vmax": strip.limit,
        "interpolation": "nearest",
    }
    # The number of a frame is wider than its crop in a column.
    every = 1 if width == "page" else 2
    for column, (frame, crop, maps) in enumerate(zip(strip.frames, strip.crops, strip.maps, strict=True)):
        if faces:
            panels[0, column].imshow(crop)
        if column % every == 0:
            panels[0, column].set_title(f"{frame}", loc="center", color=GREY, size=SMALLEST)
        for axes, values in zip(bands[:, column], maps, strict=True):
            image = axes.imshow(values, **style)
    for axes in panels.flat:
        remove_axes(axes)
    for axes, label in zip(panels[:, 0], rows, strict=True):
        _set_row_label(axes, label)
    place = {"pad": 0.01, "aspect": 28} if width == "page" else {"location": "bottom", "aspect": 40}
    bar = sheet.colorbar(image, ax=list((bands if width == "page" else panels).flat), **place)
    bar.set_label("phase difference (rad)", labelpad=4)
    bar.outline.set_visible(False)


def _set_row_label(axes: Axes, label: str) -> None:
    """Write a row's label to the left of its first panel, upright."""
    axes.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=3)
