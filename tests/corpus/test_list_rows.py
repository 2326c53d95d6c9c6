"""Lists with more than names: taken where only one reading is possible."""

import time
from contextlib import suppress

import pytest

from mimamo.corpus.list_rows import is_header, meant_name
from mimamo.corpus.lists import (
    read_frame_list,
    read_groups,
    read_sample_list,
    read_test_list,
    scan_test_list,
)
from mimamo.errors import InputError
from support.corpus import write_text

#: Names that have crops.
KNOWN = ("105", "video2_left", "102-30-640x360", "my clip")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "list.txt"


@pytest.mark.parametrize(
    ("text", "names", "unusual"),
    [
        ("105\nvideo2_left\n", ["105", "video2_left"], []),
        ("105 \nvideo2_left\n", ["105", "video2_left"], ["spaces around 1 name"]),
        ("video_name\n105\n9\n", ["105", "9"], ["the header 'video_name' in line 1"]),
        ("\nName\n105\n", ["105"], ["the header 'Name' in line 2"]),
        ("105.mp4\nnocrops.AVI\n", ["105", "nocrops"], ["names with a suffix such as '105.mp4'"]),
        ("my clip.mp4\n", ["my clip"], ["names with a suffix such as 'my clip.mp4'"]),
        ("105,1500\n9,20\n", ["105", "9"], ["2 columns (names in column 1)"]),
        ("105;1500\nvideo2_left;20\n", ["105", "video2_left"], ["2 columns (names in column 1)"]),
        ("1\t105\n2\tvideo2_left\n", ["105", "video2_left"], ["2 columns (names in column 2)"]),
        ("105 1500\nvideo2_left 20\n", ["105", "video2_left"], ["2 columns (names in column 1)"]),
        ("9,\n8,\n", ["9", "8"], ["2 columns (names in column 1)"]),
        (
            "id;video\n1;105.mp4\n2;9.avi\n",
            ["105", "9"],
            [
                "2 columns (names in column 2)",
                "the header 'video' in line 1",
                "names with a suffix such as '105.mp4'",
            ],
        ),
        (
            "frames,video\n105,9.mp4\n",
            ["9.mp4"],
            ["2 columns (names in column 2)", "the header 'video' in line 1"],
        ),
        ("my clip\nyour clip\n", ["my clip", "your clip"], []),
    ],
)
def test_a_test_list_is_read_where_only_one_reading_is_possible(path, text, names, unusual):
    found = read_test_list(write_text(path, text), KNOWN)
    assert found.content == names
    assert found.unusual == unusual
    assert bool(found.wrong) == bool(unusual)


@pytest.mark.parametrize(
    ("text", "known", "names"),
    [
        # A folder is called so, or nothing is known of either reading.
        ("105.mp4\n9.mp4\n", ("105.mp4", "105"), ["105.mp4", "9.mp4"]),
        ("105.mp4\n9.mp4\n", (), ["105.mp4", "9.mp4"]),
        ("105.mp4\n9\n", ("105", "9"), ["105.mp4", "9"]),
        ("name\n105\n", ("name", "105"), ["name", "105"]),
        ("105 9\n9 105\n", ("105", "9"), ["105 9", "9 105"]),
        ("clip 1\nclip 2\n", ("105",), ["clip 1", "clip 2"]),
    ],
)
def test_a_test_list_stays_as_it_is_where_more_readings_are_possible(path, text, known, names):
    found = read_test_list(write_text(path, text), known)
    assert found.content == names and not found.unusual


def test_a_line_that_is_no_name_is_told_with_the_name_that_is_meant(path):
    found, faults = scan_test_list(write_text(path, "105\nvideo2_left,20\n9,20\n"), KNOWN)
    assert found.content == ["105"]
    assert [str(fault).partition("; ")[2] for fault in faults] == [
        "write 'video2_left' if that is meant.",
        "correct the line.",
    ]


def test_a_list_of_a_header_alone_has_no_name(path):
    with pytest.raises(InputError, match=r"found no name; set data.test_list to the right file or null"):
        read_test_list(write_text(path, "video_name\n"))


@pytest.mark.parametrize(
    ("text", "lengths", "unusual"),
    [
        ("105 10\n", {"105": 10}, []),
        ("105;10;\n9;20;\n", {"105": 10, "9": 20}, []),
        ("105.mp4 10\n9.mp4 20\n", {"105": 10, "9": 20}, ["names with a suffix such as '105.mp4'"]),
        ("name,frames\n105,10\n", {"105": 10}, ["the header 'name,frames' in line 1"]),
        ("Video number_of_frames\n105 10\n", {"105": 10}, ["the header 'Video number_of_frames' in line 1"]),
        ("fps;Frame Count;file\n30;10;105\n", {"105": 10}, ["the header 'fps;Frame Count;file' in line 1"]),
        ("my clip 10\n", {"my clip": 10}, []),
    ],
)
def test_a_list_of_lengths_is_read_by_its_headings(path, text, lengths, unusual):
    found = read_frame_list(write_text(path, text), KNOWN)
    assert found.content == lengths and found.unusual == unusual


def test_three_columns_without_a_header_are_no_name_with_a_space(path):
    with pytest.raises(InputError, match=r"line 1: expected a name and its number .*found '105 1500 30'"):
        read_frame_list(write_text(path, "105 1500 30\n"), KNOWN)


def test_a_sample_and_groups_are_read_alike(path):
    sample = write_text(path, "Image_Location, Valence, Arousal,\n105.mp4/00001.jpg,0,0\n")
    found = read_sample_list(sample, KNOWN)
    assert found.content == {"105": {1}}
    assert found.unusual[1:] == ["names with a suffix such as '105.mp4'"] and "Valence" in found.wrong
    found = read_groups(write_text(path, "Group;Name\nanna;105.mp4\nben;9.mp4\n"), KNOWN)
    assert found.content == {"105": "anna", "9": "ben"}
    assert found.unusual == ["the header 'Group;Name'", "names with a suffix such as '105.mp4'"]


@pytest.mark.parametrize("field", ["name", "Video_Name", '"video"', "Test Set", "filename", "id"])
def test_headings_of_names(field):
    assert is_header(field)


@pytest.mark.parametrize("field", ["105", "video86_2", "5-60-1920x1080-1", "anna", "test", "clip 1", ""])
def test_names_are_no_headings(field):
    assert not is_header(field)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("105.mp4", "105"),
        ("105,1500", "105"),
        ("105 1500", "105"),
        ("vidoe2_left", "video2_left"),
        ("x", None),
    ],
)
def test_the_name_that_is_meant(entry, name):
    assert meant_name(entry, KNOWN) == name


@pytest.mark.parametrize(
    "line", ["n--" * 1300 + "x", "video " * 600 + "1", "105" + " " * 4000 + "b c", "a, " * 1300]
)
def test_long_lines_are_quick(path, line):
    """Patterns that match a text in many ways take minutes for it."""
    began = time.process_time()
    for read in (read_test_list, read_frame_list, read_groups):
        with suppress(InputError):
            read(write_text(path, f"{line}\n{line}\n"), KNOWN)
    assert time.process_time() - began < 5
