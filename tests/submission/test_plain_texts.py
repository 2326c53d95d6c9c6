"""Texts that are read at once say what they say when they are read line by line, and no faulty one passes."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from mimamo.submission import parse
from mimamo.submission.bundle import SubmissionText
from mimamo.submission.parse import NAME_HEADER, SINGLE_HEADER, read_per_video, read_single
from support.strategies import PATIENT

NUMBERS = st.one_of(
    st.floats(-1, 1).map("{:.6f}".format),
    st.sampled_from(["-5", "-5.0", "1", "+.5", "1.", "1e-3", "1e9", "1.5", "nan", " 0.1", "", "0,1", "٣"]),
)
PLACES = st.sampled_from(
    ["a/00001.jpg", "a/00002.jpg", "b/00001.jpg", "a/1.jpg", "/00001.jpg", "x y/00001.jpg"]
)
ENDS = st.sampled_from(["\n"] * 8 + ["\r\n", "\n\n", ""])


def text_of(*parts: str) -> SubmissionText:
    content = "".join(parts).encode()
    return SubmissionText("a.txt", "a", lambda: BytesIO(content))


def line_by_line(function, text):
    """Read a text as if no text were plain."""
    plain = parse._plain_fields
    parse._plain_fields = lambda *_: None
    try:
        return function(text)
    finally:
        parse._plain_fields = plain


def content(reading) -> tuple:
    """What a reading says; NaN is not equal to itself."""
    return reading.place, repr(reading.valence), repr(reading.arousal), reading.findings


@PATIENT
@given(st.lists(st.tuples(NUMBERS, NUMBERS, ENDS), max_size=6))
def test_texts_of_one_name_are_read_the_same(rows):
    text = text_of(NAME_HEADER, "\n", *(f"{valence},{arousal}{end}" for valence, arousal, end in rows))
    assert content(read_per_video(text)) == content(line_by_line(read_per_video, text))


@PATIENT
@given(st.lists(st.tuples(PLACES, NUMBERS, NUMBERS, ENDS), max_size=6), st.integers(0, 4))
def test_texts_of_all_names_are_read_the_same(rows, good):
    lines = [f"b/{frame:05d}.jpg,0.1,-0.2\n" for frame in range(1, good + 1)]
    lines += [f"{place},{valence},{arousal}{end}" for place, valence, arousal, end in rows]
    text = text_of(SINGLE_HEADER, "\n", *lines)
    (found, findings), (expected, said) = read_single(text), line_by_line(read_single, text)
    assert {name: content(one) for name, one in found.items()} == {n: content(o) for n, o in expected.items()}
    assert list(found) == list(expected) and findings == said


def test_plain_texts_are_not_read_line_by_line():
    text = text_of(SINGLE_HEADER, "\n", "a/00001.jpg,-5,-5\na/00002.jpg,0.5,-1\nb/00001.jpg,0,1e-3\n")
    readings = parse._read_plain_single(text)
    assert {name: reading.valence.tolist() for name, reading in readings.items()} == {
        "a": [-5, 0.5],
        "b": [0],
    }
