from pathlib import Path

import pytest

from mimamo.cli import main
from mimamo.errors import InputError
from mimamo.storage.files import read_csv
from mimamo.submission.validate import expected_from_frame_list, validate
from support.submission import LENGTHS, at, edit, problems


@pytest.mark.parametrize("form", ["", "submission.zip", "predictions.txt", "per_video"])
def test_every_form_validates(good, form):
    check = validate(good / form, LENGTHS)
    assert check.valid, check.problems
    table = check.table.set_index("name")
    assert table["lines"].to_dict() == LENGTHS == table["expected"].to_dict()
    assert table["minus_five_share"].to_dict() == {"105": 0.5, "5-60-1920x1080-1": 0, "video2_left": 1}
    assert table["verdict"].to_dict() == {"105": "ok", "5-60-1920x1080-1": "ok", "video2_left": "note"}
    assert check.notes == ["video2_left: every line is -5"]
    assert "valid: 3 names, 19 lines, 26.32% of them -5" in check.summary()


def test_missing_and_unexpected_names_are_found(good):
    (good / "per_video" / "105.txt").rename(good / "per_video" / "106.txt")
    check = validate(good / "per_video", LENGTHS)
    assert "105: expected 4 lines with values, found no such name" in check.problems
    assert "106.txt: expected only names of the test set, found 106" in check.problems
    assert check.table["name"].tolist() == ["105", "106", "5-60-1920x1080-1", "video2_left"]
    assert check.table["expected"].isna().tolist() == [False, True, False, False]


def test_name_twice_is_found(good):
    (good / "per_video" / "more").mkdir()
    (good / "per_video" / "more" / "105.txt").write_bytes((good / "per_video" / "105.txt").read_bytes())
    assert "more/105.txt: expected one text for 105, found 105.txt as well" in problems(good / "per_video")


def test_forms_that_disagree_are_found(good):
    edit(good / "predictions.txt", at(4, "105/00004.jpg,0.5,0.5"))
    assert "predictions.txt: expected for 105 what per_video/105.txt says, found other values" in problems(
        good
    )


def test_minus_five_after_a_prediction_is_noted(good):
    edit(good / "per_video" / "105.txt", at(4, "-5,-5"))
    assert "105: -5 stands after the first prediction" in " ".join(
        validate(good / "per_video", LENGTHS).notes
    )


def test_nothing_there_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match="expected a submission"):
        validate(tmp_path / "none", LENGTHS)
    check = validate(tmp_path, LENGTHS)
    assert "found no .txt" in check.problems[0] and set(check.table["verdict"]) == {"wrong"}


class TestCommand:
    def test_exit_codes(self, good, stage, capsys):
        gaps = str(stage / "gaps.csv")
        assert main(["validate", str(good), "--expected", gaps]) == 0
        assert "The submission is valid: 3 names, 19 lines" in capsys.readouterr().err
        edit(good / "per_video" / "105.txt", lambda lines: lines.pop(2))
        assert main(["validate", str(good / "per_video"), "--expected", gaps]) == 1
        told = capsys.readouterr().err
        assert "ERROR 105.txt: expected 4 lines" in told and "NOT valid" in told
        for wrong in (["validate", str(good)], ["unknown"], []):
            with pytest.raises(SystemExit) as stop:
                main(wrong)
            assert stop.value.code == 2

    def test_lists_of_the_organisers(self, good, tmp_path):
        frames = tmp_path / "frames.txt"
        frames.write_text("".join(f"{name} {length}\n" for name, length in LENGTHS.items()))
        check = tmp_path / "check.csv"
        assert main(["validate", str(good), "--frame-list", str(frames), "--check", str(check)]) == 0
        assert read_csv(check)["name"].tolist() == sorted(LENGTHS)
        assert main(["validate", str(good), "--sample-list", str(good / "predictions.txt")]) == 0
        frames.write_text("105 4\n")
        assert main(["validate", str(good), "--frame-list", str(frames)]) == 1

    @pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "name,length\n105,x\n"])
    def test_unreadable_expectation_is_a_sentence(self, good, tmp_path, capsys, content):
        path = Path(tmp_path / "own.csv")
        if content is not None:
            path.write_text(content)
        assert main(["validate", str(good), "--expected", str(path)]) == 1
        told = capsys.readouterr().err
        assert "own.csv: expected a CSV with the columns name and length" in told and "Traceback" not in told


def test_header_of_a_list_of_lengths_is_no_name(tmp_path, caplog):
    (tmp_path / "frames.txt").write_text("name,frames\n105,3\n")
    assert expected_from_frame_list(tmp_path / "frames.txt") == {"105": 3}
    assert "found the header 'name,frames' in line 1; it is left out." in caplog.text
