"""Tolerant reading of text files: Windows line ends, byte order marks, blank last lines."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.paths import describe_error

#: The largest text file of a challenge lists some 1.5 million frames in 45 MB.
MAX_TEXT_BYTES = 128 * 1024**2
#: A line holds a name and a few numbers. Matching patterns on longer ones could also take minutes.
MAX_LINE_BYTES = 4096


@dataclass(frozen=True)
class Text:
    """The lines of a text file without their ends, and descriptions of what was repaired."""

    lines: list[str]
    repairs: list[str]


def read_lines(path: Path, what: str, remedy: str) -> Text:
    """Read a text file line by line.

    Parameters
    ----------
    path
        The file, in UTF-8 with or without byte order mark, with any of the three line ends.
    what
        What the file should be, for error messages ("the list of test names").
    remedy
        What to do about an unreadable file ("set data.test_list").

    Returns
    -------
    Text
        The lines, unchanged but for their ends; blank last lines are left out and listed in `repairs`.

    Raises
    ------
    InputError
        If the file is missing, cannot be read, is not UTF-8, or is larger than any such file.
    """
    try:
        with open(path, "rb") as handle:
            raw = handle.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: expected {what}, found {describe_error(path, error)}; {remedy}.") from None
    if len(raw) > MAX_TEXT_BYTES:
        raise InputError(
            f"{path}: expected {what}, found a file of more than {MAX_TEXT_BYTES} bytes; {remedy}."
        )
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError(f"{path}: expected {what} as UTF-8 text, found UTF-16; save the file as UTF-8.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}, line {line}: expected {what} as UTF-8 text, found the byte 0x{raw[error.start]:02x};"
            " save the file as UTF-8."
        ) from None
    # UTF-16 without a byte order mark has a zero byte beside every letter.
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            f"{path}, line {line}: expected {what} as UTF-8 text, found a zero byte; save the file as UTF-8."
        )
    content = _split_lines(text)
    for number, line in enumerate(content.lines, start=1):
        if len(line) > MAX_LINE_BYTES:
            raise InputError(
                f"{path}, line {number}: expected {what}, found a line of {len(line)} characters; {remedy}."
            )
    return content


def _split_lines(text: str) -> Text:
    """Split text into lines, and list what was repaired."""
    repairs = []
    if text.startswith("\ufeff"):
        text = text[1:]
        repairs.append("a byte order mark")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        repairs.append("Windows line ends")
    # Not `splitlines`, which also cuts at form feeds and other characters that are no line ends in a list.
    lines = text.removesuffix("\n").split("\n") if text else []
    blank = 0
    while lines and not lines[-1].strip():
        lines.pop()
        blank += 1
    if blank:
        repairs.append(f"{blank} blank {'line' if blank == 1 else 'lines'} at the end")
    return Text(lines, repairs)
