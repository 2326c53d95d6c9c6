"""Reader of AFEW-VA: for every clip a folder with a JSON of values and landmarks, and a picture a frame.

Kossaifi, Tzimiropoulos, Todorovic and Pantic, Image and Vision Computing 65 (2017). Frames are counted from
0, valence and arousal are whole numbers from -10 to 10.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crops import read_crop, write_crop
from mimamo.corpus.lists import name_fault
from mimamo.corpus.opencv import cv2
from mimamo.cropping.alignment import reduction, share_inside, similarities, warp
from mimamo.errors import InputError
from mimamo.own_data.landmarks import five_points
from mimamo.own_data.layout import (
    ImportedName,
    ValueRange,
    frame_number,
    is_number,
    raise_faults,
)
from mimamo.storage.paths import describe_error

logger = logging.getLogger(__name__)

RANGE = ValueRange(-10, 10)
#: Endings of the pictures, the data set's own first.
_ENDINGS = (".png", ".jpg")


@dataclass(frozen=True)
class AlignedFace:
    """A face in a picture, by its five points (5, 2)."""

    picture: Path
    points: np.ndarray

    def save(self, path: Path) -> bool:
        """Cut the aligned crop out and write it; return whether all of it was inside the picture."""
        image = read_crop(self.picture)
        transforms = similarities(self.points[None])
        crop = warp(image, transforms[0], reduction(transforms))
        write_crop(cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), path)
        return bool(share_inside(transforms, image.shape[1::-1])[0] == 1)


def read_afew_va(folder: Path) -> list[ImportedName]:
    """Read the values and landmarks of all clips; no picture is opened yet.

    Parameters
    ----------
    folder
        The folder with ``001/001.json``, ``001/00000.png`` and so on, or with folders of such ones.

    Returns
    -------
    list[ImportedName]
        Sorted by name. Frames without landmarks have no crop.

    Raises
    ------
    InputError
        Where there is no clip, or a file is not as described: the first fault, after all were logged.
    """
    names, faults = [], []
    for path in _find_clips(folder):
        try:
            names.append(_read_clip(path))
        except InputError as error:
            faults.append(error)
    raise_faults(faults)
    logger.info(
        "%s: %s of AFEW-VA; frames, counted from 0 there, are counted from 1",
        folder,
        pluralise(names, "clip"),
    )
    return names


def _find_clips(folder: Path) -> list[Path]:
    """Return the JSON of every clip, sorted by clip; it is named as its folder."""
    paths = [path for level in ("*/*.json", "*/*/*.json") for path in folder.glob(level)]
    clips: dict[str, Path] = {}
    for path in sorted(path for path in paths if path.stem == path.parent.name):
        if path.stem in clips:
            raise InputError(
                f"{path}: expected every clip once, found {path.stem!a} in {clips[path.stem].parent} as well;"
                " remove one of them."
            )
        clips[path.stem] = path
    if not clips:
        raise InputError(
            f"{folder}: expected AFEW-VA, a folder for every clip (001 with 001.json in it), found none;"
            " unpack its archives there, or name a CSV of values."
        )
    return [clips[name] for name in sorted(clips)]


def _read_clip(path: Path) -> ImportedName:
    """Read one clip; raise InputError with file and frame where something is not as described."""
    if fault := name_fault(path.stem):
        raise InputError(f"{path}: expected a clip named like its name, but {fault}; rename it.")
    frames = _read_frames(path)
    clip, seen = ImportedName(path.stem), set()
    for key, entry in sorted(frames.items()):
        try:
            number = frame_number(int(key) if key.isascii() and key.isdecimal() else -1, first=0)
            if number in seen:
                raise ValueError("expected every frame once, found it again")
            seen.add(number)
            label, points = _label(entry), _points(entry)
        except ValueError as error:
            raise InputError(
                f"{path}, frame {key!a}: {error}; correct it, or download the file again."
            ) from None
        if label is not None:
            clip.labels[number] = label
        if points is not None:
            clip.crops[number] = AlignedFace(_picture(path, key), points)
    return clip


def _read_frames(path: Path) -> Mapping[str, object]:
    """Read the section ``frames`` of a clip's JSON."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path}: expected a file, found {describe_error(path, error)}; download it again."
        ) from None
    except (ValueError, RecursionError):
        raise InputError(f"{path}: expected JSON, found another file; download it again.") from None
    frames = content.get("frames") if isinstance(content, dict) else None
    if not isinstance(frames, dict) or not frames:
        raise InputError(
            f"{path}: expected an object with the frames under 'frames', found none; download it again."
        )
    return frames


def _label(entry: object) -> tuple[float, float] | None:
    """Return valence and arousal of a frame in [-1, 1]; None where it has neither."""
    if not isinstance(entry, dict):
        raise ValueError(f"expected an object with {' and '.join(DIMENSIONS)}, found {entry!r:.60}")
    values = [entry.get(dimension) for dimension in DIMENSIONS]
    if values == [None, None]:
        return None
    for dimension, value in zip(DIMENSIONS, values, strict=True):
        if not is_number(value):
            raise ValueError(f"{dimension}: expected a number from {RANGE}, found {value!r:.60}")
    try:
        valence, arousal = map(RANGE.scaled, values)
    except ValueError as error:
        raise ValueError(f"valence, arousal: {error}") from None
    return valence, arousal


def _points(entry: Mapping[str, object]) -> np.ndarray | None:
    """Return the five points of a frame's face; None where it has no landmarks."""
    found = entry.get("landmarks")
    if not found:
        return None
    try:
        landmarks = np.array(found, dtype=float)
    except (TypeError, ValueError, OverflowError):
        landmarks = np.empty(0)
    try:
        return five_points(landmarks)
    except ValueError as error:
        raise ValueError(f"landmarks: {error}") from None


def _picture(path: Path, key: str) -> Path:
    """Return the picture of a frame."""
    places = [path.with_name(f"{key}{ending}") for ending in _ENDINGS]
    for place in places:
        if os.path.isfile(place):
            return place
    raise InputError(
        f"{path}, frame {key!a}: expected the picture {places[0].name} beside it, found none; download it "
        "again, or take the frame out."
    )
