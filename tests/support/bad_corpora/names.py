"""What can be wrong with names and the folders that hold them."""

from __future__ import annotations

from support.bad_corpora.case import (
    CROPS,
    NFC,
    NFD,
    TRAIN,
    Case,
    another_name,
    lines,
    relink,
    remove,
    text,
    together,
)
from support.corpus import DATA

CASES = [
    Case(
        "crops without a list",
        lambda root: (root / CROPS / "spare").mkdir(),
        "unusable",
        "spare: expected a list or annotation that names this folder of crops, found none; the name is not"
        " used; add the annotation or list the name if it is wanted.",
        victim="spare",
    ),
    Case(
        "crops in another case",
        together(
            another_name("Video3"), lambda root: (root / CROPS / "Video3").rename(root / CROPS / "video3")
        ),
        "unusable",
        "Video3: expected a folder of crops in cropped_aligned, found only 'video3', which differs in case"
        " or Unicode form; the name is not used; rename that folder or the name, so that both are 'Video3'.",
        victim="Video3",
    ),
    Case(
        "crops in another Unicode form",
        together(another_name(NFC), lambda root: (root / CROPS / NFC).rename(root / CROPS / NFD)),
        "unusable",
        "café: expected a folder of crops in cropped_aligned, found only 'cafe\\u0301', which differs in"
        " case or Unicode form; the name is not used; rename that folder or the name, so that both are"
        " 'caf\\xe9'.",
        victim=NFC,
    ),
    Case(
        "in train and validation",
        text("VA_Set/Validation_Set/7.txt", lines()),
        "",
        "VA_Set/Validation_Set: expected every name in one subset only, found '7' in validation and, by"
        " VA_Set/Training_Set, in train; looked at as train; remove it from one of them.",
        victim="",
    ),
    Case(
        "no folder of crops",
        lambda root: (root / CROPS).rename(root / "crops"),
        "",
        "cropped_aligned: expected a folder with one folder of crops per name, found nothing there; set"
        " data.crops to its path, absolute or relative to root.",
        victim="",
    ),
    Case(
        "no folder of videos",
        remove("batch2"),
        "",
        "batch2: expected a folder of videos (.mp4, .avi, .mkv and so on), found nothing there; set"
        " data.videos to its path, absolute or relative to root ([] where there is none).",
        victim="",
    ),
    Case(
        "no validation",
        together(remove(DATA["validation"]), lambda root: (root / DATA["validation"]).mkdir()),
        "",
        "VA_Set/Validation_Set: expected annotation files named <name>.txt, found none; set data.train and"
        " data.validation to the folders that hold them.",
        victim="",
    ),
    Case(
        "no root",
        remove(""),
        "",
        "{above}/corpus: expected the data set's folder, found nothing there; set root to its path.",
        victim="",
    ),
    Case(
        "unsafe annotation name",
        text("VA_Set/Training_Set/a,b.txt", lines()),
        "",
        "VA_Set/Training_Set: expected annotation files named <name>.txt, found 'a,b' before .txt, and it"
        " holds a comma or a quotation mark, which separate fields; left out; rename or remove it.",
        victim="",
    ),
    Case(
        "annotation linked nowhere",
        relink("VA_Set/Training_Set/12.txt", "gone.txt"),
        "",
        "VA_Set/Training_Set/12.txt: expected an annotation file, found a broken link; left out,"
        " so there is no such name; put the file back.",
        victim="",
    ),
    Case(
        "folder for an annotation",
        lambda root: (root / TRAIN / "12.txt").mkdir(),
        "",
        "VA_Set/Training_Set/12.txt: expected an annotation file, found a folder; left out, so there is no"
        " such name; put the file back.",
        victim="",
    ),
    Case(
        "annotation with another ending",
        text("VA_Set/Training_Set/12.csv", lines()),
        "",
        "VA_Set/Training_Set: expected annotation files named <name>.txt, found also 1 other thing such as"
        " '12.csv'; left out; if it is an annotation, name it so.",
        victim="",
    ),
    Case(
        "names alike but for case",
        together(another_name("Video9")),
        "",
        "'Video9' (train): expected names that differ in more than case or Unicode form, found also 'video9'"
        " (train); taken for different videos of one person; rename one of them, or remove it if it is the"
        " same video.",
        victim="",
    ),
    Case(
        "names alike but for Unicode form",
        together(another_name(NFC), another_name(NFD)),
        "",
        "'cafe\\u0301' (train): expected names that differ in more than case or Unicode form, found also"
        " 'caf\\xe9' (train); taken for different videos of one person; rename one of them, or remove it if"
        " it is the same video.",
        victim="",
    ),
    Case(
        "two names, one folder",
        together(another_name("12"), relink("cropped_aligned/12", "7")),
        "",
        "cropped_aligned/12: expected crops of its own, found a link to those of '7'; both are looked at;"
        " put the crops of each name into a folder of its own.",
        victim="",
    ),
]
