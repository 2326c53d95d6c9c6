"""Checks of one name's crops: folder, file names, links, images and gaps."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mimamo.audit.name_report import NameReport
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import CropCheck, CropListing, check_crops, crop_path, list_crops
from mimamo.corpus.layout import Corpus
from mimamo.cropping.name_record import NAME_RECORDS, read_name_record
from mimamo.errors import InputError
from mimamo.storage.paths import describe_path

#: The checks for crops that can be read but are of another kind than their name says, by kind in `CropCheck`.
KIND_CHECKS = {kind: f"{kind} crops" for kind in ("grey", "CMYK", "JPEG", "PNG", "BMP")}
#: How such crops are used.
_KINDS = {"grey": "read as three equal colours", "CMYK": "turned into red, green and blue"}
_OTHER_KINDS = "read as they are"
#: Share of a test video's frames without a crop beyond which that is no longer usual.
MOST_FRAMES = 0.5
CHECK_MOSTLY_MISSING = "test names mostly without crops"


def check_crop_folder(corpus: Corpus, found: NameReport) -> None:
    """List and decode the crops of a name, and add all symptoms to `found`."""
    found.cells.update(crops=0, unreadable=0)
    name = str(found.cells["name"])
    folders, naming = corpus.crop_folders(name), corpus.crop_naming
    if not folders:
        _no_folder(corpus, name, found)
        return
    folder = folders[0]
    try:
        listing = list_crops(folder, naming)
    except InputError as error:
        found.fault_from_error("folders of crops that cannot be read", error)
        return
    found.highest = max(listing.numbers, default=0)
    if listing.numbers:
        _decode(folder, listing.numbers, naming, found)
    elif not listing.zero:
        _no_crops(folder, listing, naming, found)
    _check_other_folders(folders, len(listing.numbers), naming, found)
    _check_file_names(folder, listing, naming, found)
    _check_links(corpus, folder, listing, found)


def _no_folder(corpus: Corpus, name: str, report: NameReport) -> None:
    """Report that there is no folder of crops, and where it may be, or why none was made."""
    if corpus.makes_crops:
        _none_made(name, report)
        return
    places = " or ".join(corpus.relative_path(place) for place in corpus.crops)
    what, remedy = "none", "put it there or remove the name from its list"
    if (near := corpus.similar_name(name)) is not None:
        what = f"only {near!a}, which differs in case or Unicode form"
        remedy = f"rename that folder or the name, so that both are {name!a}"
    else:
        places_taken = [place / name for place in corpus.crops if os.path.lexists(place / name)]
        what = describe_path(places_taken[0]) if places_taken else what
    report.fault(
        "no folder of crops", f"{name}: expected a folder of crops in {places}, found {what}", remedy
    )


def _none_made(name: str, report: NameReport) -> None:
    """Report that no crops were made from the name's container, and why."""
    record = read_name_record(name, NAME_RECORDS)
    if record is None or not record.reason:
        wrong = f"{name}: expected the crops that were made of its container, found them gone"
        remedy = f"remove the tables in {NAME_RECORDS.parent}, and what is missing is made again"
    else:
        wrong = (
            f"{name}: expected a container with the name's person in it, found {record.reason.rstrip('.')}"
        )
        remedy = "look at the video, or remove the name from its list"
    report.fault("no crops from the video", wrong, remedy)


def _no_crops(folder: Path, listing: CropListing, naming: CropNaming, report: NameReport) -> None:
    """Report that no file in a folder is named as a crop."""
    if misnamed := listing.misnamed:
        what = f"{pluralise(misnamed, 'file')} such as {next(iter(misnamed))!r}"
        expected = f"crops named as {naming.example}, as in most folders"
        frames = sorted(set(filter(None, misnamed.values())))
        report.fault("no crops", f"{folder}: expected {expected}, found {what}", "name them so", frames)
    else:
        wrong = f"{folder}: expected crops {naming.example} and so on, found none"
        report.fault("no crops", wrong, "put the crops there")


def _check_other_folders(folders: list[Path], crops: int, naming: CropNaming, report: NameReport) -> None:
    """Report further folders of crops of the same name, with what each holds."""
    if len(folders) == 1:
        return
    found = " and ".join(f"{folder} with {_count_crops(folder, naming)}" for folder in folders[1:])
    report.repair(
        "several folders of crops",
        f"{folders[0]}: expected one folder of crops of {report.cells['name']}, found {crops} crops there and"
        f" also {found}",
        "this one is taken, by the order of data.crops",
        "put all crops of the name into one folder, and remove the others",
    )


def _count_crops(folder: Path, naming: CropNaming) -> str:
    """Return how many crops a folder holds, as text."""
    try:
        return pluralise(list_crops(folder, naming).numbers, "crop")
    except InputError:
        return "none that can be listed"


def _check_file_names(folder: Path, listing: CropListing, naming: CropNaming, report: NameReport) -> None:
    """Report the files that are not named as crops."""
    if zero := listing.zero:
        wrong = f"{folder}: expected crops counted from 1, as {naming.example}, found {zero[0]!r}"
        remedy = (
            "set data.first_frame to 0 if all names are counted from 0; if not, renumber the crops of this"
            " name, or remove that file if it is no crop"
        )
        report.fault("crops numbered 0", wrong, remedy)
    if listing.numbers and (misnamed := listing.misnamed):
        wrong = (
            f"{folder}: expected all crops to be named as {naming.example}, found"
            f" {pluralise(misnamed, 'other file')} such as {next(iter(misnamed))!r}"
        )
        frames = sorted(set(filter(None, misnamed.values())))
        remedy = "name all crops alike, one for each frame, and remove other images"
        report.fault("crops named in several ways", wrong, remedy, frames)
    if others := listing.other_files:
        wrong = f"{folder}: expected crops only, found {pluralise(others, 'file')} such as {others[0]!r}"
        remedy = f"if they are crops, name them as {naming.example}"
        report.repair("files that are not crops", wrong, "left out", remedy)
    if listing.hidden:
        hidden = f"{pluralise(listing.hidden, 'hidden file')} such as {listing.hidden[0]!r}"
        report.note("hidden files", f"{folder}: expected crops only, found {hidden}", "left out", "")


def _check_links(corpus: Corpus, folder: Path, listing: CropListing, report: NameReport) -> None:
    """Report symbolic links that are broken, and those with a target outside the data set."""
    if broken := listing.broken_links:
        wrong = f"{folder}: expected crops, found {pluralise(broken, 'link')} to nothing, first {broken[0]!r}"
        report.repair("broken links", wrong, "left out", "put the crops there")
    root = os.path.realpath(corpus.root)
    places = [folder] if folder.is_symlink() else []
    places += [crop_path(folder, number, corpus.crop_naming) for number in listing.links]
    outside = [path for path in places if not _below(os.path.realpath(path), root)]
    if outside:
        target = os.path.realpath(outside[0])
        wrong = f"{outside[0]}: expected crops in the data set, found a link to {target}"
        more = f" and {pluralise(outside[1:], 'more link')}" if len(outside) > 1 else ""
        remedy = "make sure that it is available whenever the workflow runs"
        report.note("links that leave the data set", wrong + more, "followed", remedy)


def _below(path: str, root: str) -> bool:
    """Return whether a resolved path is in a resolved folder."""
    return os.path.commonpath([path, root]) == root


def _decode(folder: Path, numbers: list[int], naming: CropNaming, report: NameReport) -> None:
    """Decode the crops, and report those that cannot be used."""
    check = check_crops(folder, numbers, naming)
    report.frames = check.usable
    report.cells.update(crop_cells(report.frames), unreadable=len(check.unreadable))
    if check.unreadable:
        first, frames = next(iter(check.unreadable.values())), sorted(check.unreadable)
        before = f"{pluralise(frames, 'unreadable crop')}, the first is " if len(frames) > 1 else ""
        if report.frames:
            report.repair_from_error("unreadable crops", first, "left out", before, frames)
        else:
            report.fault_from_error("unreadable crops", first, f"No usable crop; {before}", frames)
    _check_image_kinds(folder, check, naming.image_format, report)


def _check_image_kinds(folder: Path, check: CropCheck, expected: str, report: NameReport) -> None:
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
        wrong = f"{folder}: expected {expected} images in colour, found {crops}"
        done = _KINDS.get(kind, _OTHER_KINDS)
        report.repair(KIND_CHECKS[kind], wrong, done, "save them as the others", frames)
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
    name, length, test = found.cells["name"], int(found.cells["length"]), found.cells["subset"] == "test"
    missing = missing_frames(found.frames, length)
    if not found.frames or not missing:
        return
    wrong = f"{name}: expected a crop for each of {length} frames, found none for {len(missing)} of them"
    if test and len(missing) > MOST_FRAMES * length:
        done = f"{filled_share(len(missing), length)} % of its rows are filled in by the policy for gaps"
        remedy = "check whether all of its crops are there, and whether its length is right"
        found.repair(CHECK_MOSTLY_MISSING, wrong, done, remedy, missing)
        return
    done = "filled in the submission by the policy for gaps" if test else "not trained on"
    remedy = "check whether the video shows a face there"
    found.note("frames without a crop", wrong, done, remedy, missing)


def filled_share(missing: int, length: int) -> int:
    """Return the share of frames without a crop in percent: 0 and 100 only where there are none, or all."""
    if missing in (0, length):
        return 100 * missing // length
    return min(max(round(100 * missing / length), 1), 99)
