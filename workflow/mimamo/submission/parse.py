"""Parse submission texts as strictly as a challenge server, with a sentence for every fault."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from mimamo import DIMENSIONS
from mimamo.corpus.annotations import HEADER
from mimamo.corpus.lists import name_fault
from mimamo.dataset.label_range import HIGHEST, LOWEST
from mimamo.findings import MAX_SENTENCES, Findings
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.text import MAX_LINE_BYTES, MAX_TEXT_BYTES
from mimamo.submission.bundle import MAX_FILES, SubmissionText

#: First line of a name's text (FG-2020 to ABAW3).
NAME_HEADER = HEADER
#: First line of the one text for all names (ABAW5 and later).
LOCATION_COLUMN = "image_location"
SINGLE_HEADER = f"{LOCATION_COLUMN},{NAME_HEADER}"

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: What may be meant by a place, which only one text is right for, see `_canonical`.
LOCATION = re.compile(r"\s*(?P<name>\S.*)/(?P<frame>\d{1,9})\.[A-Za-z]{3,4}\s*", re.ASCII)


#: A number as `NUMBER` allows it, of no more digits than anybody writes, and whole texts of plain lines.
_PLAIN_NUMBER = r"[+-]?(?:\d{1,30}+\.?+\d{0,30}+|\.\d{1,30}+)(?:[eE][+-]?\d{1,9}+)?+"
_PLAIN_LINES = re.compile(rf"(?:{_PLAIN_NUMBER},{_PLAIN_NUMBER}\n)*+", re.ASCII)
_PLAIN_PLACED_LINES = re.compile(rf"(?:[^,\r\n]{{1,300}}+,{_PLAIN_NUMBER},{_PLAIN_NUMBER}\n)*+", re.ASCII)


@dataclass
class NameReading:
    """Values of one name in a submission.

    Attributes
    ----------
    place
        The text that they were read from.
    valence, arousal
        One value a line; NaN for a value that could not be read.
    findings
        Problems and notes.
    """

    place: str
    valence: array = field(default_factory=lambda: array("d"))
    arousal: array = field(default_factory=lambda: array("d"))
    findings: Findings = field(default_factory=lambda: Findings(limit=MAX_SENTENCES))

    @property
    def lines(self) -> int:
        """Number of lines with values."""
        return len(self.valence)

    @property
    def missing(self) -> np.ndarray:
        """Whether each line is -5, -5; bool of shape (lines,)."""
        return (np.asarray(self.valence) == MISSING) & (np.asarray(self.arousal) == MISSING)


def is_single(text: SubmissionText) -> bool:
    """Return whether a text is the one for all names, judged by its first line."""
    first = next(numbered_lines(text, Findings()), (0, ""))[1]
    return LOCATION_COLUMN in first.lower() or LOCATION.fullmatch(first.split(",")[0].strip()) is not None


def read_per_video(text: SubmissionText) -> NameReading:
    """Read a name's text: header, then valence and arousal of the frames from 1 on."""
    fields = _plain_fields(text, NAME_HEADER, _PLAIN_LINES)
    if fields is not None and (plain := _plain_reading(text.place, fields[0::2], fields[1::2])):
        return plain
    reading = NameReading(text.place)
    lines = numbered_lines(text, reading.findings)
    order = column_order(lines, NAME_HEADER, text.place, reading.findings)
    for number, line in lines:
        _append_line(reading, line.split(","), order, f"{text.place}, line {number}", reading.findings)
    return reading


def read_single(text: SubmissionText) -> tuple[dict[str, NameReading], Findings]:
    """Read the one text for all names: header, then name/00001.jpg, valence, arousal.

    Returns
    -------
    readings : dict
        A reading for every name, in the order of the text.
    findings : Findings
        Problems and notes about the text itself and lines that belong to no name.
    """
    if (plain := _read_plain_single(text)) is not None:
        return plain, Findings(limit=MAX_SENTENCES)
    readings: dict[str, NameReading] = {}
    findings = Findings(limit=MAX_SENTENCES)
    # Its columns are read by their names, which have to be exactly these.
    lines = numbered_lines(text, findings, exact=True)
    order = column_order(lines, SINGLE_HEADER, text.place, findings, exact=True)
    frame_order = _FrameOrder()
    for number, line in lines:
        fields = line.split(",")
        where = f"{text.place}, line {number}"
        place = fields[order[0]] if len(fields) == len(order) else ""
        match = LOCATION.fullmatch(place)
        if match is None:
            findings.add_problem(f"{where}: expected name/00001.jpg,valence,arousal, found {quoted(line)}")
            continue
        if match["name"] not in readings and (fault := _name_fault(match["name"], len(readings))):
            findings.add_problem(f"{where}: {fault}")
            break
        reading = readings.setdefault(match["name"], NameReading(text.place))
        if place == _canonical(match["name"], int(match["frame"])):
            frame_order.check(match["name"], int(match["frame"]), where, reading.findings)
        else:
            expected = frame_order.pass_over(match["name"])
            reading.findings.add_problem(
                f"{where}: expected {expected}, which servers compare as text, found {quoted(place)}"
            )
        _append_line(reading, fields, order[1:], where, reading.findings, width=len(order))
    return readings, findings


# Texts without any fault, in which no line needs to be looked at by itself ------------------------------


def _plain_fields(text: SubmissionText, header: str, lines: re.Pattern) -> list[str] | None:
    """Return the fields of all lines below the header; None where a line may be worth a sentence.

    `lines` matches all lines below the header where they are plain.
    """
    try:
        with text.open() as handle:
            # First: what has another one may be large, and no text at all.
            first = handle.read(len(header) + 1).decode("utf-8")
            if first != f"{header}\n":
                return None
            content = handle.read(MAX_TEXT_BYTES + 1)
        body = content.decode("utf-8")
    # What is wrong with a file that cannot be read is said where its lines are read, see `_raw_lines`.
    except Exception:
        return None
    if len(content) > MAX_TEXT_BYTES or not lines.fullmatch(body):
        return None
    return body.replace("\n", ",").split(",")[:-1]


def _plain_reading(place: str, valence: list[str], arousal: list[str]) -> NameReading | None:
    """Return a reading of numbers; None where one of them is out of range, or -5 beside another."""
    reading = NameReading(place, *(array("d", map(float, texts)) for texts in (valence, arousal)))
    pairs = np.array([reading.valence, reading.arousal])
    inside = ((pairs >= LOWEST) & (pairs <= HIGHEST)).all(axis=0)
    return reading if (inside | reading.missing).all() else None


def _read_plain_single(text: SubmissionText) -> dict[str, NameReading] | None:
    """Read the one text for all names; None where a line may be worth a sentence."""
    fields = _plain_fields(text, SINGLE_HEADER, _PLAIN_PLACED_LINES)
    starts = None if fields is None else _plain_starts(fields[0::3])
    if starts is None or len(starts) > MAX_FILES:
        return None
    valence, arousal, readings = fields[1::3], fields[2::3], {}
    for (name, start), end in zip(starts.items(), [*starts.values(), len(valence)][1:], strict=True):
        reading = _plain_reading(text.place, valence[start:end], arousal[start:end])
        if reading is None:
            return None
        readings[name] = reading
    return readings


def _plain_starts(places: list[str]) -> dict[str, int] | None:
    """Return where the rows of each name start; None where rows do not count up from 1, name after name."""
    starts: dict[str, int] = {}
    name, frame = "", 0
    for row, place in enumerate(places):
        frame += 1
        if place != f"{name}/{frame:05d}.jpg":
            name, frame = place.rpartition("/")[0], 1
            if not name or name in starts or name_fault(name) or place != _canonical(name, 1):
                return None
        # The first row of a name that is empty would pass for its next one.
        if frame == 1:
            starts[name] = row
    return None if "" in starts else starts


# Texts with a fault, line by line -----------------------------------------------------------------------


def _canonical(name: str, frame: int) -> str:
    """Return the text by which a server knows a frame."""
    return f"{name}/{frame:05d}.jpg"


def _name_fault(name: str, names: int) -> str:
    """Return why reading must not continue with another name; empty where it may."""
    if names >= MAX_FILES:
        return f"expected at most {MAX_FILES} names, found more; the rest was not read"
    if fault := name_fault(name):
        return f"expected a name of a video, found {quoted(name)}: {fault}; the rest was not read"
    return ""


class _FrameOrder:
    """Checks that the rows of a name are consecutive and count up from 1."""

    def __init__(self) -> None:
        self.name = ""
        self.last: dict[str, int] = {}

    def check(self, name: str, frame: int, where: str, findings: Findings) -> None:
        """Add a problem where the row of a name and frame is out of order."""
        if name != self.name and name in self.last:
            findings.add_problem(
                f"{where}: expected all rows of {name} together, found another name's rows between them"
            )
        expected = self.last.get(name, 0) + 1
        if frame != expected:
            findings.add_problem(
                f"{where}: expected {_canonical(name, expected)}, found {_canonical(name, frame)}"
            )
        self.name, self.last[name] = name, frame

    def pass_over(self, name: str) -> str:
        """Count the row of a name that cannot be read as the one that is next; return what was expected."""
        self.name, self.last[name] = name, self.last.get(name, 0) + 1
        return _canonical(name, self.last[name])


def column_order(
    lines: Iterator[tuple[int, str]], header: str, place: str, findings: Findings, exact: bool = False
) -> list[int]:
    """Read the header and return the positions of its columns; the standard ones where it is not valid.

    Where it need not be `exact`, other case and spaces around the names are only noted.
    """
    columns = header.split(",")
    first = next(lines, (1, None))[1]
    if first is None:
        findings.add_problem(f"{place}, line 1: expected the header {header}, found an empty file")
        return list(range(len(columns)))
    names = [name.strip().lower() for name in first.split(",")]
    if sorted(names) != sorted(columns):
        hint = "; without a header the first frame is lost" if NUMBER.fullmatch(names[-1]) else ""
        findings.add_problem(f"{place}, line 1: expected the header {header}, found {quoted(first)}{hint}")
        return list(range(len(columns)))
    if names != columns:
        findings.add_problem(
            f"{place}, line 1: expected the columns in the order {header}, found {quoted(first)}"
        )
    elif first != header and exact:
        findings.add_problem(f"{place}, line 1: expected exactly the header {header}, found {quoted(first)}")
    elif first != header:
        findings.add_note(f"{place}, line 1: the header is {quoted(first)}, not exactly {header}")
    return [names.index(name) for name in columns]


def _append_line(
    reading: NameReading, fields: list[str], order: list[int], where: str, findings: Findings, width: int = 2
) -> None:
    """Append the two values of one line; values that cannot be read become NaN, so that the line counts."""
    if len(fields) != width:
        findings.add_problem(f"{where}: expected {width} fields, found {len(fields)}")
        pair = (float("nan"), float("nan"))
    else:
        pair = tuple(parse_number(fields[position], where, findings) for position in order)
        _check_range(pair, where, findings)
    reading.valence.append(pair[0])
    reading.arousal.append(pair[1])


def parse_number(text: str, where: str, findings: Findings) -> float:
    """Parse a value; NaN with a problem where it is not a number."""
    plain = text.strip()
    if NUMBER.fullmatch(plain) is None:
        findings.add_problem(f"{where}: expected a number, found {quoted(text)}")
        return float("nan")
    if plain != text:
        findings.add_note(f"{where}: spaces around a value")
    return float(plain)


def _check_range(pair: tuple[float, ...], where: str, findings: Findings) -> None:
    """Add a problem where a value is out of range, or only one of the pair is -5."""
    if (missing := pair.count(MISSING)) == len(pair):
        return
    if missing:
        findings.add_problem(f"{where}: expected -5 for both values or for none, found it once")
        return
    for value, dimension in zip(pair, DIMENSIONS, strict=True):
        if value < LOWEST or value > HIGHEST:
            findings.add_problem(
                f"{where}: expected {dimension} in [{LOWEST:g}, {HIGHEST:g}] or {MISSING:g}, found {value:g}"
            )


def numbered_lines(
    text: SubmissionText, findings: Findings, exact: bool = False
) -> Iterator[tuple[int, str]]:
    """Yield number and text of every line that is not blank; reading errors become problems.

    A byte order mark is one where the first line is read and has to be `exact`, otherwise it is noted.
    """
    blank = 0
    for number, raw in _raw_lines(text, findings):
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            add = findings.add_problem if exact else findings.add_note
            add(f"{text.place}: starts with a byte order mark, which some readers take for a letter")
            raw = raw[3:]
        if raw.endswith(b"\r\n"):
            findings.add_note(f"{text.place}: lines end as on Windows (CRLF)")
        try:
            line = raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            findings.add_problem(
                f"{text.place}, line {number}: expected UTF-8 text, found other bytes; the rest was not read"
            )
            return
        if not line.strip():
            blank = blank or number
            continue
        if blank:
            findings.add_problem(f"{text.place}, line {blank}: expected values, found a blank line")
            blank = 0
        yield number, line
    if blank:
        findings.add_note(f"{text.place}: blank lines at the end")


def _raw_lines(text: SubmissionText, findings: Findings) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of every line; a file that cannot be read becomes a problem."""
    try:
        with text.open() as handle:
            for number, raw in enumerate(iter(partial(handle.readline, MAX_LINE_BYTES), b""), start=1):
                if len(raw) >= MAX_LINE_BYTES:
                    findings.add_problem(
                        f"{text.place}, line {number}: expected a few fields, found a huge line"
                    )
                    return
                yield number, raw
    # A damaged zip raises exceptions of many types in zipfile, zlib and struct.
    except Exception as error:
        findings.add_problem(
            f"{text.place}: expected a readable file, found a damaged one ({error}); pack it again"
        )


def quoted(text: str) -> str:
    """Return a text for a message: shortened, in quotes, with control characters escaped."""
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")
