"""Nothing to submit, names of unknown length and predictions that are all the same."""

import pytest

from mimamo.cli import main
from mimamo.errors import InputError
from mimamo.submission.validate import validate
from support.archives import packed
from support.commands import sentence

HEADER = "valence,arousal\n"


def test_without_expected_names_nothing_is_valid(good):
    with pytest.raises(InputError, match="found none, so there is nothing to submit"):
        validate(good, {})


def test_a_run_without_a_test_list_is_told_by_the_command(stage, capsys):
    (stage / "gaps.csv").write_text("name,length\n")
    assert main(["validate", str(stage / "submission"), "--expected", str(stage / "gaps.csv")]) == 1
    assert "there is nothing to submit; give a list of them, or set data.test_list" in sentence(capsys)


def test_a_run_without_test_names_has_no_table_of_them_which_is_told(good, tmp_path, capsys):
    assert main(["validate", str(good), "--expected", str(tmp_path / "none/gaps.csv")]) == 1
    assert "A run without test names has none, as there is nothing to submit" in sentence(capsys)


def test_headers_alone_are_not_valid(tmp_path):
    path = packed(tmp_path / "s.zip", {"105.txt": HEADER, "106.txt": HEADER})
    for lengths in ({"105": None, "106": None}, {"105": 3, "106": 3}, {"105": 0, "106": 0}):
        check = validate(path, lengths)
        assert not check.valid and "there is nothing to submit" in " ".join(check.problems)
        assert set(check.table["verdict"]) == {"wrong"}
        assert check.summary() == "NOT valid, nothing to submit: there is no line with values"


def test_a_name_of_unknown_length_is_not_valid(tmp_path):
    path = packed(tmp_path / "s.zip", {"105.txt": f"{HEADER}0,0\n", "106.txt": f"{HEADER}0,0.1\n"})
    assert validate(path, {"105": 1, "106": 1}).valid
    check = validate(path, {"105": 1, "106": None})
    assert check.problems == [
        "106: expected a known number of frames, found none, so its lines cannot be counted; give its length"
        " in data.frame_list, or correct the name in data.test_list"
    ]


def test_values_that_are_all_the_same_are_noted(tmp_path):
    texts = {"105.txt": f"{HEADER}-5,-5\n0.25,0\n", "106.txt": f"{HEADER}0.25,0.1\n"}
    check = validate(packed(tmp_path / "s.zip", texts), {"105": 2, "106": 1})
    assert check.valid
    assert check.notes == ["every valence in the submission is 0.25, as of a network that learned nothing"]
    texts["106.txt"] = f"{HEADER}0.25,0\n"
    check = validate(packed(tmp_path / "s.zip", texts), {"105": 2, "106": 1})
    assert check.valid and [note.split()[1] for note in check.notes] == ["valence", "arousal"]
