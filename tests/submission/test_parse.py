import pytest

from mimamo.storage.files import read_csv
from mimamo.submission.bundle import open_bundle
from mimamo.submission.parse import read_per_video, read_single
from mimamo.submission.validate import validate
from support.submission import LENGTHS, at, edit, problems


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


def test_thousand_faults_take_a_few_sentences(good):
    path = good / "per_video" / "105.txt"
    path.write_text("valence,arousal\n" + "x,y\n" * 1000)
    check = validate(good / "per_video", LENGTHS)
    assert len(check.problems) < 8 and "and 1995 more problems in this file" in " ".join(check.problems)
