"""What a server compares as text has to be exactly as it says; numbers may be written in any way."""

import pytest

from mimamo.submission.parse import SINGLE_HEADER
from mimamo.submission.validate import validate
from support.archives import packed
from support.submission import LENGTHS, at, edit, problems


@pytest.mark.parametrize(
    "place",
    [
        "105/000003.jpg", "105/3.jpg", "105/00003.JPG", "105/00003.jpeg", "105/00003.png", " 105/00003.jpg",
        "105/00003.jpg ",
    ],
)  # fmt: skip
def test_a_frame_under_another_text_is_refused(good, place):
    path = good / "predictions.txt"
    edit(path, at(3, f"{place},0,0"))
    # One sentence: the rows after it are where they belong.
    assert problems(path) == (
        "predictions.txt, line 4: expected 105/00003.jpg, which servers compare as text, found " + repr(place)
    )


def test_a_frame_beyond_five_digits_has_six(tmp_path):
    path = tmp_path / "predictions.txt"
    rows = [f"105/{frame:05d}.jpg,0.1,{frame % 7 / 10}" for frame in range(1, 100_002)]
    path.write_text("\n".join([SINGLE_HEADER, *rows, ""]))
    assert "105/100001.jpg" in rows[-1] and problems(path, {"105": 100_001}) == ""


@pytest.mark.parametrize("header", ["Image_Location,valence,arousal", "image_location, valence, arousal"])
def test_the_columns_of_the_one_text_are_found_by_their_exact_names(good, header):
    edit(good / "predictions.txt", at(0, header))
    assert f"line 1: expected exactly the header {SINGLE_HEADER}" in problems(good / "predictions.txt")


def test_a_byte_order_mark_is_part_of_the_first_name_in_the_one_text(good):
    path = good / "predictions.txt"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "predictions.txt: starts with a byte order mark" in problems(path)


@pytest.mark.parametrize("values", ["1,0", "1.0,0.0", "+1.000,-0", "1e0,.0", "-5,-5.0", "-5.000000,-5"])
def test_numbers_may_be_written_in_any_way(good, values):
    for path, row in (("per_video/105.txt", values), ("predictions.txt", f"105/00003.jpg,{values}")):
        edit(good / path, at(3, row))
    assert problems(good) == ""


def test_windows_line_ends_are_noted_in_the_one_text(good):
    path = good / "predictions.txt"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    check = validate(path, LENGTHS)
    assert check.valid and any("CRLF" in note for note in check.notes)


@pytest.mark.parametrize(
    ("name", "meant"), [("VIDEO2_left", "video2_left"), ("105.mp4", "105"), ("other", None)]
)
def test_a_name_under_another_text_is_refused_and_the_right_one_suggested(good, name, meant):
    (good / "per_video" / f"{meant or '105'}.txt").rename(good / "per_video" / f"{name}.txt")
    said = problems(good / "per_video")
    assert f"expected only names of the test set, found {name}" in said
    assert (f"{meant} is probably meant" in said) == (meant is not None)


def test_another_ending_than_txt_is_not_read(tmp_path):
    path = packed(tmp_path / "s.zip", {"105.TXT": "valence,arousal\n0,0\n"})
    check = validate(path, {"105": 1})
    assert not check.valid and "105.TXT is not a .txt file and was not read" in check.notes
