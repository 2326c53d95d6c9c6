"""What can be wrong with lists of names, lengths and people."""

from __future__ import annotations

from support.bad_corpora.case import ROOT_ROW, Case, relink, remove, text, together
from support.corpus import DATA

CASES = [
    Case(
        "length unknown",
        text("frames.txt", "106 3\n"),
        "repaired",
        "105: expected a length that reaches its highest crop, 6, found none in any list or container; the"
        " video ends at the highest crop; give its length in data.frame_list.",
        victim="105",
    ),
    Case(
        "length too short",
        text("frames.txt", "105 3\n"),
        "repaired",
        "105: expected a length that reaches its highest crop, 6, found 3 (frame_list); the video ends at"
        " the highest crop; give its length in data.frame_list.",
        victim="105",
    ),
    Case(
        "nothing of a test name",
        together(text(DATA["test_list"], "105\nvideo3\n"), text("frames.txt", "105 6\n")),
        "unusable",
        "video3: expected a list, container or crop that gives its length, found none; the name is not used;"
        " give its length in data.frame_list.",
        victim="video3",
    ),
    Case(
        "sample without the name",
        text("sample.txt", ROOT_ROW.replace("105", "106")),
        "repaired",
        "sample.txt: expected the test name '105', found no line of it; the list is ignored for it; "
        "check that the lists belong to the same edition.",
        victim="105",
        data={"sample_list": "sample.txt"},
    ),
    Case(
        "sample with a gap",
        text("sample.txt", ROOT_ROW.replace("105/00003.jpg\n", "")),
        "repaired",
        "sample.txt: expected 6 frames of '105', found 5; rows for all of them; check that the list is "
        "complete.",
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
        "in train and test",
        text(DATA["test_list"], "105\n7\n"),
        "",
        "test_set_VA_Challenge.txt: expected every name in one subset only, found '7' in test and, by"
        " VA_Set/Training_Set, in train; looked at as train; remove it from one of them.",
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
        "test_set_VA_Challenge.txt: expected a text file, found a broken link; set"
        " data.test_list to its path, absolute or relative to root, or to null where there is none.",
        victim="",
    ),
    Case(
        "header and suffix in the list",
        text(DATA["test_list"], "video_name\n105.mp4\n"),
        "",
        "test_set_VA_Challenge.txt: expected one test name a line and nothing else, found the header"
        " 'video_name' in line 1 and names with a suffix such as '105.mp4'; read as names such as '105'; "
        "check that these are the right names.",
        victim="",
    ),
    Case(
        "columns in the list",
        text(DATA["test_list"], "105,6\n"),
        "",
        "test_set_VA_Challenge.txt: expected one test name a line and nothing else, found 2 columns (names"
        " in column 1); read as names such as '105'; check that these are the right names.",
        victim="",
    ),
    Case(
        "header of lengths",
        text("frames.txt", "name,frames\n105,6\n"),
        "",
        "frames.txt: expected a name and its number of frames a line and nothing else, found the header"
        " 'name,frames' in line 1; read as names such as '105'; check that these are the right names.",
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
        text("groups.csv", "name group\n7 x\n"),
        "",
        "groups.csv, line 1: expected the columns name,group, found ['name group']; the list is not used;"
        " correct the header.",
        victim="",
        data={"groups": "groups.csv"},
    ),
]
