"""What can be wrong with the pictures that crops are."""

from __future__ import annotations

from support.bad_corpora.case import (
    FRAMES,
    Case,
    damaged,
    huge_header,
    one_colour,
    picture,
    put,
    sparse,
    together,
)

CASES = [
    Case(
        "empty file",
        put(2, b""),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found an empty file; left out; download or make "
        "the crop again.",
        frames="2",
    ),
    Case(
        "truncated",
        put(2, picture()[: len(picture()) // 2]),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a whole image, found a damaged one; left out; download or "
        "make the crop again.",
        frames="2",
    ),
    Case(
        "damaged pixels",
        put(2, damaged()),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected undamaged pixels, found what libjpeg calls 'Corrupt JPEG data:"
        " 29"
        " extraneous bytes before marker 0xd9'; left out; download or make the crop again.",
        frames="2",
    ),
    Case(
        "text named jpg",
        put(2, b"<html>not found</html>"),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a text file; left out; download or make "
        "the crop again.",
        frames="2",
    ),
    Case(
        "noise named jpg",
        put(2, bytes(range(1, 200))),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found no header of one but"
        " b'\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08'; left out; download or make the crop again.",
        frames="2",
    ),
    Case(
        "GIF named jpg",
        put(2, picture("GIF", "P")),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a GIF file; left out; download or make "
        "the crop again.",
        frames="2",
    ),
    Case(
        "BMP named jpg",
        put(2, picture("BMP")),
        "repaired",
        "cropped_aligned/7: expected JPEG images in colour, found 1 BMP image, first frame 2; read as they"
        " are; save them as the others.",
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
        "cropped_aligned/7/00002.jpg: expected a whole image, found a damaged one; left out; download or "
        "make the crop again.",
        frames="2",
    ),
    Case(
        "BMP cut off",
        put(2, picture("BMP")[:20_000]),
        "repaired",
        "cropped_aligned/7/00002.jpg: expected a whole image, found a damaged one; left out; download or "
        "make the crop again.",
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
        "cropped_aligned/7/00002.jpg: expected a JPEG image, found a file of 60000000 bytes; left out; "
        "download or make the crop again.",
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
        " image, found an empty file; the name is not used; download or make the crop again.",
        frames="1-6",
    ),
]
