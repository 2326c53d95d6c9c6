"""Readers of the lists that come with the data set: test names, lengths, person groups."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from pathlib import Path

from mimamo.corpus.list_rows import (
    HEADERS,
    SEPARATORS,
    Listed,
    column_of_names,
    is_header,
    meant_name,
    without_suffixes,
)
from mimamo.errors import InputError
from mimamo.storage.text import read_lines

#: File systems allow 255 bytes; suffixes and temporary names need some of them.
MAX_NAME_LENGTH = 200
#: A day of video at 60 frames a second: a larger number in a list is a mistake, and would fill the disk.
MAX_VIDEO_FRAMES = 24 * 3600 * 60

_COUNTED = re.compile(r"(?P<name>.*?)(?:\s*[,;]\s*|\s+)(?P<frames>[^\s,;]*)", re.ASCII)
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


def read_test_list(path: Path, known: Collection[str] = ()) -> Listed[list[str]]:
    """Read a test list: one name a line, in any order.

    Parameters
    ----------
    path
        The text file. Blank lines, spaces around names, Windows line ends and a byte order mark are ignored;
        a header, further columns and suffixes where only one reading is possible.
    known
        The names that have crops, by which other readings are judged.

    Returns
    -------
    Listed
        The names in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a name is unsafe or listed twice.
    """
    listed, faults = scan_test_list(path, known)
    if faults:
        raise faults[0]
    return listed


def scan_test_list(path: Path, known: Collection[str] = ()) -> tuple[Listed[list[str]], list[InputError]]:
    """Read a test list as `read_test_list` does, but collect all faults.

    Returns
    -------
    listed : Listed
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
        return Listed([], path, what), [error]
    numbers, names, unusual = _test_names(text.lines, set(known))
    for number, name in zip(numbers, names, strict=True):
        try:
            _check_new(path, number, name, seen, known)
            seen[name] = number
        except InputError as error:
            faults.append(error)
    if not seen and not faults:
        faults.append(
            InputError(
                f"{path}: expected {what}, found no name; set data.test_list to the right file or null."
            )
        )
    return Listed(list(seen), path, "one test name a line and nothing else", unusual), faults


def _test_names(lines: list[str], known: Collection[str]) -> tuple[list[int], list[str], list[str]]:
    """Return line numbers and names of a test list, and what else stands in it."""
    rows = {number: name for number, line in enumerate(lines, start=1) if (name := line.strip(" \t"))}
    numbers, names = list(rows), list(rows.values())
    padded = sum(lines[number - 1] != name for number, name in rows.items())
    names, columns = column_of_names(names, known)
    header = bool(names) and is_header(names[0]) and names[0] not in known
    unusual = [f"spaces around {padded} {'name' if padded == 1 else 'names'}"] if padded else []
    unusual += [columns] if columns else []
    if header:
        unusual.append(f"the header {names[0]!r} in line {numbers[0]}")
        numbers, names = numbers[1:], names[1:]
    names, suffixes = without_suffixes(names, known)
    return numbers, names, unusual + ([suffixes] if suffixes else [])


def read_frame_list(path: Path, known: Collection[str] = ()) -> Listed[dict[str, int]]:
    """Read a list of names with their total number of frames, one pair a line.

    Parameters
    ----------
    path
        The text file; name and number are separated by spaces, a tab, a comma or a semicolon. Where it has a
        header, its columns are taken by their headings.
    known
        The names that have crops, by which suffixes are judged.

    Returns
    -------
    Listed
        Number of frames by name.

    Raises
    ------
    InputError
        If the file cannot be read or a line is not as described.
    """
    what = "a list with a name and its number of frames a line"
    lines = read_lines(path, what, "set data.frame_list").lines
    rows, unusual = _counted_rows(lines)
    names, suffixes = without_suffixes([name for _, name, _ in rows], known)
    seen: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for name, (number, _, frames) in zip(names, rows, strict=True):
        # Of three columns without a header, the first two would be a name with a space.
        if not _is_length(frames) or (name not in known and name.split()[:-1] and name.split()[0] in known):
            raise InputError(
                f"{path}, line {number}: expected a name and its number of frames (1 to {MAX_VIDEO_FRAMES}),"
                f" such as 'video86_2 1500', found {lines[number - 1].strip()[:80]!r}; correct the line."
            )
        _check_new(path, number, name, seen, known)
        seen[name] = number
        lengths[name] = int(frames)
    unusual += [suffixes] if suffixes else []
    return Listed(lengths, path, "a name and its number of frames a line and nothing else", unusual)


def _counted_rows(lines: list[str]) -> tuple[list[tuple[int, str, str]], list[str]]:
    """Return line number, name and frames of every line of a list of lengths, and what its header is."""
    rows = [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]
    if rows:
        first = rows[0][1]
        separator = next((char for char in SEPARATORS if char in first), None)
        fields = [field.strip() for field in first.split(separator)]
        places = [[i for i, field in enumerate(fields) if is_header(field, column)] for column in HEADERS]
        if all(len(found) == 1 for found in places):
            (name,), (frames,) = places
            split = [[field.strip() for field in row.split(separator)] for _, row in rows[1:]]
            # A line with another number of fields is told as one without a number of frames.
            cells = [(f[name], f[frames]) if len(f) == len(fields) else ("", "") for f in split]
            header = f"the header {first[:60]!r} in line {rows[0][0]}"
            return [(row[0], *cell) for row, cell in zip(rows[1:], cells, strict=True)], [header]
    matches = [(number, _COUNTED.fullmatch(row.rstrip(" \t,;"))) for number, row in rows]
    return [(n, *((match["name"], match["frames"]) if match else ("", ""))) for n, match in matches], []


def read_sample_list(path: Path, known: Collection[str] = ()) -> Listed[dict[str, set[int]]]:
    """Read a sample submission (ABAW5 and later), which lists every frame of every test video.

    Parameters
    ----------
    path
        The text file: header ``image_location,valence,arousal`` or ``image_location``, rows
        ``<name>/00001.jpg`` with or without values.
    known
        The names that have crops, by which suffixes are judged.

    Returns
    -------
    Listed
        The frame numbers (1-based) by name.

    Raises
    ------
    InputError
        If the file cannot be read, the header or a row is not as described, or a frame is listed twice.
    """
    lines = read_lines(path, "a sample list of name/00001.jpg rows", "set data.sample_list").lines
    header = lines[0] if lines else ""
    if re.sub(r"\s", "", header).rstrip(",").lower() not in _SAMPLE_HEADERS:
        raise InputError(
            f"{path}, line 1: expected the header {_SAMPLE_HEADERS[0]!r} or {_SAMPLE_HEADERS[1]!r}, found"
            f" {header[:80]!r}; set data.sample_list to the challenge's sample file."
        )
    frames: dict[str, set[int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        name, frame = _parse_sample_row(path, number, line)
        listed = frames.setdefault(name, set())
        if frame in listed:
            raise InputError(
                f"{path}, line {number}: expected each frame once, found {line.strip()!r} again; remove one"
                " of them."
            )
        listed.add(frame)
    names, suffixes = without_suffixes(list(frames), known)
    content = dict(zip(names, frames.values(), strict=True))
    unusual = [] if header.replace(" ", "") in _SAMPLE_HEADERS else [f"the header {header[:60]!r}"]
    unusual += [suffixes] if suffixes and len(content) == len(frames) else []
    expected = f"the header {_SAMPLE_HEADERS[0]!r} and rows such as 'video86_2/00001.jpg'"
    return Listed(content if len(content) == len(frames) else frames, path, expected, unusual)


def read_groups(path: Path, known: Collection[str] = ()) -> Listed[dict[str, str]]:
    """Read the user's person groups, a CSV that has the columns ``name`` and ``group``.

    Parameters
    ----------
    path
        The CSV file. Names that it does not list keep the group of the naming rule.
    known
        The names that have crops, by which suffixes are judged.

    Returns
    -------
    Listed
        Group by name.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, a row is incomplete, or a name is listed twice.
    """
    lines = read_lines(
        path, "a CSV file with the columns name,group", "set data.groups to that file or null"
    ).lines
    separator = next((char for char in SEPARATORS if lines and char in lines[0]), ",")
    # Line by line: no name contains a line end, and a stray quotation mark must not swallow what follows.
    rows = [[field.strip() for field in next(csv.reader([line], delimiter=separator), [])] for line in lines]
    header = [field.lower() for field in rows[0]] if rows else []
    if not {"name", "group"} <= set(header):
        raise InputError(
            f"{path}, line 1: expected the columns name,group, found {str(rows[0] if rows else [])[:80]};"
            " correct the header."
        )
    numbered = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    name_at, group_at = header.index("name"), header.index("group")
    for number, row in numbered:
        if len(row) != len(header) or name_fault(row[group_at]):
            raise InputError(
                f"{path}, line {number}: expected a name and its group, found {str(row)[:80]}; correct the"
                " line."
            )
    names, suffixes = without_suffixes([row[name_at] for _, row in numbered], known)
    seen: dict[str, int] = {}
    for name, (number, _) in zip(names, numbered, strict=True):
        _check_new(path, number, name, seen, known)
        seen[name] = number
    groups = {name: row[group_at] for name, (_, row) in zip(names, numbered, strict=True)}
    unusual = [] if rows[0] == header and separator == "," else [f"the header {lines[0][:60]!r}"]
    return Listed(groups, path, "the columns name,group", unusual + ([suffixes] if suffixes else []))


def _check_new(path: Path, number: int, name: str, seen: dict[str, int], known: Collection[str] = ()) -> None:
    """Raise InputError where `name` is unsafe or was on an earlier line."""
    if fault := name_fault(name):
        meant = meant_name(name, known)
        remedy = "correct the line" if meant is None else f"write {meant!a} if that is meant"
        raise InputError(
            f"{path}, line {number}: expected a name that can be a file's name, found {name[:80]!r}, and"
            f" {fault}; {remedy}."
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
