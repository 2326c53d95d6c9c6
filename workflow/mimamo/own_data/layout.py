"""Annotations and crops of other data sets, written in the layout that the workflow reads.

``annotations/<name>.txt``, ``cropped_aligned/<name>/00001.jpg`` and a configuration file that names them.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from mimamo.audit.symptoms import pluralise
from mimamo.corpus.annotations import HEADER, NOT_ANNOTATED
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path
from mimamo.corpus.lists import MAX_VIDEO_FRAMES
from mimamo.errors import InputError, OutputError
from mimamo.storage.files import atomic_write

logger = logging.getLogger(__name__)

ANNOTATIONS, CROPS, CONFIG = "annotations", "cropped_aligned", "config.yaml"
#: Faults that are told one by one.
_MOST_FAULTS = 20
#: Where all values are nearer to the middle than this, of 1, the stated range is suspicious.
_NARROW = 0.2


@dataclass(frozen=True)
class ValueRange:
    """The range that values are stated to lie in, both ends included."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    def scaled(self, value: float) -> float:
        """Return a value of this range in [-1, 1], the middle of the range at 0.

        Raises
        ------
        ValueError
            Where it lies outside.
        """
        if not self.low <= value <= self.high:
            raise ValueError(f"expected values from {self}, found {value:g}")
        return 2 * (value - self.low) / (self.high - self.low) - 1


class Crop(Protocol):
    """What writes the crop of one frame."""

    def save(self, path: Path) -> bool:
        """Write it as a JPEG file; return whether all of it was inside its picture."""


@dataclass(frozen=True)
class ImportedName:
    """One name: its labels (valence and arousal in [-1, 1]) and crops, by frame number from 1 on."""

    name: str
    labels: dict[int, tuple[float, float]] = field(default_factory=dict)
    crops: dict[int, Crop] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """The highest frame that has a label or a crop."""
        return max([0, *self.labels, *self.crops])


def raise_faults(faults: Sequence[InputError]) -> None:
    """Raise the first of some faults, after the others were logged."""
    if not faults:
        return
    first, *others = faults
    for fault in others[:_MOST_FAULTS]:
        logger.error("%s", fault)
    raise InputError(f"{first} (And {pluralise(others, 'more fault')}.)" if others else str(first))


def frame_number(number: int, first: int) -> int:
    """Return a frame's number counted from 1, where the first has the number `first`.

    Raises
    ------
    ValueError
        Where it is lower, or higher than any video has frames.
    """
    if not first <= number < MAX_VIDEO_FRAMES:
        hint = ", so frames are counted from 0 (--first-frame 0)" if number == 0 else ""
        raise ValueError(f"expected frame numbers from {first} on, found {number}{hint}")
    return number - first + 1


def check_absent(out: Path) -> None:
    """Raise OutputError where there is something already."""
    if os.path.lexists(out):
        raise OutputError(f"{out}: expected a folder to make, found one already; name another, or remove it.")


def write_layout(out: Path, names: Sequence[ImportedName], values: ValueRange) -> None:
    """Write annotations, crops and a configuration file: all of them or nothing.

    Parameters
    ----------
    out
        The folder to make.
    names
        What to write.
    values
        The range that the values had, for what is told about them.

    Raises
    ------
    InputError
        Where `out` is there already, nothing is labelled, or a crop cannot be made.
    """
    check_absent(out)
    if not any(name.labels for name in names):
        raise InputError(
            f"{out}: expected labelled frames to write, found none; check that the values are present."
        )
    with atomic_write(out) as fresh:
        (fresh / ANNOTATIONS).mkdir(parents=True)
        for name in names:
            (fresh / ANNOTATIONS / f"{name.name}.txt").write_text(annotation_text(name))
        cut = _write_crops(fresh / CROPS, names)
        (fresh / CONFIG).write_text(config_text(out))
    _log(out, names, values, cut)


def annotation_text(name: ImportedName) -> str:
    """Return the annotation file of a name: the header, and a line for every frame up to the last."""
    missing = (NOT_ANNOTATED, NOT_ANNOTATED)
    rows = (name.labels.get(frame, missing) for frame in range(1, name.length + 1))
    # Adding zero turns -0 into 0.
    lines = [f"{round(valence, 6) + 0.0:g},{round(arousal, 6) + 0.0:g}" for valence, arousal in rows]
    return "".join(f"{line}\n" for line in [HEADER, *lines])


def config_text(out: Path) -> str:
    """Return the configuration file that goes with a preset for training on these annotations."""
    import yaml

    layout: Mapping[str, object] = {
        "crops": [CROPS], "train": ANNOTATIONS, "validation": None, "test_list": None, "videos": [],
    }  # fmt: skip
    settings = {"root": str(out.resolve()), "data": dict(layout)}
    return (
        "# Written by mimamo import. To train on these annotations, in the workflow's folder:\n#\n"
        f"#   snakemake --configfile presets/own_annotations.yaml {out.resolve() / CONFIG}\n\n"
        + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    )


def _write_crops(folder: Path, names: Sequence[ImportedName]) -> int:
    """Write all crops, with a progress bar on a terminal; return how many reach over a picture's edge."""
    from rich.console import Console
    from rich.progress import Progress

    console, cut = Console(stderr=True), 0
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("crops", total=sum(len(name.crops) for name in names))
        for name in names:
            (folder / name.name).mkdir(parents=True)
            for frame, crop in sorted(name.crops.items()):
                cut += not crop.save(crop_path(folder / name.name, frame, CropNaming()))
                progress.advance(task)
    return cut


def _log(out: Path, names: Sequence[ImportedName], values: ValueRange, cut: int) -> None:
    """Log what was written, the values that were found, and what to do next."""
    labels = np.array([label for name in names for label in name.labels.values()])
    crops, frames = (sum(counts) for counts in zip(*((len(n.crops), n.length) for n in names), strict=True))
    logger.info(
        "%s: %s, %d frames, %d of them with labels and %d with crops; frames without a label have %g,%g",
        *(out, pluralise(names, "name"), frames, len(labels), crops, NOT_ANNOTATED, NOT_ANNOTATED),
    )
    for column, dimension in enumerate(HEADER.split(",")):
        low, high = labels[:, column].min(), labels[:, column].max()
        logger.info("%s: values of %s became %.3f to %.3f", dimension, values, low, high)
        if max(abs(low), abs(high)) < _NARROW:
            logger.warning(
                "%s: all values lie within a fifth of the stated range, %s, around its middle; is it right?",
                *(dimension, values),
            )
    if uncropped := sum(len(name.labels.keys() - name.crops.keys()) for name in names):
        logger.warning("%d labelled frames have no crop, and are not trained on", uncropped)
    if cut:
        logger.warning("%d crops reach over the edge of their picture and are black there", cut)
    logger.info("Next: snakemake --configfile presets/own_annotations.yaml %s", out / CONFIG)


def is_number(value: object) -> bool:
    """Return whether a value is a finite number, and not true or false."""
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
