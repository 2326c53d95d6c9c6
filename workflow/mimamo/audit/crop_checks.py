"""What can be wrong with the crops of one name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mimamo.audit.name_report import Diagnosis
from mimamo.audit.survey import found_at
from mimamo.audit.symptoms import counted
from mimamo.corpus.crops import CropCheck, Listing, check_crops, list_crops
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError

#: What happens to a crop that is not a colour JPEG but can be read, by the kind that `CropCheck` gives it.
_KINDS = {
    "grey": "read as three equal colours",
    "CMYK": "turned into red, green and blue",
    "PNG": "read as they are",
}


def look_at_crops(corpus: Corpus, found: Diagnosis) -> None:
    """List and decode the crops of a name; whatever is wrong is told in `found`."""
    found.cells.update(crops=0, unreadable=0)
    name = str(found.cells["name"])
    folder = corpus.crop_folder(name)
    if folder is None:
        _no_folder(corpus, name, found)
        return
    try:
        listing = list_crops(folder)
    except InputError as error:
        found.fault_of("folders of crops that cannot be read", error)
        return
    found.highest = max(listing.numbers, default=0)
    if listing.numbers:
        _decode(folder, listing.numbers, found)
    else:
        _no_crops(folder, listing, found)
    _look_at_names(folder, listing, found)
    _look_at_links(corpus, folder, listing, found)


def _no_folder(corpus: Corpus, name: str, found: Diagnosis) -> None:
    """Tell that there are no crops, and where they may be."""
    places = " or ".join(corpus.shown(place) for place in corpus.crops)
    what, remedy = "none", "put it there or take the name off its list"
    if (near := corpus.near(name)) is not None:
        what = f"only {near!a}, which differs in case or Unicode form"
        remedy = f"rename that folder or the name, so that both are {name!a}"
    else:
        places_taken = [place / name for place in corpus.crops if os.path.lexists(place / name)]
        what = found_at(places_taken[0]) if places_taken else what
    found.fault("no folder of crops", f"{name}: expected a folder of crops in {places}, found {what}", remedy)


def _no_crops(folder: Path, listing: Listing, found: Diagnosis) -> None:
    """Tell that a folder has no crop under a crop's name."""
    misnamed = [*listing.padded, *listing.endings]
    what = f"{counted(misnamed, 'file')} named otherwise, first {misnamed[0]!r}" if misnamed else "none"
    remedy = "name the crops so" if misnamed else "put the crops there"
    found.fault("no crops", f"{folder}: expected crops 00001.jpg and so on, found {what}", remedy)


def _look_at_names(folder: Path, listing: Listing, found: Diagnosis) -> None:
    """Tell which files are no crops by their names."""
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
        ("other things among the crops", listing.strangers, (), "crops only",
         "if they are crops, name them as 00001.jpg"),
    )  # fmt: skip
    for check, names, frames, expected, remedy in groups:
        if names:
            wrong = f"{folder}: expected {expected}, found {counted(names, 'file')} such as {names[0]!r}"
            found.repair(check, wrong, "left out", remedy, sorted(set(frames)))
    if listing.hidden:
        hidden = f"{counted(listing.hidden, 'hidden file')} such as {listing.hidden[0]!r}"
        found.note("hidden files", f"{folder}: expected crops only, found {hidden}", "left out", "")


def _look_at_links(corpus: Corpus, folder: Path, listing: Listing, found: Diagnosis) -> None:
    """Tell of symbolic links that lead nowhere, and of those that leave the data set."""
    if dead := listing.dead_links:
        wrong = f"{folder}: expected crops, found {counted(dead, 'link')} to nothing, first {dead[0]!r}"
        found.repair("links that lead nowhere", wrong, "left out", "put the crops there")
    root = os.path.realpath(corpus.root)
    places = [folder] if folder.is_symlink() else []
    places += [folder / f"{number:05d}.jpg" for number in listing.links]
    outside = [path for path in places if not _below(os.path.realpath(path), root)]
    if outside:
        target = os.path.realpath(outside[0])
        leads = f"{outside[0]}: expected crops in the data set, found a link to {target}"
        more = f" and {counted(outside[1:], 'more link')}" if len(outside) > 1 else ""
        remedy = "see that the place is there whenever the workflow runs"
        found.note("links that leave the data set", leads + more, "followed", remedy)


def _below(path: str, root: str) -> bool:
    """Whether a real path lies in a real folder."""
    return os.path.commonpath([path, root]) == root


def _decode(folder: Path, numbers: list[int], found: Diagnosis) -> None:
    """See which crops can be used."""
    check = check_crops(folder, numbers)
    found.frames = check.usable
    found.cells.update(crop_cells(found.frames), unreadable=len(check.unreadable))
    if check.unreadable:
        first, frames = next(iter(check.unreadable.values())), sorted(check.unreadable)
        before = f"{counted(frames, 'unreadable crop')}, the first is " if len(frames) > 1 else ""
        if found.frames:
            found.repair_of("unreadable crops", first, "left out", before, frames)
        else:
            found.fault_of("unreadable crops", first, f"No usable crop; {before}", frames)
    _look_at_images(folder, check, found)


def _look_at_images(folder: Path, check: CropCheck, found: Diagnosis) -> None:
    """Tell which crops can be used but are not as most are."""
    if (common := check.common_size()) is None:
        return
    found.cells.update(width=common[0], height=common[1])
    if others := sorted(number for number, size in check.sizes.items() if size != common):
        size = check.sizes[others[0]]
        wrong = (
            f"{folder}: expected crops of {common[0]} by {common[1]} pixels, found"
            f" {counted(others, 'crop')} of another size, first frame {others[0]} of {size[0]} by {size[1]}"
        )
        found.repair("crops of another size", wrong, "scaled", "cut them as the others", others)
    for kind, frames in sorted(check.kinds.items()):
        crops = f"{counted(frames, f'{kind} image')}, first frame {frames[0]}"
        wrong = f"{folder}: expected JPEG images in colour, found {crops}"
        found.repair(f"{kind} crops", wrong, _KINDS[kind], "save them as the others", frames)
    if check.flat:
        crops = f"{counted(check.flat, 'crop')} of one colour, first frame {check.flat[0]}"
        wrong = f"{folder}: expected faces, found {crops}"
        found.note("crops of one colour", wrong, "used", "remove them if they show no face", check.flat)


def crop_cells(frames: list[int]) -> dict[str, int]:
    """Count crops and holes."""
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
    """Give the frames 1…length that are not among `frames`."""
    return np.setdiff1d(np.arange(1, length + 1), np.fromiter(frames, np.int64)).tolist()


def look_at_gaps(found: Diagnosis) -> None:
    """Tell which frames of the video have no usable crop."""
    missing = missing_frames(found.frames, int(found.cells["length"]))
    if found.frames and missing:
        name, length = found.cells["name"], found.cells["length"]
        wrong = f"{name}: expected a crop for each of {length} frames, found none for {len(missing)} of them"
        test = found.cells["subset"] == "test"
        done = "filled in the submission by the policy for gaps" if test else "not trained on"
        remedy = "look whether the video shows a face there"
        found.note("frames without a crop", wrong, done, remedy, missing)
