"""What can be wrong with containers, lists, names and folders."""

from __future__ import annotations

from bad_corpora import (
    CROPS,
    FRAMES,
    NFC,
    NFD,
    ROOT_ROW,
    TRAIN,
    Case,
    another_name,
    lines,
    overstated,
    relink,
    remove,
    text,
    together,
    video,
)
from small_corpus import DATA

CASES = [
    Case(
        "not a video",
        text("batch1/7.mp4", "not a video"),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "empty video",
        text("batch1/7.mp4", ""),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "video folder",
        lambda root: (root / "batch1/7.mp4").mkdir(),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "video linked nowhere",
        lambda root: (root / "batch1/7.mp4").symlink_to("nowhere.mp4"),
        "repaired",
        "batch1/7.mp4: expected a video, found a file that cannot be opened as one; done without it; fetch"
        " it again.",
    ),
    Case(
        "header says more",
        overstated,
        "repaired",
        "batch1/7.avi: expected the 9 frames that its header says, found 6 that can be decoded; the decoded"
        " ones count; fetch it again if it should be whole.",
    ),
    Case(
        "two videos",
        together(video("batch1/7.avi", FRAMES), video("batch2/7.avi", FRAMES)),
        "repaired",
        "batch1/7.avi: expected one container of 7, found also batch2/7.avi; this one is taken; remove the"
        " others.",
    ),
    Case(
        "length unknown",
        text("frames.txt", "106 3\n"),
        "repaired",
        "105: expected a length that reaches its highest crop, 6, found none in any list or container; the"
        " video ends at the highest crop; name its length in data.frame_list.",
        victim="105",
    ),
    Case(
        "length too short",
        text("frames.txt", "105 3\n"),
        "repaired",
        "105: expected a length that reaches its highest crop, 6, found 3 (frame_list); the video ends at"
        " the highest crop; name its length in data.frame_list.",
        victim="105",
    ),
    Case(
        "nothing of a test name",
        together(text(DATA["test_list"], "105\nvideo3\n"), text("frames.txt", "105 6\n")),
        "unusable",
        "video3: expected a list, container or crop that tells its length, found none; the name is not used;"
        " name its length in data.frame_list.",
        victim="video3",
    ),
    Case(
        "sample without the name",
        text("sample.txt", ROOT_ROW.replace("105", "106")),
        "repaired",
        "sample.txt: expected the test name '105', found no line of it; done without it; see that the lists"
        " are of one edition.",
        victim="105",
        data={"sample_list": "sample.txt"},
    ),
    Case(
        "sample with a gap",
        text("sample.txt", ROOT_ROW.replace("105/00003.jpg\n", "")),
        "repaired",
        "sample.txt: expected 6 frames of '105', found 5; rows for all of them; see that the list is whole.",
        frames="3",
        victim="105",
        data={"sample_list": "sample.txt"},
    ),
    Case(
        "name of the sample alone",
        text("sample.txt", ROOT_ROW + "video5/00001.jpg\n"),
        "unusable",
        "sample.txt: expected names of data.test_list, found 'video5'; the name is not used; add it to"
        " data.test_list.",
        victim="video5",
        data={"sample_list": "sample.txt"},
    ),
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
        "in train and test",
        text(DATA["test_list"], "105\n7\n"),
        "",
        "test_set_VA_Challenge.txt: expected every name in one subset only, found '7' in test and, by"
        " VA_Set/Training_Set, in train; looked at as train; take it out of one of them.",
        victim="",
    ),
    Case(
        "in train and validation",
        text("VA_Set/Validation_Set/7.txt", lines()),
        "",
        "VA_Set/Validation_Set: expected every name in one subset only, found '7' in validation and, by"
        " VA_Set/Training_Set, in train; looked at as train; take it out of one of them.",
        victim="",
    ),
    Case(
        "twice in the list",
        text(DATA["test_list"], "105\n\n105\n"),
        "",
        "test_set_VA_Challenge.txt, line 3: expected each name once, found '105' again after line 1; the"
        " line is left out; remove one of the two lines.",
        victim="",
    ),
    Case(
        "unsafe name in the list",
        text(DATA["test_list"], "105\n../7\n"),
        "",
        "test_set_VA_Challenge.txt, line 2: expected a name that can be a file's name, found '../7', and it"
        " begins with '.'; the line is left out; correct the line.",
        victim="",
    ),
    Case(
        "UTF-16 list",
        text(DATA["test_list"], "105\n".encode("utf-16")),
        "",
        "test_set_VA_Challenge.txt: expected a list with one test name a line as UTF-8 text, found UTF-16;"
        " save the file as UTF-8.",
        victim="",
    ),
    Case(
        "empty list",
        text(DATA["test_list"], "\n"),
        "",
        "test_set_VA_Challenge.txt: expected a list with one test name a line, found no name; set"
        " data.test_list to the right file or null.",
        victim="",
    ),
    Case(
        "no list",
        remove(DATA["test_list"]),
        "",
        "test_set_VA_Challenge.txt: expected a text file, found nothing there; set data.test_list to its"
        " path, absolute or relative to root, or to null where there is none.",
        victim="",
    ),
    Case(
        "folder for a list",
        together(remove(DATA["test_list"]), lambda root: (root / DATA["test_list"]).mkdir()),
        "",
        "test_set_VA_Challenge.txt: expected a text file, found a folder; set data.test_list to its path,"
        " absolute or relative to root, or to null where there is none.",
        victim="",
    ),
    Case(
        "list linked nowhere",
        relink(DATA["test_list"], "nowhere.txt"),
        "",
        "test_set_VA_Challenge.txt: expected a text file, found a link that leads nowhere; set"
        " data.test_list to its path, absolute or relative to root, or to null where there is none.",
        victim="",
    ),
    Case(
        "bad line of lengths",
        text("frames.txt", "105 six\n"),
        "",
        "frames.txt, line 1: expected a name and its number of frames (1 to 5184000), such as 'video86_2"
        " 1500', found '105 six'; the list is not used; correct the line.",
        victim="",
    ),
    Case(
        "sample without header",
        text("sample.txt", "105/00001.jpg\n"),
        "",
        "sample.txt, line 1: expected the header 'image_location,valence,arousal' or 'image_location', found"
        " '105/00001.jpg'; the list is not used; set data.sample_list to the challenge's sample file.",
        victim="",
        data={"sample_list": "sample.txt"},
    ),
    Case(
        "bad groups",
        text("groups.csv", "name;group\n7;x\n"),
        "",
        "groups.csv, line 1: expected the columns name,group, found ['name;group']; the list is not used;"
        " correct the header.",
        victim="",
        data={"groups": "groups.csv"},
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
        "batch2: expected a folder of .mp4 and .avi files, found nothing there; set data.videos to its path,"
        " absolute or relative to root ([] where there is none).",
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
        "VA_Set/Training_Set/12.txt: expected an annotation file, found a link that leads nowhere; left out,"
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
