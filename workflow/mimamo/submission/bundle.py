"""Access to the text files of a submission in a folder, in a zip, or as a single file.

Nothing is unpacked to disk, and nothing larger than a submission can be is read.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mimamo.errors import InputError
from mimamo.findings import Findings
from mimamo.storage.text import MAX_TEXT_BYTES

#: These bounds leave room for any submission and stop a zip bomb.
MAX_TOTAL_BYTES = 512 * 1024**2
MAX_FILES = 10_000

#: What file managers leave behind.
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class SubmissionText:
    """One text of a submission.

    Attributes
    ----------
    place
        Its path inside the submission, for messages.
    name
        Its file name without ``.txt``.
    open
        Opens it for reading bytes.
    """

    place: str
    name: str
    open: Callable[[], BinaryIO]


@dataclass
class Bundle:
    """The texts of a submission.

    Attributes
    ----------
    texts
        The texts found.
    findings
        Problems and notes about how they are packed.
    close
        Closes the zip, if there is one.
    """

    texts: list[SubmissionText] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_bundle(path: str | PathLike) -> Bundle:
    """List the texts of a submission: a folder (with the folders in it), a zip, or one text.

    Parameters
    ----------
    path
        The submission.

    Returns
    -------
    Bundle
        To be used in a ``with`` statement, which closes the zip.

    Raises
    ------
    InputError
        Where there is no such file or folder, or a zip is damaged or huge.
    """
    path = Path(path)
    if path.is_dir():
        return _open_folder(path)
    if not path.is_file():
        raise InputError(
            f"{path}: expected a submission (a folder, a zip or a text), found none; check the path"
        )
    if zipfile.is_zipfile(path):
        # Before its directory is read, which alone could fill the memory.
        if (size := path.stat().st_size) > MAX_TEXT_BYTES:
            raise InputError(
                f"{path}: expected a zip of at most {MAX_TEXT_BYTES} bytes, found one of {size}; pack "
                "nothing but the submission"
            )
        return _open_zip(path)
    if path.suffix.lower() == ".zip":
        raise InputError(f"{path}: expected a zip, found a file that is none or is cut off; pack it again")
    bundle = Bundle()
    _add_file(bundle, path.name, path.stat().st_size, path.open, "rb")
    return bundle


def _open_folder(path: Path) -> Bundle:
    """List the texts of a folder and the folders in it."""
    bundle = Bundle()
    files = sorted(file for file in path.rglob("*") if file.is_file())
    if len(files) > MAX_FILES:
        raise InputError(
            f"{path}: expected at most {MAX_FILES} files, found {len(files)}; name the right folder"
        )
    for file in files:
        place = file.relative_to(path).as_posix()
        # The workflow writes a zip of the texts beside them.
        if file.suffix == ".zip":
            continue
        _add_file(bundle, place, file.stat().st_size, file.open, "rb")
    return bundle


def _open_zip(path: Path) -> Bundle:
    """List the texts of a zip, which stays open; refuse members that are unsafe to unpack or read."""
    try:
        archive = zipfile.ZipFile(path)
    # A damaged directory raises exceptions of many types in zipfile, struct and the decoding of names.
    except Exception as error:
        raise InputError(f"{path}: expected a zip, found a damaged one ({error}); pack it again") from error
    bundle = Bundle(close=archive.close)
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    if len(members) > MAX_FILES:
        bundle.findings.add_problem(f"{path.name}: expected at most {MAX_FILES} files, found {len(members)}")
        return bundle
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL_BYTES:
        bundle.findings.add_problem(
            f"{path.name}: expected at most {MAX_TOTAL_BYTES} bytes when unpacked, found {total}; not read"
        )
        return bundle
    for member in members:
        if fault := _member_fault(member):
            bundle.findings.add_problem(
                f"{path.name}: {_printable(member.filename) or 'a member'} {fault}; it was not read"
            )
        else:
            _add_file(bundle, member.filename, member.file_size, archive.open, member)
    return bundle


def _member_fault(member: zipfile.ZipInfo) -> str:
    """Return why a member of a zip is not safe to read or unpack; empty where it is."""
    # zipfile cuts `filename` at its first zero byte; this is the name as stored.
    name = member.orig_filename
    path = PurePosixPath(name)
    if not name:
        return "has no name"
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name.isprintable():
        return "has a path that leaves the folder it is unpacked in, or one that not every system can write"
    # No challenge uses other methods, and lzma allocates as much memory as the file declares.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in an unusual way (neither stored nor deflated)"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _add_file(
    bundle: Bundle, place: str, size: int, opener: Callable[..., BinaryIO], *options: object
) -> None:
    """Add a file to the texts, or a finding that says why not; `opener(*options)` opens it."""
    path = PurePosixPath(place)
    if any(part in LITTER or part.startswith("._") for part in path.parts):
        bundle.findings.add_note(f"{_printable(place)} does not belong in a submission")
    elif path.suffix != ".txt":
        bundle.findings.add_note(f"{_printable(place)} is not a .txt file and was not read")
    elif size > MAX_TEXT_BYTES:
        bundle.findings.add_problem(
            f"{_printable(place)}: expected at most {MAX_TEXT_BYTES} bytes, found {size}; it was not read"
        )
    else:
        name = path.name.removesuffix(".txt")
        bundle.texts.append(SubmissionText(_printable(place), name, partial(opener, *options)))


def _printable(text: str) -> str:
    """Return a name shortened and without control characters, for a terminal."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= 120 else f"{plain[:117]}..."
