"""What can be wrong with annotation files."""

from __future__ import annotations

from collections.abc import Iterable

from support.bad_corpora.case import FRAMES, Case, annotate, lines, together, video


def numbered(numbers: Iterable[int]) -> str:
    """An annotation file with a column of frame numbers."""
    header, *rows = lines().splitlines()
    return (
        "\n".join([f"frame,{header}", *(f"{n},{row}" for n, row in zip(numbers, rows, strict=True))]) + "\n"
    )


CASES = [
    Case(
        "no header",
        annotate("0.1,0.2\n" * 6),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 1: expected the header 'valence,arousal', found '0.1,0.2'; the name"
        " is not used; put the header on a line above the values.",
    ),
    Case(
        "swapped columns",
        annotate(lines(line1="arousal,valence")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'arousal,valence'; columns are taken by their names.",
    ),
    Case(
        "other header",
        annotate(lines(line1="Valence, Arousal")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'Valence, Arousal'; columns are taken by their names.",
    ),
    Case(
        "commas at line ends",
        annotate(lines().replace("\n", ",\n")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'valence,arousal,', a comma at the end of every line; columns are taken by their names.",
    ),
    Case(
        "frame column",
        annotate(numbered(range(1, FRAMES + 1))),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'frame,valence,arousal'; columns are taken by their names.",
    ),
    Case(
        "frame column from 0",
        annotate(numbered(range(FRAMES))),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 2: expected frame 1, as line k+1 is about frame k, found 0 in the"
        " column frame; the name is not used; add 1 to every number if they count from 0.",
        frames="1-6",
    ),
    Case(
        "frame column with a hole",
        annotate(numbered([1, 2, 4, 5, 6, 7])),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected frame 3, as line k+1 is about frame k, found 4 in the"
        " column frame; the name is not used; put the lines in the order of their frames, with one line for"
        " every frame.",
        frames="3-6",
    ),
    Case(
        "semicolons",
        annotate(lines().replace(",", ";")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'valence;arousal'; columns are taken by their names.",
    ),
    Case(
        "tabs",
        annotate(lines().replace(",", "\t")),
        "ok",
        "VA_Set/Training_Set/7.txt: expected the header 'valence,arousal' and two numbers a line, found the"
        " header 'valence\\tarousal'; columns are taken by their names.",
    ),
    Case(
        "semicolons in one line",
        annotate(lines(line4="0.1;0.2")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found semicolons in"
        " '0.1;0.2'; the name is not used; put commas between the columns.",
        frames="3",
    ),
    Case(
        "decimal commas",
        annotate(lines(line4="0,1,0,2")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found 4 columns"
        " ('0,1,0,2'); the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "missing value",
        annotate(lines(line4="0.1,")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found a missing value;"
        " the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "nan",
        annotate(lines(line4="nan,0.2")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found 'nan'; the name"
        " is not used; correct the line.",
        frames="3",
    ),
    Case(
        "inf",
        annotate(lines(line4="0.1,-inf")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found '-inf'; the name"
        " is not used; correct the line.",
        frames="3",
    ),
    Case(
        "word",
        annotate(lines(line4="0.1,high")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found 'high'; the name"
        " is not used; correct the line.",
        frames="3",
    ),
    Case(
        "out of range",
        annotate(lines(line4="0.1,1.5")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected values from -1 to 1, or -5 for a frame without"
        " annotation, found '0.1,1.5'; the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "percent",
        annotate(lines(line4="12,-30", line5="13,-31", line7="14,2")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected values from -1 to 1, or -5 for a frame without"
        " annotation, found '12,-30'; the name is not used; the file's values lie between -31 and 14, so"
        " divide all of them by 100 if they are on a scale from -100 to 100, or else correct the line and 2"
        " others, the last is line 7.",
        frames="3-4 6",
    ),
    Case(
        "three columns",
        annotate(lines(line4="0.1,0.2,0.3")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found 3 columns"
        " ('0.1,0.2,0.3'); the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "extra columns",
        annotate(lines().replace("\n", ",0\n").replace("valence,arousal,0", "valence,arousal,happy")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 1: expected the header 'valence,arousal', found"
        " 'valence,arousal,happy'; the name is not used; name the columns so, in the order in which they"
        " stand, and remove any but a column frame.",
    ),
    Case(
        "one column",
        annotate(lines(line4="0.1")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found 1 column"
        " ('0.1'); the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "blank line",
        annotate(lines(line4="")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected two numbers such as '0.25,-0.5', found a blank line"
        " before the last one; the name is not used; correct the line.",
        frames="3",
    ),
    Case(
        "byte order mark",
        annotate("\ufeff" + lines()),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected plain lines of two numbers, found a byte order mark; read "
        "anyway.",
    ),
    Case(
        "CRLF",
        annotate(lines().replace("\n", "\r\n")),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected plain lines of two numbers, found Windows line ends; read "
        "anyway.",
    ),
    Case(
        "CR",
        annotate(lines().replace("\n", "\r")),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected plain lines of two numbers, found Windows line ends; read "
        "anyway.",
    ),
    Case(
        "blank tail",
        annotate(lines() + "\n \n"),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected plain lines of two numbers, found 2 blank lines at the end;"
        " read anyway.",
    ),
    Case(
        "spaces",
        annotate(lines(line4=" 0.1, 0.2")),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected plain lines of two numbers, found spaces around the values;"
        " read anyway.",
    ),
    Case(
        "UTF-16",
        annotate(lines().encode("utf-16")),
        "unusable",
        "VA_Set/Training_Set/7.txt: expected an annotation file with the header 'valence,arousal' as UTF-8"
        " text, found UTF-16; the name is not used; save the file as UTF-8.",
    ),
    Case(
        "UTF-16 without mark",
        annotate(lines().encode("utf-16-le")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 1: expected an annotation file with the header 'valence,arousal' as"
        " UTF-8 text, found a zero byte; the name is not used; save the file as UTF-8.",
    ),
    Case(
        "Latin-1",
        annotate(lines(line4="caf\xe9,0").encode("latin-1")),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 4: expected an annotation file with the header 'valence,arousal' as"
        " UTF-8 text, found the byte 0xe9; the name is not used; save the file as UTF-8.",
    ),
    Case(
        "empty annotation",
        annotate(""),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 1: expected the header 'valence,arousal', found an empty file; the"
        " name is not used; download it again.",
    ),
    Case(
        "header alone",
        annotate("valence,arousal\n"),
        "unusable",
        "VA_Set/Training_Set/7.txt: expected an annotated frame that has a crop, found none; the name is not"
        " used; check whether annotation and crops belong together.",
    ),
    Case(
        "nothing annotated",
        annotate("valence,arousal\n" + "-5,-5\n" * 6),
        "unusable",
        "VA_Set/Training_Set/7.txt: expected an annotated frame that has a crop, found none; the name is not"
        " used; check whether annotation and crops belong together.",
    ),
    Case(
        "binary",
        annotate(bytes(range(256))),
        "unusable",
        "VA_Set/Training_Set/7.txt, line 2: expected an annotation file with the header 'valence,arousal' as"
        " UTF-8 text, found the byte 0x80; the name is not used; save the file as UTF-8.",
    ),
    Case(
        "more lines",
        together(annotate(lines(9)), video("batch1/7.avi", FRAMES)),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected a line for each of 6 frames, found 9 lines; the lines beyond"
        " them are left out; check whether annotation and video belong together.",
        frames="7-9",
    ),
    Case(
        "fewer lines",
        annotate(lines(4)),
        "repaired",
        "VA_Set/Training_Set/7.txt: expected a line for each of 6 frames, found 4 lines; 2 crops beyond them"
        " left out; check whether annotation and video belong together.",
        frames="5-6",
    ),
    Case(
        "one annotation missing",
        annotate(lines(line4="-5,0.2")),
        "ok",
        "",
    ),
]
