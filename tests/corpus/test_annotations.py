import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.audit.symptoms import Symptom
from mimamo.corpus.annotations import AnnotationError, read_annotations
from mimamo.errors import InputError
from support.corpus import write_text
from support.strategies import ANNOTATED, PATIENT

GOOD = st.tuples(ANNOTATED, ANNOTATED).map(lambda row: f"{row[0]!r},{row[1]!r}")
BAD = st.sampled_from(
    ["0.1", "0.1,", ",", "nan,0", "0,inf", "1.01,0", "0;0", "0\t0", "0,0,0", "a,b", "-4,0", "0,1e3", "0 0"]
)


@given(
    rows=st.lists(st.tuples(ANNOTATED, ANNOTATED), max_size=30),
    end=st.sampled_from(["\n", "\r\n"]),
    space=st.sampled_from(["", " ", "\t"]),
    mark=st.sampled_from(["", "\ufeff"]),
    blank=st.integers(0, 2),
    last=st.booleans(),
)
def test_what_is_written_is_read(tmp_path_factory, rows, end, space, mark, blank, last):
    lines = ["valence,arousal", *(f"{space}{valence!r},{space}{arousal!r}" for valence, arousal in rows)]
    text = mark + end.join(lines) + end * (blank + last)
    path = tmp_path_factory.getbasetemp() / "round.txt"
    found = read_annotations(write_text(path, text))
    assert list(zip(found.valence.tolist(), found.arousal.tolist(), strict=True)) == rows
    assert found.valence.dtype == found.arousal.dtype == np.float64
    assert found.annotated.tolist() == [-5 not in row for row in rows]
    # One line end after the last line is how a file should be, and so is none.
    assert bool(found.repairs) == ("\r" in text or bool(mark) or bool(space and rows) or blank + last > 1)


def test_annotated_frames_are_counted_from_one(tmp_path):
    text = "valence,arousal\n0.1,0.2\n-5,-5\n-5,0.3\n0.4,-5.0\n-0.5,1\n"
    found = read_annotations(write_text(tmp_path / "a.txt", text))
    assert found.frames().tolist() == [1, 5]
    assert found.frames(annotated=False).tolist() == [2, 3, 4]
    assert len(found) == 5
    assert found.repairs == []


def test_repairs_are_told(tmp_path):
    text = "\ufeffvalence, arousal\r\n0.1 ,0.2\r\n\r\n  \r\n"
    found = read_annotations(write_text(tmp_path / "a.txt", text))
    assert found.valence.tolist() == [0.1]
    assert found.repairs == [
        "a byte order mark",
        "Windows line ends",
        "2 blank lines at the end",
        "spaces around the values",
    ]


def test_a_header_alone_has_no_lines(tmp_path):
    found = read_annotations(write_text(tmp_path / "a.txt", "valence,arousal\n"))
    assert len(found) == 0
    assert found.frames().tolist() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the header 'valence,arousal', found an empty file; download it again."),
        ("valence,arousal,happy\n0,0,0\n", "line 1: .*'valence,arousal,happy'; name the columns so, .*"),
        ("valence,valence\n0,0\n", "line 1: expected the header 'valence,arousal', found"),
        ("valence,frame\n0,0\n", "line 1: expected the header 'valence,arousal', found"),
        ("valence arousal\n0 0\n", "line 1: expected the header 'valence,arousal', found"),
        ("0.1,0.2\n", "line 1: expected the header .* put the header on a line above the values"),
        ("\nvalence,arousal\n0,0\n", "line 1: expected the header"),
        ("valence,arousal\n0,0\n0,abc\n", "line 3: expected two numbers such as '0.25,-0.5', found 'abc'"),
        ("valence,arousal\nnan,0\n", "line 2: .*found 'nan'"),
        ("valence,arousal\n0,inf\n", "line 2: .*found 'inf'"),
        ("valence,arousal\n1e999,0\n", "line 2: expected values from -1 to 1, .*found '1e999,0'"),
        ("valence,arousal\n0,\n", "line 2: .*found a missing value; correct the line."),
        ("valence,arousal\n0,0_1\n", "line 2: .*found '0_1'"),
        ("valence,arousal\n0,٠\n", "line 2: .*found '٠'"),
        ("valence,arousal\n0\n", r"line 2: .*found 1 column \('0'\)"),
        ("valence,arousal\n0,0,0\n", r"line 2: .*found 3 columns \('0,0,0'\)"),
        ("valence,arousal\n0,0\n\n0,0\n", "line 3: .*found a blank line before the last one"),
        ("valence,arousal\n0,0\n0,1.0001\n", "line 3: expected values from -1 to 1, .*found '0,1.0001'"),
        ("valence;arousal\n0;0\n0,0\n", "line 3: .*found commas in '0,0'; put semicolons between"),
        ("valence;arousal\n0,5;0\n", "line 2: .*found '0,5'; write numbers with decimal points."),
        ("valence,arousal\n0,0,\n0,0\n", r"line 2: .*found 3 columns \('0,0,'\)"),
        ("valence,arousal\n0,,\n0,0,\n", "line 2: .*such as '0.25,-0.5,', found a missing value"),
        ("frame,valence,arousal\n0,0\n", "line 2: expected three numbers such as '1,0.25,-0.5', found 2 col"),
        ("frame,valence,arousal\n1.5,0,0\n", "line 2: expected three numbers .*, found '1.5,0,0'"),
        ("valence,arousal\n0,0\n0,500\n", "line 3: .*found '0,500'; correct the line."),
        (
            "valence,arousal\n0,-5\n500,0\n-12,2\n",
            "line 3: .*; the file's values lie between -12 and 500, so divide all of them by 1000 if they are"
            " on a scale from -1000 to 1000, or else correct the line and another one, the last is line 4.",
        ),
        ("valence,arousal\n10,-7\n3,9\n", "line 2: .*divide all of them by 10 if .* from -10 to 10, or"),
        ("valence,arousal\n0,0\n0\t0\n", "line 3: .*found tabs in .*; put commas between the columns."),
        (
            "valence,arousal\nx,0\n0,0\n0,y\n",
            "line 2: .*; correct the line and another one, the last is line 4",
        ),
        (
            "valence,arousal\nx,0\n2,0\n,0\n0,0\n",
            "line 2: .*correct the line and 2 others, the last is line 4",
        ),
        ("valence,arousal\n0,0\0\n", "line 2: .*found a zero byte; save the file as UTF-8."),
        ("valence,arousal\n-5,-4.9\n", "line 2: expected values from -1 to 1, .*found '-5,-4.9'"),
    ],
)
def test_faults_are_told_with_file_and_line(tmp_path, text, message):
    with pytest.raises(InputError, match=f"a.txt, {message}"):
        read_annotations(write_text(tmp_path / "a.txt", text))


@pytest.mark.parametrize(
    ("text", "unusual"),
    [
        ("Valence, Arousal\n0.25,-1\n-5,0.5\n", ["the header 'Valence, Arousal'"]),
        ('"valence","arousal"\n0.25,-1\n-5,0.5\n', ['the header \'"valence","arousal"\'']),
        ("arousal,valence\n-1,0.25\n0.5,-5\n", ["the header 'arousal,valence'"]),
        ("valence;arousal\n0.25;-1\n-5;0.5\n", ["the header 'valence;arousal'"]),
        ("valence\tarousal\n0.25\t-1\n-5 \t 0.5\n", [r"the header 'valence\tarousal'"]),
        ("valence,arousal\n0.25,-1,\n-5,0.5, \n", ["a comma at the end of every line"]),
        (
            "valence;arousal;\n0.25;-1;\n-5;0.5;\n",
            ["the header 'valence;arousal;'", "a semicolon at the end of every line"],
        ),
        (
            "Frame Number,AROUSAL,valence\n1,-1,0.25\n2,0.5,-5\n",
            ["the header 'Frame Number,AROUSAL,valence'"],
        ),
        ("valence,arousal,frame\n0.25,-1,00001\n-5,0.5,00002\n", ["the header 'valence,arousal,frame'"]),
    ],
)
def test_columns_are_taken_by_their_names(tmp_path, text, unusual):
    found = read_annotations(write_text(tmp_path / "a.txt", text))
    assert (found.valence.tolist(), found.arousal.tolist()) == ([0.25, -5.0], [-1.0, 0.5])
    assert found.annotated.tolist() == [True, False]
    assert found.unusual == unusual


@pytest.mark.parametrize(
    ("numbers", "wrong", "message"),
    [
        (
            "134",
            (2, 3),
            "line 3: expected frame 2, as line k[+]1 is about frame k, found 3 in the column frame; put",
        ),
        (
            "012",
            (1, 2, 3),
            "line 2: expected frame 1, .*found 0 .*; add 1 to every number if they count from 0.",
        ),
        ("213", (1, 2), "line 2: expected frame 1, .*, found 2 .* in the order of their frames"),
    ],
)
def test_frame_numbers_are_checked_against_the_lines(tmp_path, numbers, wrong, message):
    text = "frame,valence,arousal\n" + "".join(f"{number},0,0.5\n" for number in numbers)
    with pytest.raises(AnnotationError, match=f"a.txt, {message}") as error:
        read_annotations(write_text(tmp_path / "a.txt", text))
    assert error.value.frames == wrong


def test_a_file_that_is_not_text_is_told(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"valence,arousal\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"a.txt, line 2: .*the byte 0xff"):
        read_annotations(path)
    with pytest.raises(InputError, match=r"b.txt: .*nothing there"):
        read_annotations(tmp_path / "b.txt")


@PATIENT
@given(st.lists(st.one_of(GOOD, BAD), min_size=1, max_size=20))
def test_the_bad_lines_of_an_annotation_are_named_and_no_others(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "annotation.txt"
    path.write_text("\n".join(["valence,arousal", *rows, ""]))
    bad = tuple(frame for frame, row in enumerate(rows, start=1) if not _is_good(row))
    if not bad:
        assert len(read_annotations(path)) == len(rows)
        return
    with pytest.raises(AnnotationError) as error:
        read_annotations(path)
    assert error.value.frames == bad
    symptom = Symptom.from_error("", "fault", error.value)
    assert symptom.wrong.startswith(f"{path}, line {bad[0] + 1}: expected ")
    assert ", found " in symptom.wrong and symptom.remedy


def _is_good(row: str) -> bool:
    """Judge a line in another way than the reader does."""
    try:
        values = [float(value) for value in row.split(",")]
    except ValueError:
        return False
    return len(values) == 2 and all(value == -5 or -1 <= value <= 1 for value in values)


@PATIENT
@given(
    st.one_of(
        st.binary(max_size=80), st.text(max_size=60).map(lambda text: f"valence,arousal\n{text}".encode())
    )
)
def test_any_file_is_an_annotation_or_is_told_in_one_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "annotation.txt"
    path.write_bytes(content)
    try:
        found = read_annotations(path)
    except InputError as error:
        told = str(error)
        assert told.startswith(str(path)) and "expected " in told and "found " in told and told.endswith(".")
        assert "\n" not in told
    else:
        values = np.concatenate([found.valence, found.arousal])
        assert ((np.abs(values) <= 1) | (values == -5)).all()
