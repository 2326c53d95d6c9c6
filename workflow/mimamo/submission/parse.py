"""Reading submission texts as strictly as a challenge server, with a sentence for every fault."""

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
from mimamo.findings import MOST_SENTENCES, Findings
from mimamo.postprocessing.ensemble import HIGHEST, LOWEST
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.text import LONGEST_LINE
from mimamo.submission.bundle import MOST_FILES, Text

#: First line of a name's text (FG-2020 to ABAW3).
NAME_HEADER = HEADER
#: First line of the one text for all names (ABAW5 and later).
PLACE = "image_location"
SINGLE_HEADER = f"{PLACE},{NAME_HEADER}"

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LOCATION = re.compile(r"(?P<name>.+)/(?P<frame>\d{5,9})\.jpg", re.ASCII)


@dataclass
class Reading:
    """What a submission says about one name.

    Attributes
    ----------
    place
        The text it stands in.
    valence, arousal
        One value a line; NaN for a value that could not be read.
    findings
        What is wrong or odd.
    """

    place: str
    valence: array = field(default_factory=lambda: array("d"))
    arousal: array = field(default_factory=lambda: array("d"))
    findings: Findings = field(default_factory=lambda: Findings(limit=MOST_SENTENCES))

    @property
    def lines(self) -> int:
        """Number of lines with values."""
        return len(self.valence)

    @property
    def missing(self) -> np.ndarray:
        """Whether each line is -5, -5; truth values of shape (lines,)."""
        return (np.asarray(self.valence) == MISSING) & (np.asarray(self.arousal) == MISSING)


def is_single(text: Text) -> bool:
    """Whether a text is the one for all names, judged by its first line."""
    first = next(_lines(text, Findings()), (0, ""))[1]
    return PLACE in first.lower() or LOCATION.fullmatch(first.split(",")[0].strip()) is not None


def read_per_video(text: Text) -> Reading:
    """Read a name's text: header, then valence and arousal of the frames from 1 on."""
    reading = Reading(text.place)
    lines = _lines(text, reading.findings)
    order = _columns(lines, NAME_HEADER, text.place, reading.findings)
    for number, line in lines:
        _take(reading, line.split(","), order, f"{text.place}, line {number}", reading.findings)
    return reading


def read_single(text: Text) -> tuple[dict[str, Reading], Findings]:
    """Read the one text for all names: header, then name/00001.jpg, valence, arousal.

    Returns
    -------
    readings : dict
        A reading for every name, in the order of the text.
    findings : Findings
        What is wrong or odd with the text itself and with lines that belong to no name.
    """
    readings: dict[str, Reading] = {}
    findings = Findings(limit=MOST_SENTENCES)
    lines = _lines(text, findings)
    order = _columns(lines, SINGLE_HEADER, text.place, findings)
    follow = _Order()
    for number, line in lines:
        fields = line.split(",")
        where = f"{text.place}, line {number}"
        place = fields[order[0]].strip() if len(fields) == len(order) else ""
        match = LOCATION.fullmatch(place)
        if match is None:
            findings.wrong(f"{where}: expected name/00001.jpg,valence,arousal, found {_quoted(line)}")
            continue
        if match["name"] not in readings and (fault := _name_fault(match["name"], len(readings))):
            findings.wrong(f"{where}: {fault}")
            break
        reading = readings.setdefault(match["name"], Reading(text.place))
        follow.check(match["name"], int(match["frame"]), where, reading.findings)
        _take(reading, fields, order[1:], where, reading.findings, width=len(order))
    return readings, findings


def _name_fault(name: str, names: int) -> str:
    """Say why reading must not go on with another name; empty where it may."""
    if names >= MOST_FILES:
        return f"expected at most {MOST_FILES} names, found more; the rest was not read"
    if fault := name_fault(name):
        return f"expected a name of a video, found {_quoted(name)}: {fault}; the rest was not read"
    return ""


class _Order:
    """Checks that the rows of a name stand together and count up from 1."""

    def __init__(self) -> None:
        self.name = ""
        self.last: dict[str, int] = {}

    def check(self, name: str, frame: int, where: str, findings: Findings) -> None:
        if name != self.name and name in self.last:
            findings.wrong(
                f"{where}: expected all rows of {name} together, found another name's rows between them"
            )
        expected = self.last.get(name, 0) + 1
        if frame != expected:
            findings.wrong(f"{where}: expected {name}/{expected:05d}.jpg, found {name}/{frame:05d}.jpg")
        self.name, self.last[name] = name, frame


def _columns(lines: Iterator[tuple[int, str]], header: str, place: str, findings: Findings) -> list[int]:
    """Positions of the header's columns in this text; the usual ones where the header is not readable."""
    wanted = header.split(",")
    found = next(lines, (1, None))[1]
    if found is None:
        findings.wrong(f"{place}, line 1: expected the header {header}, found an empty file")
        return list(range(len(wanted)))
    names = [name.strip().lower() for name in found.split(",")]
    if sorted(names) != sorted(wanted):
        hint = "; without a header the first frame is lost" if NUMBER.fullmatch(names[-1]) else ""
        findings.wrong(f"{place}, line 1: expected the header {header}, found {_quoted(found)}{hint}")
        return list(range(len(wanted)))
    if names != wanted:
        findings.wrong(f"{place}, line 1: expected the columns in the order {header}, found {_quoted(found)}")
    elif found != header:
        findings.odd(f"{place}, line 1: the header is {_quoted(found)}, not exactly {header}")
    return [names.index(name) for name in wanted]


def _take(
    reading: Reading, fields: list[str], order: list[int], where: str, findings: Findings, width: int = 2
) -> None:
    """Take up the two values of one line; a fault costs the value, not the line."""
    if len(fields) != width:
        findings.wrong(f"{where}: expected {width} fields, found {len(fields)}")
        pair = (float("nan"), float("nan"))
    else:
        pair = tuple(_number(fields[position], where, findings) for position in order)
        _check_range(pair, where, findings)
    reading.valence.append(pair[0])
    reading.arousal.append(pair[1])


def _number(text: str, where: str, findings: Findings) -> float:
    plain = text.strip()
    if NUMBER.fullmatch(plain) is None:
        findings.wrong(f"{where}: expected a number, found {_quoted(text)}")
        return float("nan")
    if plain != text:
        findings.odd(f"{where}: spaces around a value")
    return float(plain)


def _check_range(pair: tuple[float, ...], where: str, findings: Findings) -> None:
    if (missing := pair.count(MISSING)) == len(pair):
        return
    if missing:
        findings.wrong(f"{where}: expected -5 for both values or for none, found it once")
        return
    for value, dimension in zip(pair, DIMENSIONS, strict=True):
        if value < LOWEST or value > HIGHEST:
            findings.wrong(
                f"{where}: expected {dimension} in [{LOWEST:g}, {HIGHEST:g}] or {MISSING:g}, found {value:g}"
            )


def _lines(text: Text, findings: Findings) -> Iterator[tuple[int, str]]:
    """Give number and text of every line that is not blank; reading faults become problems."""
    blank = 0
    for number, raw in _raw_lines(text, findings):
        if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
            findings.odd(f"{text.place}: starts with a byte order mark, which some readers take for a letter")
            raw = raw[3:]
        if raw.endswith(b"\r\n"):
            findings.odd(f"{text.place}: lines end as on Windows (CRLF)")
        try:
            line = raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            findings.wrong(
                f"{text.place}, line {number}: expected UTF-8 text, found other bytes; the rest was not read"
            )
            return
        if not line.strip():
            blank = blank or number
            continue
        if blank:
            findings.wrong(f"{text.place}, line {blank}: expected values, found a blank line")
            blank = 0
        yield number, line
    if blank:
        findings.odd(f"{text.place}: blank lines at the end")


def _raw_lines(text: Text, findings: Findings) -> Iterator[tuple[int, bytes]]:
    try:
        with text.open() as handle:
            for number, raw in enumerate(iter(partial(handle.readline, LONGEST_LINE), b""), start=1):
                if len(raw) >= LONGEST_LINE:
                    findings.wrong(f"{text.place}, line {number}: expected a few fields, found a huge line")
                    return
                yield number, raw
    # A damaged zip fails in zipfile, zlib or struct, each with exceptions of its own.
    except Exception as error:
        findings.wrong(
            f"{text.place}: expected a readable file, found a damaged one ({error}); pack it again"
        )


def _quoted(text: str) -> str:
    """Found text as it can be shown: short, in quotes, control characters escaped."""
    return ascii(text if len(text) <= 60 else f"{text[:57]}...")
