"""What can be wrong with a name's folder of crops, and how the crops in it are named and linked."""

from __future__ import annotations

import os

from support.bad_corpora.case import (
    CROPS,
    VICTIM,
    Case,
    add,
    crop,
    outside,
    relink,
    remove,
    rename_all,
    text,
    together,
)

CASES = [
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
        " take the name off its list.",
    ),
    Case(
        "file for a folder",
        together(remove("cropped_aligned/7"), text("cropped_aligned/7", "")),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found a file; the name is not used; put it there"
        " or take the name off its list.",
    ),
    Case(
        "digits",
        together(lambda root: crop(root, 6).rename(crop(root, 6).with_name("6.jpg"))),
        "repaired",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 1 file such as '6.jpg'; left out; write"
        " their numbers with five digits.",
        frames="6",
    ),
    Case(
        "digits of all",
        rename_all("{n}.jpg"),
        "unusable",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 6 files such as '1.jpg'; left out;"
        " write their numbers with five digits.",
        frames="1-6",
    ),
    Case(
        "seven digits",
        together(lambda root: crop(root, 6).rename(crop(root, 6).with_name("0000006.jpg"))),
        "repaired",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 1 file such as '0000006.jpg'; left out;"
        " write their numbers with five digits.",
        frames="6",
    ),
    Case(
        "two crops of a frame",
        add("1.jpg", "003.jpg"),
        "repaired",
        "cropped_aligned/7: expected one crop of a frame, named as 00001.jpg, found 2 files such as"
        " '003.jpg'; left out; remove the other files.",
        frames="1 3",
    ),
    Case(
        "crop zero",
        add("00000.jpg"),
        "repaired",
        "cropped_aligned/7: expected frames counted from 1, found 1 file such as '00000.jpg'; left out; add"
        " one to the number of every crop if they count from 0.",
    ),
    Case(
        "png ending",
        lambda root: crop(root, 6).rename(crop(root, 6).with_suffix(".png")),
        "repaired",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 1 file such as '00006.png'; left out;"
        " save them as JPEG files that end in .jpg.",
        frames="6",
    ),
    Case(
        "JPG ending",
        lambda root: crop(root, 6).rename(crop(root, 6).with_suffix(".JPG")),
        "repaired",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 1 file such as '00006.JPG'; left out;"
        " save them as JPEG files that end in .jpg.",
        frames="6",
    ),
    Case(
        "jpeg ending of all",
        rename_all("{n:05d}.jpeg"),
        "unusable",
        "cropped_aligned/7: expected crops named as 00001.jpg, found 6 files such as '00001.jpeg'; left out;"
        " save them as JPEG files that end in .jpg.",
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
        " {above}/elsewhere/00006.jpg; followed; see that the place is there whenever the workflow runs.",
    ),
    Case(
        "folder linked outside",
        together(outside, relink("cropped_aligned/7", "{root}/../elsewhere")),
        "ok",
        "cropped_aligned/7: expected crops in the data set, found a link to {above}/elsewhere; followed; see"
        " that the place is there whenever the workflow runs.",
    ),
    Case(
        "folder linked nowhere",
        relink("cropped_aligned/7", "{root}/nowhere"),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found a link that leads nowhere; the name is not"
        " used; put it there or take the name off its list.",
    ),
    Case(
        "folder linked to itself",
        relink("cropped_aligned/7", "7"),
        "unusable",
        "7: expected a folder of crops in cropped_aligned, found Too many levels of symbolic links; the name"
        " is not used; put it there or take the name off its list.",
    ),
    Case(
        "gap",
        together(*(remove(f"cropped_aligned/7/{number:05d}.jpg") for number in (1, 3, 4))),
        "ok",
        "7: expected a crop for each of 6 frames, found none for 3 of them; not trained on; look whether the"
        " video shows a face there.",
        frames="1 3-4",
    ),
]
