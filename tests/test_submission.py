import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.cli import main
from mimamo.errors import InputError
from mimamo.storage.files import read_csv, write_csv
from mimamo.submission import bundle
from mimamo.submission.bundle import open_bundle
from mimamo.submission.parse import read_per_video, read_single
from mimamo.submission.validate import expected_from_gaps, validate
from mimamo.submission.write import value_text, write_submission

LENGTHS = {"105": 4, "5-60-1920x1080-1": 12, "video2_left": 3}


@pytest.fixture
def stage(tmp_path):
    """A submission of three names, one of them without any crop."""
    generator = np.random.default_rng(4)
    parts = []
    for name, length in LENGTHS.items():
        values = generator.uniform(-1, 1, (length, 2))
        values[: 2 if name == "105" else 0] = -5
        if name == "video2_left":
            values[:] = -5
        parts.append(pd.DataFrame(values, columns=["valence", "arousal"]).assign(name=name))
        parts[-1]["frame"] = range(1, length + 1)
    filled = pd.concat(parts)[["name", "frame", "valence", "arousal"]].assign(source="predicted")
    write_csv(filled.sample(frac=1, random_state=1), tmp_path / "filled.csv")
    gaps = pd.DataFrame(LENGTHS.items(), columns=["name", "length"])
    write_csv(gaps, tmp_path / "gaps.csv")
    return tmp_path


def write(stage, folder="submission"):
    out = stage / folder
    paths = [out / name for name in ("per_video", "predictions.txt", "submission.zip", "check.csv")]
    write_submission(stage / "filled.csv", stage / "gaps.csv", *paths)
    return out


@pytest.fixture
def good(stage):
    return write(stage)


def problems(submission, expected=LENGTHS):
    return " | ".join(validate(submission, expected).problems)


def edit(path, change):
    """Change the lines of a text."""
    lines = path.read_text().split("\n")
    change(lines)
    path.write_text("\n".join(lines))


def test_texts_have_headers_and_a_line_for_every_frame(good, stage):
    text = (good / "per_video" / "105.txt").read_bytes()
    rows = read_csv(stage / "filled.csv").query("name == '105'").sort_values("frame")
    third = rows[["valence", "arousal"]].iloc[2]
    assert text.split(b"\n")[:3] == [b"valence,arousal", b"-5,-5", b"-5,-5"]
    assert text.split(b"\n")[3].decode() == f"{third['valence']:.6f},{third['arousal']:.6f}"
    assert text.endswith(b"\n") and text.count(b"\n") == 5
    single = (good / "predictions.txt").read_text().split("\n")
    assert single[0] == "image_location,valence,arousal"
    assert single[1] == "105/00001.jpg,-5,-5" and single[5].startswith("5-60-1920x1080-1/00001.jpg,")
    assert len(single) == 1 + sum(LENGTHS.values()) + 1


def test_validator_reads_back_what_the_table_says(good, stage):
    rows = read_csv(stage / "filled.csv").sort_values(["name", "frame"])
    with open_bundle(good / "submission.zip") as texts:
        by_name = {text.name: text for text in texts.texts}
        singles, findings = read_single(by_name["predictions"])
        assert not findings.problems and sorted(singles) == sorted(LENGTHS)
        for name, part in rows.groupby("name"):
            for reading in (singles[name], read_per_video(by_name[name])):
                assert list(reading.valence) == part["valence"].tolist()
                assert list(reading.arousal) == part["arousal"].tolist()


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


def test_same_table_gives_the_same_bytes(good, stage):
    again = write(stage, "again")
    first = {path.relative_to(good): path.read_bytes() for path in good.rglob("*") if path.is_file()}
    assert len(first) == 6
    assert first == {
        path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()
    }
    with zipfile.ZipFile(good / "submission.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names) and "per_video/105.txt" in names and "predictions.txt" in names
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@given(st.floats(-1, 1))
def test_values_survive_to_six_decimals(value):
    text = value_text(value)
    assert abs(float(text) - value) <= 5e-7 and -1 <= float(text) <= 1
    assert value_text(-5.0) == "-5"


def test_workflow_fails_when_its_own_submission_is_not_valid(stage):
    filled = read_csv(stage / "filled.csv")
    write_csv(filled[~((filled["name"] == "105") & (filled["frame"] == 3))], stage / "filled.csv")
    with pytest.raises(InputError, match=r"submission.zip: .*found 3 problems.*105/00003"):
        write(stage)
    check = read_csv(stage / "submission" / "check.csv").set_index("name")
    assert check.loc["105", "verdict"] == "wrong" and check.loc["5-60-1920x1080-1", "verdict"] == "ok"


def test_name_of_unknown_length_is_noted_not_refused(stage):
    gaps = pd.concat([read_csv(stage / "gaps.csv"), pd.DataFrame({"name": ["gone"]})])
    write_csv(gaps.astype({"length": "Int64"}), stage / "gaps.csv")
    out = write(stage)
    assert (out / "per_video" / "gone.txt").read_text() == "valence,arousal\n"
    check = read_csv(out / "check.csv").set_index("name")
    assert check.loc["gone", "verdict"] == "note" and "not known" in check.loc["gone", "problem"]
    assert expected_from_gaps(stage / "gaps.csv")["gone"] is None


def at(index, text):
    """A change that puts `text` on a line, counted from 0."""
    return lambda lines: lines.__setitem__(index, text)


# Every fault below was planted in a per-name text: what to change, and what the validator must say.
FAULTS = {
    "no header": (lambda lines: lines.pop(0), "105.txt, line 1: expected the header valence,arousal"),
    "swapped": (
        at(0, "arousal,valence"),
        "line 1: expected the columns in the order",
    ),
    "other header": (at(0, "name,arousal"), "line 1: expected the header"),
    "line lost": (lambda lines: lines.pop(2), "105.txt: expected 4 lines with values for 105, found 3"),
    "line added": (lambda lines: lines.insert(2, "0,0"), "expected 4 lines with values for 105, found 5"),
    "range": (
        at(3, "0.5,1.01"),
        "line 4: expected arousal in [-1, 1] or -5, found 1.01",
    ),
    "below": (
        at(3, "-1.5,0"),
        "line 4: expected valence in [-1, 1] or -5, found -1.5",
    ),
    "one -5": (
        at(3, "-5,0.5"),
        "line 4: expected -5 for both values or for none",
    ),
    "nan": (at(3, "nan,0.5"), "line 4: expected a number, found 'nan'"),
    "infinity": (at(3, "0.5,inf"), "line 4: expected a number, found 'inf'"),
    "overflow": (at(3, "0.5,1e999"), "line 4: expected arousal in [-1, 1]"),
    "word": (at(3, "0.5,happy"), "line 4: expected a number, found 'happy'"),
    "empty": (at(3, "0.5,"), "line 4: expected a number, found ''"),
    "underscore": (at(3, "0.5,0_1"), "line 4: expected a number, found '0_1'"),
    "comma": (at(3, "0,5,0,1"), "line 4: expected 2 fields, found 4"),
    "one field": (at(3, "0.5"), "line 4: expected 2 fields, found 1"),
    "blank": (lambda lines: lines.insert(3, ""), "line 4: expected values, found a blank line"),
    "empty file": (
        lambda lines: lines.clear(),
        "line 1: expected the header valence,arousal, found an empty file",
    ),
    "long line": (
        at(3, "0" * 9000),
        "line 4: expected a few fields, found",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_found(good, fault):
    change, sentence = FAULTS[fault]
    edit(good / "per_video" / "105.txt", change)
    check = validate(good / "per_video", LENGTHS)
    assert not check.valid and sentence in " | ".join(check.problems)
    assert check.table.set_index("name")["verdict"].to_dict() == {
        "105": "wrong",
        "5-60-1920x1080-1": "ok",
        "video2_left": "note",
    }


def test_missing_header_says_what_it_costs(good):
    edit(good / "per_video" / "105.txt", lambda lines: lines.pop(0))
    assert "without a header the first frame is lost" in problems(good / "per_video")


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


SINGLE_FAULTS = {
    "frame lost": (lambda lines: lines.pop(7), "line 8: expected 5-60-1920x1080-1/00003.jpg, found 5-60-"),
    "counted from 0": (
        at(1, "105/00000.jpg,-5,-5"),
        "expected 105/00001.jpg",
    ),
    "name torn": (lambda lines: lines.append(lines.pop(2)), "expected all rows of 105 together"),
    "order": (
        lambda lines: lines.insert(6, lines.pop(7)),
        "line 7: expected 5-60",
    ),
    "no location": (
        at(3, "105,0,0"),
        "line 4: expected name/00001.jpg",
    ),
    "few digits": (at(3, "105/003.jpg,0,0"), "line 4: expected name/00001.jpg"),
    "other type": (
        at(3, "105/00003.png,0,0"),
        "line 4: expected name/00001.jpg",
    ),
    "few fields": (at(3, "105/00003.jpg,0"), "line 4: expected name/00001.jpg"),
    "path": (at(3, "../x/00003.jpg,0,0"), "line 4: expected a name of a video"),
    "no header": (lambda lines: lines.pop(0), "line 1: expected the header image_location,valence,arousal"),
    "range": (at(3, "105/00003.jpg,0,3"), "line 4: expected arousal in [-1, 1]"),
    "twice": (lambda lines: lines.insert(3, lines[2]), "line 4: expected 105/00003.jpg, found 105/00002.jpg"),
}


@pytest.mark.parametrize("fault", SINGLE_FAULTS)
def test_planted_fault_in_the_one_text_is_found(good, fault):
    change, sentence = SINGLE_FAULTS[fault]
    edit(good / "predictions.txt", lambda lines: (lines.pop(), change(lines), lines.append("")))
    assert sentence in problems(good / "predictions.txt")


def test_columns_are_taken_by_name_and_their_order_is_told(good):
    path = good / "predictions.txt"
    edit(path, at(0, "image_location,arousal,valence"))
    assert "line 1: expected the columns in the order image_location,valence,arousal" in problems(path)
    edit(path, lambda lines: lines.__setitem__(3, "105/00003.jpg,0.25,0.75"))
    with open_bundle(path) as texts:
        readings, _ = read_single(texts.texts[0])
    assert (readings["105"].valence[2], readings["105"].arousal[2]) == (0.75, 0.25)


def test_forms_that_disagree_are_found(good):
    edit(good / "predictions.txt", at(4, "105/00004.jpg,0.5,0.5"))
    assert "predictions.txt: expected for 105 what per_video/105.txt says, found other values" in problems(
        good
    )


def test_habits_of_editors_are_noted_and_not_refused(good):
    path = good / "per_video" / "105.txt"
    path.write_bytes(
        b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n").replace(b",", b", ") + b"\r\n\r\n"
    )
    check = validate(good / "per_video", LENGTHS)
    assert check.valid
    notes = " | ".join(check.notes)
    for note in (
        "byte order mark",
        "CRLF",
        "spaces around",
        "blank lines at the end",
        "the header is 'valence, ",
    ):
        assert note in notes


def test_other_bytes_than_text_are_found(good):
    path = good / "per_video" / "105.txt"
    path.write_bytes(path.read_text().encode("utf-16"))
    assert "105.txt, line 1: expected UTF-8" in problems(good / "per_video")


def test_minus_five_after_a_prediction_is_noted(good):
    edit(good / "per_video" / "105.txt", at(4, "-5,-5"))
    assert "105: -5 stands after the first prediction" in " ".join(
        validate(good / "per_video", LENGTHS).notes
    )


def test_thousand_faults_take_a_few_sentences(good):
    path = good / "per_video" / "105.txt"
    path.write_text("valence,arousal\n" + "x,y\n" * 1000)
    check = validate(good / "per_video", LENGTHS)
    assert len(check.problems) < 8 and "and 1995 more problems in this file" in " ".join(check.problems)


def packed(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name", ["../105.txt", "/tmp/105.txt", "C:/105.txt", "a\\..\\105.txt", "a/../../105.txt"]
)
def test_zip_that_would_write_elsewhere_is_refused(tmp_path, name):
    path = packed(tmp_path / "s.zip", {name: "valence,arousal\n0,0\n"})
    check = validate(path, {"105": 1})
    assert "has a path that leaves the folder" in " ".join(check.problems)
    assert check.table.loc[0, "lines"] == 0


def test_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("105.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = packed(tmp_path / "s.zip", {link: "/etc/hostname"})
    assert "105.txt is a link" in problems(path, {"105": 1})


def test_zip_bombs_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "LARGEST_TEXT", 10_000)
    path = packed(tmp_path / "s.zip", {"105.txt": b"0,0\n" * 5_000})
    assert "105.txt: expected at most 10000 bytes, found 20000" in problems(path, {"105": 1})
    monkeypatch.setattr(bundle, "LARGEST_TOTAL", 15_000)
    assert "at most 15000 bytes when unpacked" in problems(path, {"105": 1})
    monkeypatch.setattr(bundle, "MOST_FILES", 2)
    path = packed(tmp_path / "many.zip", {f"{number}.txt": "" for number in range(3)})
    assert "expected at most 2 files, found 3" in problems(path, {"105": 1})


def test_member_that_is_larger_than_it_says_is_not_read_to_its_end(tmp_path):
    path = packed(tmp_path / "s.zip", {"105.txt": b"valence,arousal\n" + b"0,0\n" * 100_000})
    raw = bytearray(path.read_bytes())
    # The size as the central directory says it, 24 bytes after its signature.
    position = raw.rindex(b"PK\x01\x02") + 24
    raw[position : position + 4] = struct.pack("<I", 40)
    path.write_bytes(raw)
    check = validate(path, {"105": 100_000})
    assert not check.valid and check.table.loc[0, "lines"] < 20
    assert "damaged" in " ".join(check.problems)


def test_damaged_zips_are_told_in_a_sentence(good):
    raw = (good / "submission.zip").read_bytes()
    cut = good.parent / "cut.zip"
    cut.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(InputError, match=r"cut.zip: expected a zip, found a file that is none or is cut off"):
        validate(cut, LENGTHS)
    middle = raw.index(b"per_video/105.txt") + 40
    cut.write_bytes(raw[:middle] + b"\xff" * 20 + raw[middle + 20 :])
    assert "damaged" in problems(cut)


def test_litter_is_noted(good):
    with zipfile.ZipFile(good / "submission.zip", "a") as archive:
        archive.writestr("__MACOSX/._105.txt", "x")
        archive.writestr("readme.md", "x")
    check = validate(good / "submission.zip", LENGTHS)
    assert check.valid and any("__MACOSX" in note for note in check.notes)
    assert any("readme.md is no .txt" in note for note in check.notes)


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
