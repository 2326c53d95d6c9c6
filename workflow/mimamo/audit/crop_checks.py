"""Checks of one name's crops: folder, file names, links, images and gaps."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mimamo.audit.name_report import NameReport
from mimamo.audit.survey import describe_path
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crops import CropCheck, CropListing, check_crops, list_crops
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError

#: How a crop that can be read but is not a colour JPEG is used, by its kind in `CropCheck`.
_KINDS = {
    "grey": "read as three equal colours",
    "CMYK": "turned into red, green and blue",
    "PNG": "read as they are",
}


def check_crop_folder(corpus: Corpus, found: NameReport) -> None:
    """List and decode the crops of a name, and add all symptoms to `found`."""
    found.cells.update(crops=0, unreadable=0)
    name = str(found.cells["name"])
    folder = corpus.crop_folder(name)
    if folder is None:
        _no_folder(corpus, name, found)
        return
    try:
        listing = list_crops(folder)
    except InputError as error:
        found.fault_from_error("folders of crops that cannot be read", error)
        return
    found.highest = max(listing.numbers, default=0)
    if listing.numbers:
        _decode(folder, listing.numbers, found)
    else:
        _no_crops(folder, listing, found)
    _check_file_names(folder, listing, found)
    _check_links(corpus, folder, listing, found)


def _no_folder(corpus: Corpus, name: str, report: NameReport) -> None:
    """Report that there is no folder of crops, and where it may be."""
    places = " or ".join(corpus.relative_path(place) for place in corpus.crops)
    what, remedy = "none", "put it there or take the name off its list"
    if (near := corpus.similar_name(name)) is not None:
        what = f"only {near!a}, which differs in case or Unicode form"
        remedy = f"rename that folder or the name, so that both are {name!a}"
    else:
        places_taken = [place / name for place in corpus.crops if os.path.lexists(place / name)]
        what = describe_path(places_taken[0]) if places_taken else what
    report.fault(
        "no folder of crops", f"{name}: expected a folder of crops in {places}, found {what}", remedy
    )


def _no_crops(folder: Path, listing: CropListing, report: NameReport) -> None:
    """Report that no file in a folder is named as a crop."""
    misnamed = [*listing.padded, *listing.endings]
    what = f"{pluralise(misnamed, 'file')} named otherwise, first {misnamed[0]!r}" if misnamed else "none"
    remedy = "name the crops so" if misnamed else "put the crops there"
    report.fault("no crops", f"{folder}: expected crops 00001.jpg and so on, found {what}", remedy)


def _check_file_names(folder: Path, listing: CropListing, report: NameReport) -> None:
    """Report the files that are not named as crops."""
    crops = set(listing.numbers)
    zero = [name for name, number in listing.padded.items() if number == 0]
    twice = {name: n for name, n in (listing.padded | listing.endings).items() if n in crops}
    padded = {name: n for name, n in listing.padded.items() if n and n not in crops}
    endings = {name: n for name, n in listing.endings.items() if n not in crops}
    groups = (
        ("crops numbered 0", zero, (), "frames counted from 1",
         "add one to the number of every crop if they count from 0"),
        ("two crops of one frame", list(twice), twice.values(), "one crop of a frame, named as 00001.jpg",
         "remove the other files"),
        ("crops with another count of digits", list(padded), padded.values(), "crops named as 00001.jpg",
         "write their numbers with five digits"),
        ("crops with another ending", list(endings), endings.values(), "crops named as 00001.jpg",
         "save them as JPEG files that end in .jpg"),
        ("other things among the crops", listing.other_files, (), "crops only",
         "if they are crops, name them as 00001.jpg"),
    )  # fmt: skip
    for check, names, frames, expected, remedy in groups:
        if names:
            wrong = f"{folder}: expected {expected}, found {pluralise(names, 'file')} such as {names[0]!r}"
            report.repair(check, wrong, "left out", remedy, sorted(set(frames)))
    if listing.hidden:
        hidden = f"{pluralise(listing.hidden, 'hidden file')} such as {listing.hidden[0]!r}"
        report.note("hidden files", f"{folder}: expected crops only, found {hidden}", "left out", "")


def _check_links(corpus: Corpus, folder: Path, listing: CropListing, report: NameReport) -> None:
    """Report symbolic links that are broken, and those with a target outside the data set."""
    if broken := listing.broken_links:
        wrong = f"{folder}: expected crops, found {pluralise(broken, 'link')} to nothing, first {broken[0]!r}"
        report.repair("links that lead nowhere", wrong, "left out", "put the crops there")
    root = os.path.realpath(corpus.root)
    places = [folder] if folder.is_symlink() else []
    places += [folder / f"{number:05d}.jpg" for number in listing.links]
    outside = [path for path in places if not _below(os.path.realpath(path), root)]
    if outside:
        target = os.path.realpath(outside[0])
        wrong = f"{outside[0]}: expected crops in the data set, found a link to {target}"
        more = f" and {pluralise(outside[1:], 'more link')}" if len(outside) > 1 else ""
        remedy = "see that the place is there whenever the workflow runs"
        report.note("links that leave the data set", wrong + more, "followed", remedy)


def _below(path: str, root: str) -> bool:
    """Return whether a resolved path is in a resolved folder."""
    return os.path.commonpath([path, root]) == root


def _decode(folder: Path, numbers: list[int], report: NameReport) -> None:
    """Decode the crops, and report those that cannot be used."""
    check = check_crops(folder, numbers)
    report.frames = check.usable
    report.cells.update(crop_cells(report.frames), unreadable=len(check.unreadable))
    if check.unreadable:
        first, frames = next(iter(check.unreadable.values())), sorted(check.unreadable)
        before = f"{pluralise(frames, 'unreadable crop')}, the first is " if len(frames) > 1 else ""
        if report.frames:
            report.repair_from_error("unreadable crops", first, "left out", before, frames)
        else:
            report.fault_from_error("unreadable crops", first, f"No usable crop; {before}", frames)
    _check_image_kinds(folder, check, report)


def _check_image_kinds(folder: Path, check: CropCheck, report: NameReport) -> None:
    """Report crops that can be used but differ in size or kind from the others, or are of one colour."""
    if (common := check.common_size()) is None:
        return
    report.cells.update(width=common[0], height=common[1])
    if others := sorted(number for number, size in check.sizes.items() if size != common):
        size = check.sizes[others[0]]
        wrong = (
            f"{folder}: expected crops of {common[0]} by {common[1]} pixels, found"
            f" {pluralise(others, 'crop')} of another size, first frame {others[0]} of {size[0]} by {size[1]}"
        )
        report.repair("crops of another size", wrong, "scaled", "cut them as the others", others)
    for kind, frames in sorted(check.kinds.items()):
        crops = f"{pluralise(frames, f'{kind} image')}, first frame {frames[0]}"
        wrong = f"{folder}: expected JPEG images in colour, found {crops}"
        report.repair(f"{kind} crops", wrong, _KINDS[kind], "save them as the others", frames)
    if check.flat:
        crops = f"{pluralise(check.flat, 'crop')} of one colour, first frame {check.flat[0]}"
        wrong = f"{folder}: expected faces, found {crops}"
        report.note("crops of one colour", wrong, "used", "remove them if they show no face", check.flat)


def crop_cells(frames: list[int]) -> dict[str, int]:
    """Return the cells of the audit's table that count crops and holes, from ascending frame numbers."""
    if not frames:
        return {"crops": 0}
    first, last = frames[0], frames[-1]
    return {
        "crops": len(frames),
        "first_crop": first,
        "last_crop": last,
        "holes": last - first + 1 - len(frames),
        "missing_start": first - 1,
    }


def missing_frames(frames: Iterable[int], length: int) -> list[int]:
    """Return the frames 1…length that are not among `frames`."""
    return np.setdiff1d(np.arange(1, length + 1), np.fromiter(frames, np.int64)).tolist()


def check_gaps(found: NameReport) -> None:
    """Report the frames of the video that have no usable crop."""
    missing = missing_frames(found.frames, int(found.cells["length"]))
    if found.frames and missing:
        name, length = found.cells["name"], found.cells["length"]
        wrong = f"{name}: expected a crop for each of {length} frames, found none for {len(missing)} of them"
        test = found.cells["subset"] == "test"
        done = "filled in the submission by the policy for gaps" if test else "not trained on"
        remedy = "look whether the video shows a face there"
        found.note("frames without a crop", wrong, done, remedy, missing)
