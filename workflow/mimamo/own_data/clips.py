"""Finding the usable crops of every name in a user's own folders."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crop_naming import CropNaming, find_crop_naming
from mimamo.corpus.crops import check_crops, has_crops, limit_threads, list_crops
from mimamo.corpus.extraction import Crops
from mimamo.corpus.lists import name_fault
from mimamo.errors import InputError
from mimamo.storage.paths import describe_path

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Clip:
    """The usable `crops` of one name, and its `length`: the highest number of any crop, usable or not."""

    crops: Crops
    length: int


def find_clips(folders: Sequence[Path]) -> list[Clip]:
    """Find the usable crops of every name, and log what is left out.

    Parameters
    ----------
    folders
        The names' folders of crops, from `name_folders`.

    Raises
    ------
    InputError
        Where there is no usable crop.
    """
    # Crops are so small that a second thread in OpenCV costs more than it brings.
    limit_threads(1)
    clips, parent = [], folders[0].parent if len(folders) > 1 else folders[0]
    naming = find_crop_naming(folders)
    found = f"the first frame's is {naming.example}"
    logger.info("%s: checking the crops of %s, %s", parent, pluralise(folders, "name"), found)
    for name_folder in folders:
        try:
            clips.append(_read_clip(name_folder, naming))
        except InputError as error:
            logger.warning("%s The name %s is left out.", error, ascii(name_folder.name))
    if not clips:
        raise InputError(
            f"{parent}: expected a name with usable crops, found none; fix the problems reported for each "
            "above"
        )
    return clips


def name_folders(folder: Path) -> list[Path]:
    """Return the folder of crops of every name: `folder` itself, or all folders in it.

    No crop is decoded.

    Raises
    ------
    InputError
        Where it is no folder, or its crops lie elsewhere than in it or in the folders in it.
    """
    expected = (
        f"{folder}: expected a folder with crops 00001.jpg and so on of one name, or with such folders,"
    )
    if not folder.is_dir():
        raise InputError(f"{expected} found {_describe_file(folder)}")
    listing, subfolders = list_crops(folder, find_crop_naming([folder])), _subfolders(folder)
    if listing.numbers and subfolders:
        raise InputError(
            f"{expected} found {pluralise(listing.numbers, 'crop')} beside the folder "
            f"{subfolders[0].name!a}; keep them apart"
        )
    if not listing.numbers and not subfolders:
        others = listing.left_out
        found = f"{pluralise(others, 'other file')} such as {others[0]!r}" if others else "neither"
        raise InputError(f"{expected} found {found}; put the crops there or correct the path")
    if subfolders and not any(map(has_crops, subfolders)):
        deeper = [path for path in subfolders if any(map(has_crops, _subfolders(path)))]
        if deeper:
            others = f", or one of {len(deeper) - 1} others like it" if len(deeper) > 1 else ""
            raise InputError(f"{expected} found them one folder deeper; give {deeper[0]}{others}")
    return subfolders or [Path(os.path.abspath(folder))]


def _describe_file(path: Path) -> str:
    """Describe what is there instead of a folder of crops, and what to do."""
    if path.is_file():
        return "a file; give the folder that its crops lie in"
    return f"{describe_path(path)}; correct the path"


def _subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted, but for hidden ones; none where it cannot be listed."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []


def _read_clip(folder: Path, naming: CropNaming) -> Clip:
    """Return the usable crops of one name's folder; raise InputError where the name cannot be used."""
    if fault := name_fault(folder.name):
        raise InputError(f"{folder}: expected a folder named like its name, but {fault}; rename it.")
    listing = list_crops(folder, naming)
    if faults := [*listing.zero, *listing.misnamed]:
        raise InputError(
            f"{folder}: expected all crops to be named as {naming.example}, counted from {naming.first},"
            f" found {pluralise(faults, 'other file')} such as {faults[0]!r}; name all crops alike."
        )
    check = check_crops(folder, listing.numbers, naming)
    if not check.usable:
        raise InputError(_no_crops_message(folder, len(listing.numbers), [*check.unreadable.values()]))
    if left_out := listing.left_out:
        things = pluralise(left_out, "thing")
        logger.warning("%s: %s other than crops left out, first %r.", folder, things, left_out[0])
    if check.unreadable:
        crops = pluralise(check.unreadable, "unreadable crop")
        first = next(iter(check.unreadable.values()))
        logger.warning("%s: %s left out, the first is %s", folder.name, crops, first)
    return Clip(Crops(folder.name, folder, np.array(check.usable, np.int64), naming), listing.numbers[-1])


def _no_crops_message(folder: Path, crops: int, unreadable: list[InputError]) -> str:
    """Return the message that says why no crop of a folder can be used."""
    if unreadable:
        return f"{folder}: expected crops, found {crops} unreadable, first {unreadable[0]}"
    if deeper := [path for path in _subfolders(folder) if has_crops(path)]:
        return f"{folder}: expected crops, found folders of crops; give {deeper[0]} by itself."
    return f"{folder}: expected crops 00001.jpg and so on, found none; name the crops so."
