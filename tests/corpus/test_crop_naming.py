"""How crops are named and counted: file names of frames, and what is found in folders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.crop_naming import CropNaming, count_zeros, find_crop_naming
from mimamo.errors import ConfigError
from support.corpus import write_text


def folders_of(root: Path, names: dict[str, list[str]]) -> list[Path]:
    """Make folders with empty files of these names."""
    for folder, files in names.items():
        (root / folder).mkdir(parents=True)
        for file in files:
            write_text(root / folder / file, "")
    return [root / folder for folder in names]


def many(form: str, numbers=range(1, 12)) -> list[str]:
    return [form % number for number in numbers]


NAMINGS = st.builds(
    CropNaming,
    prefix=st.sampled_from(["", "frame", "frame_det_00_", "a.b-"]),
    digits=st.integers(1, 9),
    suffix=st.sampled_from([".jpg", ".JPG", ".jpeg", ".png", ".bmp"]),
    first=st.integers(0, 1),
)


@given(NAMINGS, st.integers(1, 2_000_000))
def test_the_frame_of_a_file_name_is_the_one_it_was_made_for(naming, frame):
    assert naming.frame(naming.file_name(frame)) == frame
    assert CropNaming.from_pattern(naming.pattern, naming.first) == naming


@pytest.mark.parametrize(
    ("pattern", "file", "frame"),
    [
        ("%05d.jpg", "00007.jpg", 7),
        ("%05d.jpg", "100000.jpg", 100_000),
        ("%05d.jpg", "000007.jpg", None),
        ("%05d.jpg", "7.jpg", None),
        ("%05d.jpg", "00007.JPG", None),
        ("%05d.jpg", "00000.jpg", 0),
        ("%05d.jpg", "0000７.jpg", None),
        ("%d.png", "7.png", 7),
        ("%d.png", "07.png", None),
        ("%d.png", "0.png", 0),
        ("frame_det_00_%06d.bmp", "frame_det_00_000012.bmp", 12),
        ("frame_det_00_%06d.bmp", "frame_det_01_000012.bmp", None),
    ],
)
def test_file_names_of_a_pattern(pattern, file, frame):
    assert CropNaming.from_pattern(pattern).frame(file) == frame


def test_the_first_frame_has_the_first_number():
    assert CropNaming(first=0).frame("00000.jpg") == 1
    assert CropNaming(first=0).example == "00000.jpg"
    assert CropNaming().example == "00001.jpg"


@pytest.mark.parametrize(
    "pattern", ["00001.jpg", "%05d", "%05d.gif", "%05d_%05d.jpg", "a/%05d.jpg", "%s.jpg"]
)
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(ConfigError, match=r"data.crop_names is .*, expected auto or a pattern such as"):
        CropNaming.from_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["%05d.jpg", "%06d.jpg", "%05d.JPG", "%05d.jpeg", "%05d.png", "%06d.BMP", "frame%05d.jpg", "%01d.jpg",
     "frame_det_00_%06d.bmp"],
)  # fmt: skip
@pytest.mark.parametrize("first", [0, 1])
def test_the_pattern_of_all_names_is_found(tmp_path, pattern, first):
    numbers = range(first, first + 12)
    folders = folders_of(tmp_path, {f"video{n}": [*many(pattern, numbers), ".DS_Store"] for n in range(30)})
    assert find_crop_naming(folders) == CropNaming.from_pattern(pattern, first)


def test_most_folders_decide_and_empty_ones_have_no_vote(tmp_path):
    names = {f"empty{n}": ["notes.txt"] for n in range(20)}
    names |= {"odd": many("%06d.png"), **{f"video{n}": many("%05d.jpeg") for n in range(3)}}
    assert find_crop_naming(folders_of(tmp_path, names)).pattern == "%05d.jpeg"
    assert find_crop_naming([]) == find_crop_naming([tmp_path / "nowhere"]) == CropNaming()


def test_of_as_many_folders_the_usual_pattern_decides(tmp_path):
    folders = folders_of(tmp_path, {"a": many("%04d.bmp"), "b": many("%05d.jpg")})
    assert find_crop_naming(folders) == CropNaming()


def test_numbers_beyond_the_padding_do_not_change_the_pattern(tmp_path):
    folders = folders_of(tmp_path, {"a": many("%05d.jpg", [1, *range(99_999, 100_020)])})
    assert find_crop_naming(folders) == CropNaming()


def test_crops_count_from_0_only_where_all_do(tmp_path):
    names = {"a": many("%05d.jpg", range(4)), "b": many("%05d.jpg", range(4)), "none": []}
    folders = folders_of(tmp_path, names)
    assert find_crop_naming(folders).first == 0
    (tmp_path / "b" / "00000.jpg").unlink()
    assert find_crop_naming(folders).first == 1
    assert count_zeros(folders, CropNaming()) == (1, 1)
    assert find_crop_naming(folders, first=0).first == 0


def test_what_the_configuration_says_is_not_looked_for(tmp_path):
    folders = folders_of(tmp_path, {"a": many("%06d.png", range(4))})
    assert find_crop_naming(folders, "x%05d.bmp", 1) == CropNaming("x", 5, ".bmp", 1)
    assert find_crop_naming(folders, "auto", 1) == CropNaming("", 6, ".png", 1)
