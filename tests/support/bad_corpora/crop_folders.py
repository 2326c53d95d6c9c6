"""What can be wrong with a name's folder of crops, and how the crops in it are named and linked."""

from __future__ import annotations

import os
from pathlib import Path

from support.bad_corpora.case import (
    CROPS,
    VICTIM,
    Case,
    add,
    crop,
    outside,
    picture,
    relink,
    remove,
    rename_all,
    text,
    together,
)


def in_two_folders(root: Path) -> None:
    """Put five crops of a name into another folder of crops, before the folder that holds all six."""
    other = root / "more" / VICTIM
    other.mkdir(parents=True)
    for number in range(1, 6):
        (other / f"{number:05d}.jpg").write_bytes(picture())


CASES = [
    Case(
        "crops of two programs",
        add("frame_det_00_000001.bmp"),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 1 other file such as"
        " 'frame_det_00_000001.bmp'; the name is not used; name all crops alike, one for each frame, and"
        " remove"
        " other images.",
        frames="1",
    ),
    Case(
        "counted from 0",
        lambda root: [crop(root, n).rename(crop(root, n - 1)) for n in range(1, 7)],
        "unusable",
        "cropped_aligned/7: expected crops counted from 1, as 00001.jpg, found '00000.jpg'; the name is not"
        " used; set data.first_frame to 0 if all names are counted from 0; if not, renumber the crops of this"
        " name, or remove that file if it is no crop.",
    ),
    Case(
        "counted from 2",
        together(*(add("00007.jpg"), remove("cropped_aligned/7/00001.jpg"))),
        "unusable",
        "VA_Set/Training_Set/7.txt: expected a line for the highest crop, frame 7, found 6 lines, one too"
        " few,"
        " as where crops and lines are not counted from the same number; the name is not used; compare some"
        " crops with their lines, and set data.first_frame to the number that the crops of all names are"
        " counted"
        " from (0 or 1); then only the last crop is left out.",
        frames="7",
    ),
    Case(
        "one crop more than lines, counted from 1 by the configuration",
        add("00007.jpg"),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected a line for each of 7 frames, found 6 lines; 1 crop beyond them"
        " left"
        " out; check whether annotation and video belong together.",
        frames="7",
        data={"first_frame": 1},
    ),
    Case(
        "two folders",
        in_two_folders,
        "repaired",
        "more/7: expected one folder of crops of 7, found 5 crops there and also cropped_aligned/7 with 6"
        " crops; this one is taken, by the order of data.crops; put all crops of the name into one folder,"
        " and"
        " remove the others.",
        data={"crops": ["more", "cropped_aligned"]},
    ),
    Case(
        "no crops",
        together(remove("cropped_aligned/7"), lambda root: (root / CROPS / VICTIM).mkdir()),
        "unusable",
        "cropped_aligned/7: expected crops 00001.jpg and so on, found none; the name is not used; put the"
        " crops there.",
    ),
    Case(
        "no folder",
        remove("cropped_aligned/7"),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found none; the name is not used; put it there or"
        " remove the name from its list.",
    ),
    Case(
        "file for a folder",
        together(remove("cropped_aligned/7"), text("cropped_aligned/7", "")),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found an empty file;"
        " the name is not used; put it there"
        " or remove the name from its list.",
    ),
    Case(
        "digits",
        together(lambda root: crop(root, 6).rename(crop(root, 6).with_name("6.jpg"))),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 1 other file such as"
        " '6.jpg'; the name is not used; name all crops alike, one for each frame, and remove other images.",
        frames="6",
    ),
    Case(
        "digits of all",
        rename_all("{n}.jpg"),
        "unusable",
        "cropped_aligned/7: expected crops named as 00001.jpg, as in most folders, found 6 files such as"
        " '1.jpg'; the name is not used; name them so.",
        frames="1-6",
    ),
    Case(
        "seven digits",
        together(lambda root: crop(root, 6).rename(crop(root, 6).with_name("0000006.jpg"))),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 1 other file such as"
        " '0000006.jpg'; the name is not used; name all crops alike, one for each frame, and remove other"
        " images.",
        frames="6",
    ),
    Case(
        "two crops of a frame",
        add("1.jpg", "003.jpg"),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 2 other files such as"
        " '003.jpg'; the name is not used; name all crops alike, one for each frame, and remove other"
        " images.",
        frames="1 3",
    ),
    Case(
        "crop zero",
        add("00000.jpg"),
        "unusable",
        "cropped_aligned/7: expected crops counted from 1, as 00001.jpg, found '00000.jpg'; the name is not"
        " used; set data.first_frame to 0 if all names are counted from 0; if not, renumber the crops of this"
        " name, or remove that file if it is no crop.",
    ),
    Case(
        "png ending",
        lambda root: crop(root, 6).rename(crop(root, 6).with_suffix(".png")),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 1 other file such as"
        " '00006.png'; the name is not used; name all crops alike, one for each frame, and remove other"
        " images.",
        frames="6",
    ),
    Case(
        "JPG ending",
        lambda root: crop(root, 6).rename(crop(root, 6).with_suffix(".JPG")),
        "unusable",
        "cropped_aligned/7: expected all crops to be named as 00001.jpg, found 1 other file such as"
        " '00006.JPG'; the name is not used; name all crops alike, one for each frame, and remove other"
        " images.",
        frames="6",
    ),
    Case(
        "jpeg ending of all",
        rename_all("{n:05d}.jpeg"),
        "unusable",
        "cropped_aligned/7: expected crops named as 00001.jpg, as in most folders, found 6 files such as"
        " '00001.jpeg'; the name is not used; name them so.",
        frames="1-6",
    ),
    Case(
        "macOS files",
        add("._00001.jpg", "._00002.jpg", ".DS_Store"),
        "ok",
        "cropped_aligned/7: expected crops only, found 3 hidden files such as '.DS_Store'; left out.",
    ),
    Case(
        "Windows files",
        add("Thumbs.db"),
        "repaired",
        "cropped_aligned/7: expected crops only, found 1 file such as 'Thumbs.db'; left out; if they are"
        " crops, name them as 00001.jpg.",
    ),
    Case(
        "folder among crops",
        lambda root: (crop(root, 1).parent / "originals").mkdir(),
        "repaired",
        "cropped_aligned/7: expected crops only, found 1 file such as 'originals'; left out; if they are"
        " crops, name them as 00001.jpg.",
    ),
    Case(
        "folder named as a crop",
        together(lambda root: crop(root, 6).unlink(), lambda root: crop(root, 6).mkdir()),
        "repaired",
        "cropped_aligned/7: expected crops only, found 1 file such as '00006.jpg'; left out; if they are"
        " crops, name them as 00001.jpg.",
    ),
    Case(
        "pipe named as a crop",
        together(lambda root: crop(root, 6).unlink(), lambda root: os.mkfifo(crop(root, 6))),
        "repaired",
        "cropped_aligned/7: expected crops only, found 1 file such as '00006.jpg'; left out; if they are"
        " crops, name them as 00001.jpg.",
    ),
    Case(
        "dangling link",
        relink("cropped_aligned/7/00006.jpg", "{root}/nowhere.jpg"),
        "repaired",
        "cropped_aligned/7: expected crops, found 1 link to nothing, first '00006.jpg'; left out; put the"
        " crops there.",
    ),
    Case(
        "link to itself",
        relink("cropped_aligned/7/00006.jpg", "00006.jpg"),
        "repaired",
        "cropped_aligned/7: expected crops, found 1 link to nothing, first '00006.jpg'; left out; put the"
        " crops there.",
    ),
    Case(
        "link outside",
        together(outside, relink("cropped_aligned/7/00006.jpg", "{root}/../elsewhere/00006.jpg")),
        "ok",
        "cropped_aligned/7/00006.jpg: expected crops in the data set, found a link to"
        " {above}/elsewhere/00006.jpg; followed; make sure that it is available whenever the workflow runs.",
    ),
    Case(
        "folder linked outside",
        together(outside, relink("cropped_aligned/7", "{root}/../elsewhere")),
        "ok",
        "cropped_aligned/7: expected crops in the data set, found a link to {above}/elsewhere; followed; make"
        " sure that it is available whenever the workflow runs.",
    ),
    Case(
        "folder linked nowhere",
        relink("cropped_aligned/7", "{root}/nowhere"),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found a broken link; the name is not"
        " used; put it there or remove the name from its list.",
    ),
    Case(
        "folder linked to itself",
        relink("cropped_aligned/7", "7"),
        "unusable",
        "7: expected a folder of crops in cropped_aligned,"
        " found one that cannot be opened (Too many levels of symbolic links); the name"
        " is not used; put it there or remove the name from its list.",
    ),
    Case(
        "gap",
        together(*(remove(f"cropped_aligned/7/{number:05d}.jpg") for number in (1, 3, 4))),
        "ok",
        "7: expected a crop for each of 6 frames, found none for 3 of them; not trained on; check whether the"
        " video shows a face there.",
        frames="1 3-4",
    ),
]
