"""What can be wrong with crops."""

from __future__ import annotations

import os

from bad_corpora import (
    CROPS,
    FRAMES,
    VICTIM,
    Case,
    add,
    crop,
    damaged,
    huge_header,
    one_colour,
    outside,
    picture,
    put,
    relink,
    remove,
    rename_all,
    sparse,
    text,
    together,
)

CASES = [
    Case(
        "empty file",
        put(2, b""),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found an empty file; left out; fetch or cut the"
        " crop again.",
        frames="2",
    ),
    Case(
        "truncated",
        put(2, picture()[: len(picture()) // 2]),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a whole image, found a damaged one; left out; fetch or cut"
        " the crop again.",
        frames="2",
    ),
    Case(
        "damaged pixels",
        put(2, damaged()),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected undamaged pixels, found what libjpeg calls 'Corrupt JPEG data:"
        " 29"
        " extraneous bytes before marker 0xd9'; left out; fetch or cut the crop again.",
        frames="2",
    ),
    Case(
        "text named jpg",
        put(2, b"<html>not found</html>"),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a text file; left out; fetch or cut the"
        " crop again.",
        frames="2",
    ),
    Case(
        "noise named jpg",
        put(2, bytes(range(1, 200))),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found no header of one but"
        " b'\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08'; left out; fetch or cut the crop again.",
        frames="2",
    ),
    Case(
        "GIF named jpg",
        put(2, picture("GIF", "P")),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a GIF file; left out; fetch or cut the"
        " crop again.",
        frames="2",
    ),
    Case(
        "BMP named jpg",
        put(2, picture("BMP")),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a BMP file; left out; fetch or cut the"
        " crop again.",
        frames="2",
    ),
    Case(
        "PNG named jpg",
        put(2, picture("PNG")),
        "repaired",
        "cropped_aligned/7: expected JPEG images in colour, found 1 PNG image, first frame 2; read as they"
        " are; save them as the others.",
        frames="2",
    ),
    Case(
        "PNG with palette named jpg",
        put(2, picture("PNG", "P")),
        "repaired",
        "cropped_aligned/7: expected JPEG images in colour, found 1 PNG image, first frame 2; read as they"
        " are; save them as the others.",
        frames="2",
    ),
    Case(
        "PNG cut off",
        put(2, picture("PNG")[:200]),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a whole image, found a damaged one; left out; fetch or cut"
        " the crop again.",
        frames="2",
    ),
    Case(
        "grey",
        put(2, picture(mode="L")),
        "repaired",
        "cropped_aligned/7: expected JPEG images in colour, found 1 grey image, first frame 2; read as three"
        " equal colours; save them as the others.",
        frames="2",
    ),
    Case(
        "CMYK",
        put(2, picture(mode="CMYK")),
        "repaired",
        "cropped_aligned/7: expected JPEG images in colour, found 1 CMYK image, first frame 2; turned into"
        " red, green and blue; save them as the others.",
        frames="2",
    ),
    Case(
        "other size",
        put(2, picture(size=96)),
        "repaired",
        "cropped_aligned/7: expected crops of 112 by 112 pixels, found 1 crop of another size, first frame 2"
        " of 96 by 96; scaled; cut them as the others.",
        frames="2",
    ),
    Case(
        "huge header",
        put(2, huge_header()),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected an image of at most 4096 pixels a side, found a larger one"
        " than any camera makes; left out; cut the crop again.",
        frames="2",
    ),
    Case(
        "huge file",
        sparse,
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a file of 60000000 bytes; left out; fetch"
        " or cut the crop again.",
        frames="2",
    ),
    Case(
        "one colour",
        one_colour(2),
        "ok",
        "cropped_aligned/7: expected faces, found 1 crop of one colour, first frame 2; used; remove them if"
        " they show no face.",
        frames="2",
    ),
    Case(
        "all unreadable",
        together(*(put(number, b"") for number in range(1, FRAMES + 1))),
        "unusable",
        "No usable crop; 6 unreadable crops, the first is cropped_aligned/7/00001.jpg: expected a JPEG"
        " image, found an empty file; the name is not used; fetch or cut the crop again.",
        frames="1-6",
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
