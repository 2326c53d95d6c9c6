"""Readers of the lists that come with the data set: test names, lengths, person groups."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.text import read_lines

#: File systems allow 255 bytes; suffixes and temporary names need some of them.
MAX_NAME_LENGTH = 200
#: A day of video at 60 frames a second: a larger number in a list is a mistake, and would fill the disk.
MAX_VIDEO_FRAMES = 24 * 3600 * 60

_COUNTED = re.compile(r"(?P<name>.*?)(?:\s*,\s*|\s+)(?P<frames>\S*)", re.ASCII)
_FRAME = re.compile(r"(?P<name>.+)/(?P<number>\d{5,7})\.jpg", re.ASCII)
_SAMPLE_HEADERS = ("image_location,valence,arousal", "image_location")


def name_fault(name: str) -> str | None:
    """Describe why `name` must not be used as a name of files and folders; None where it may be.

    Names become file names, CSV fields and parts of ``<name>/00001.jpg`` rows, so they must suit all three.
    """
    if not name:
        return "it is empty"
    if name[0] in "-.":
        return f"it begins with {name[0]!r}"
    if "/" in name or "\\" in name:
        return "it could point to another folder"
    if not name.isprintable():
        return "it holds a character that cannot be printed"
    if "," in name or '"' in name:
        return "it holds a comma or a quotation mark, which separate fields"
    if "{" in name or "}" in name:
        return "it holds a brace, which the workflow takes for a placeholder"
    if name != name.strip():
        return "it begins or ends with a space"
    if len(name.encode()) > MAX_NAME_LENGTH:
        return f"it is longer than {MAX_NAME_LENGTH} bytes"
    return None


def read_test_list(path: Path) -> list[str]:
    """Read a test list: one name a line, no header, in any order.

    Parameters
    ----------
    path
        The text file. Blank lines, spaces around names, Windows line ends and a byte order mark are ignored.

    Returns
    -------
    list of str
        The names in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a name is unsafe or listed twice.
    """
    names, faults = scan_test_list(path)
    if faults:
        raise faults[0]
    return names


def scan_test_list(path: Path) -> tuple[list[str], list[InputError]]:
    """Read a test list as `read_test_list` does, but collect all faults.

    Returns
    -------
    names : list of str
        The names that can be used, each once.
    faults : list of InputError
        The faults, in the order of the lines.
    """
    what = "a list with one test name a line"
    seen: dict[str, int] = {}
    faults: list[InputError] = []
    try:
        text = read_lines(path, what, "set data.test_list to that list, or to null for no test set")
    except InputError as error:
        return [], [error]
    for number, line in enumerate(text.lines, start=1):
        if name := line.strip(" \t"):
            try:
                _check_new(path, number, name, seen)
                seen[name] = number
            except InputError as error:
                faults.append(error)
    if not seen and not faults:
        faults.append(
            InputError(
                f"{path}: expected {what}, found no name; set data.test_list to the right file or null."
            )
        )
    return list(seen), faults


def read_frame_list(path: Path) -> dict[str, int]:
    """Read a list of names with their total number of frames, one pair a line.

    Parameters
    ----------
    path
        The text file; name and number are separated by spaces, a tab or a comma.

    Returns
    -------
    dict
        Number of frames by name.

    Raises
    ------
    InputError
        If the file cannot be read or a line is not as described.
    """
    text = read_lines(path, "a list with a name and its number of frames a line", "set data.frame_list")
    seen: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for number, line in enumerate(text.lines, start=1):
        if not line.strip():
            continue
        match = _COUNTED.fullmatch(line.strip())
        if match is None or not _is_length(match["frames"]):
            raise InputError(
                f"{path}, line {number}: expected a name and its number of frames (1 to {MAX_VIDEO_FRAMES}),"
                f" such as 'video86_2 1500', found {line.strip()[:80]!r}; correct the line."
            )
        _check_new(path, number, match["name"], seen)
        seen[match["name"]] = number
        lengths[match["name"]] = int(match["frames"])
    return lengths


def read_sample_list(path: Path) -> dict[str, set[int]]:
    """Read a sample submission (ABAW5 and later), which lists every frame of every test video.

    Parameters
    ----------
    path
        The text file: header ``image_location,valence,arousal`` or ``image_location``, rows
        ``<name>/00001.jpg`` with or without values.

    Returns
    -------
    dict
        The frame numbers (1-based) by name.

    Raises
    ------
    InputError
        If the file cannot be read, the header or a row is not as described, or a frame is listed twice.
    """
    lines = read_lines(path, "a sample list of name/00001.jpg rows", "set data.sample_list").lines
    header = lines[0].replace(" ", "") if lines else ""
    if header not in _SAMPLE_HEADERS:
        raise InputError(
            f"{path}, line 1: expected the header {_SAMPLE_HEADERS[0]!r} or {_SAMPLE_HEADERS[1]!r}, found"
            f" {header[:80]!r}; set data.sample_list to the challenge's sample file."
        )
    frames: dict[str, set[int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        name, frame = _parse_sample_row(path, number, line)
        known = frames.setdefault(name, set())
        if frame in known:
            raise InputError(
                f"{path}, line {number}: expected each frame once, found {line.strip()!r} again; remove one"
                " of them."
            )
        known.add(frame)
    return frames


def read_groups(path: Path) -> dict[str, str]:
    """Read the user's person groups, a CSV that has the columns ``name`` and ``group``.

    Parameters
    ----------
    path
        The CSV file. Names that it does not list keep the group of the naming rule.

    Returns
    -------
    dict
        Group by name.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, a row is incomplete, or a name is listed twice.
    """
    lines = read_lines(
        path, "a CSV file with the columns name,group", "set data.groups to that file or null"
    ).lines
    # Line by line: no name contains a line end, and a stray quotation mark must not swallow what follows.
    rows = [[field.strip() for field in next(csv.reader([line]), [])] for line in lines]
    header = rows[0] if rows else []
    if not {"name", "group"} <= set(header):
        raise InputError(
            f"{path}, line 1: expected the columns name,group, found {str(header)[:80]}; correct the header."
        )
    seen: dict[str, int] = {}
    groups: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        fields = dict(zip(header, row, strict=False))
        if len(row) != len(header) or name_fault(fields["group"]):
            raise InputError(
                f"{path}, line {number}: expected a name and its group, found {str(row)[:80]}; correct the"
                " line."
            )
        _check_new(path, number, fields["name"], seen)
        seen[fields["name"]] = number
        groups[fields["name"]] = fields["group"]
    return groups


def _check_new(path: Path, number: int, name: str, seen: dict[str, int]) -> None:
    """Raise InputError where `name` is unsafe or was on an earlier line."""
    if fault := name_fault(name):
        raise InputError(
            f"{path}, line {number}: expected a name that can be a file's name, found {name[:80]!r}, and"
            f" {fault}; correct the line."
        )
    if name in seen:
        raise InputError(
            f"{path}, line {number}: expected each name once, found {name!r} again after line {seen[name]};"
            " remove one of the two lines."
        )


def _is_length(text: str) -> bool:
    """Return whether `text` is an integer that can be the length of a video in frames."""
    return text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= MAX_VIDEO_FRAMES


def _parse_sample_row(path: Path, number: int, line: str) -> tuple[str, int]:
    """Parse the name and the frame number in one row of a sample list."""
    match = _FRAME.fullmatch(line.partition(",")[0].strip())
    if match is None or name_fault(match["name"]) or not _is_length(match["number"]):
        raise InputError(
            f"{path}, line {number}: expected a row such as 'video86_2/00001.jpg', found"
            f" {line.strip()[:80]!r}; correct the line."
        )
    return match["name"], int(match["number"])
