"""A table of labels, with crops, in the workflow's layout."""

import os
import re

import pytest

from mimamo.cli import main
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import list_crops, read_crop
from support.imports import write_images, write_table

ROWS = [("a", 3, 5, 1), ("a", 1, 3, 2), ("b c", 1, "", ""), ("b c", 2, 1, 4.5)]


@pytest.fixture
def crops(tmp_path):
    write_images(tmp_path / "crops/a", ["00001.jpg", "00002.JPG", "frame_det_00_000003.png"])
    write_images(tmp_path / "crops/b c", ["1.bmp", "notes_1.gif.jpg"][:1])
    return tmp_path / "crops"


@pytest.fixture
def bring(crops, tmp_path, capsys):
    """Return a function that imports a table; gives the exit code and what was told."""

    def run(*options: str, rows=ROWS, header: str = "name,frame,valence,arousal", range_: str = "1,5"):
        table = write_table(tmp_path / "values.csv", rows, header)
        arguments = [table, tmp_path / "out", "--crops", crops, "--range", range_, *options]
        code = main(["import", *map(str, arguments)])
        return code, capsys.readouterr().err

    return run


def test_values_are_brought_to_the_range_and_crops_are_linked(bring, crops, tmp_path):
    code, told = bring()
    assert code == 0
    out = tmp_path / "out"
    assert (out / "annotations/a.txt").read_text() == "valence,arousal\n0,-0.5\n-5,-5\n1,-1\n"
    assert (out / "annotations/b c.txt").read_text() == "valence,arousal\n-5,-5\n-1,0.75\n"
    assert list_crops(out / "cropped_aligned/a", CropNaming()).numbers == [1, 2, 3]
    # A JPEG is not written anew, and takes no room.
    assert os.path.samefile(out / "cropped_aligned/a/00002.jpg", crops / "a/00002.JPG")
    assert abs(int(read_crop(out / "cropped_aligned/a/00003.jpg").mean()) - 52) <= 1
    assert list_crops(out / "cropped_aligned/b c", CropNaming()).numbers == [1]
    assert "frames are counted from 1" in told and "values of 1 to 5 became -1.000 to 1.000" in told
    assert "1 labelled frames have no crop" in told


def test_frames_counted_from_0_become_1_where_that_is_said(bring, crops, tmp_path):
    write_images(crops / "z", ["0.jpg", "1.jpg"])
    rows = [("z", 0, 3, 3), ("z", 1, 5, 5)]
    code, told = bring(rows=rows)
    assert (
        code == 1
        and "line 2: expected frame numbers from 1 on, found 0" in told
        and "--first-frame 0" in told
    )
    code, told = bring("--first-frame", "0", rows=rows)
    assert code == 0
    assert (tmp_path / "out/annotations/z.txt").read_text() == "valence,arousal\n0,0\n1,1\n"
    assert list_crops(tmp_path / "out/cropped_aligned/z", CropNaming()).numbers == [1, 2]
    assert os.path.samefile(tmp_path / "out/cropped_aligned/z/00001.jpg", crops / "z/0.jpg")
    assert "2 folders not in the table, such as 'a', left out" in told


def test_columns_are_taken_by_name(bring, tmp_path):
    header, rows = " Arousal,face,NAME,valence,frame", [(1, "x", "a", 5, 2)]
    assert bring(rows=rows, header=header)[0] == 0
    assert (tmp_path / "out/annotations/a.txt").read_text() == "valence,arousal\n-5,-5\n1,-1\n-5,-5\n"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("a", 1, 6, 1)], "line 2: a frame 1: expected values from 1 to 5, found 6"),
        ([("a", 1, -5, -5)], "found -5; leave both values empty"),
        ([("a", 1, "", 2)], "line 2: a frame 1, valence: expected a number, found ''"),
        ([("a", 1, "nan", 2)], "valence: expected a number, found 'nan'"),
        ([("a", "1.0", 2, 2)], "expected a frame's number, found '1.0'"),
        ([("a", 10**8, 2, 2)], "expected frame numbers from 1 on, found 100000000"),
        ([("../a", 1, 2, 2)], "line 2: expected a name, but it begins with '.'"),
        ([("a", 1, 2)], "expected a field for every column, found none for arousal"),
        (
            [("a", 1, 2, 2), ("a", "01", 3, 3)],
            "line 3: expected every frame once, found that of line 2 again",
        ),
        ([('"a', 1, 2, 2), ("a", 1, 2, 2)], "line 2: expected a field for every column"),
        ([("d", 1, 2, 2)], "crops/d: expected a folder of aligned crops, found none"),
        ([], "expected lines below the header"),
    ],
)
def test_a_fault_is_told_with_its_line_and_leaves_nothing(bring, tmp_path, rows, fault):
    code, told = bring(rows=rows)
    assert code == 1 and re.search(re.escape(fault), told), told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["crops", "values.csv"]


def test_two_crops_of_a_frame_are_refused(bring, crops):
    (crops / "a/1.png").touch()
    code, told = bring()
    assert code == 1 and "expected one crop of a frame, found 00001.jpg as well" in told


@pytest.mark.parametrize("header", ["name,frame,valence", "name,frame,valence,arousal,Valence"])
def test_a_missing_or_doubled_column_is_told(bring, header):
    code, told = bring(header=header)
    assert code == 1 and "line 1: expected each of the columns name, frame, valence, arousal once" in told


def test_a_range_that_is_far_too_wide_is_noticed(bring):
    code, told = bring(rows=[("a", 1, 0.3, 0.9), ("a", 2, -0.5, 0.1)], range_="-10,10")
    assert code == 0 and told.count("all values lie within a fifth of the stated range, -10 to 10") == 2
