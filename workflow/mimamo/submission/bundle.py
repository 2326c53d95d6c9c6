"""The texts of a submission, wherever they lie: in a folder, in a zip, or one file alone.

Nothing is ever unpacked to disk, and nothing larger than a submission can be is read.
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
from mimamo.storage.text import LARGEST_TEXT

#: These bounds leave room for any submission and stop a zip bomb.
LARGEST_TOTAL = 512 * 1024**2
MOST_FILES = 10_000

#: What file managers leave behind.
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Text:
    """One text of a submission.

    Attributes
    ----------
    place
        Its path inside the submission, for sentences.
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
    """The texts of a submission and what there is to say about how they are packed."""

    texts: list[Text] = field(default_factory=list)
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
        return _folder(path)
    if not path.is_file():
        raise InputError(
            f"{path}: expected a submission (a folder, a zip or a text), found none; check the path"
        )
    if zipfile.is_zipfile(path):
        # Before its directory is read, which alone could fill the memory.
        if (size := path.stat().st_size) > LARGEST_TEXT:
            raise InputError(
                f"{path}: expected a zip of at most {LARGEST_TEXT} bytes, found one of {size}; pack nothing "
                "but the submission"
            )
        return _zip(path)
    if path.suffix.lower() == ".zip":
        raise InputError(f"{path}: expected a zip, found a file that is none or is cut off; pack it again")
    bundle = Bundle()
    _add(bundle, path.name, path.stat().st_size, path.open, "rb")
    return bundle


def _folder(path: Path) -> Bundle:
    bundle = Bundle()
    files = sorted(file for file in path.rglob("*") if file.is_file())
    if len(files) > MOST_FILES:
        raise InputError(
            f"{path}: expected at most {MOST_FILES} files, found {len(files)}; name the right folder"
        )
    for file in files:
        place = file.relative_to(path).as_posix()
        # What the workflow itself puts beside its texts.
        if file.suffix in (".zip", ".csv"):
            continue
        _add(bundle, place, file.stat().st_size, file.open, "rb")
    return bundle


def _zip(path: Path) -> Bundle:
    try:
        archive = zipfile.ZipFile(path)
    # A damaged directory fails in zipfile, struct or the decoding of names, each with exceptions of its own.
    except Exception as error:
        raise InputError(f"{path}: expected a zip, found a damaged one ({error}); pack it again") from error
    bundle = Bundle(close=archive.close)
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    if len(members) > MOST_FILES:
        bundle.findings.wrong(f"{path.name}: expected at most {MOST_FILES} files, found {len(members)}")
        return bundle
    total = sum(member.file_size for member in members)
    if total > LARGEST_TOTAL:
        bundle.findings.wrong(
            f"{path.name}: expected at most {LARGEST_TOTAL} bytes when unpacked, found {total}; not read"
        )
        return bundle
    for member in members:
        if fault := _unsafe(member):
            bundle.findings.wrong(
                f"{path.name}: {_shown(member.filename) or 'a member'} {fault}; it was not read"
            )
        else:
            _add(bundle, member.filename, member.file_size, archive.open, member)
    return bundle


def _unsafe(member: zipfile.ZipInfo) -> str:
    """Why a member of a zip must not be unpacked by anyone; empty where it may be."""
    # zipfile cuts a name at its first zero byte; the name as stored tells.
    name = member.orig_filename
    path = PurePosixPath(name)
    if not name:
        return "has no name"
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name.isprintable():
        return "has a path that leaves the folder it is unpacked in, or one that not every system can write"
    # Other ways of packing are no challenge's, and lzma takes as much memory as a file says that it needs.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in an unusual way (neither stored nor deflated)"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _add(bundle: Bundle, place: str, size: int, opener: Callable[..., BinaryIO], *options: object) -> None:
    """Take a file up among the texts, or say why not."""
    path = PurePosixPath(place)
    if any(part in LITTER or part.startswith("._") for part in path.parts):
        bundle.findings.odd(f"{_shown(place)} does not belong in a submission")
    elif path.suffix != ".txt":
        bundle.findings.odd(f"{_shown(place)} is no .txt and was not read")
    elif size > LARGEST_TEXT:
        bundle.findings.wrong(
            f"{_shown(place)}: expected at most {LARGEST_TEXT} bytes, found {size}; it was not read"
        )
    else:
        bundle.texts.append(Text(_shown(place), path.name.removesuffix(".txt"), partial(opener, *options)))


def _shown(text: str) -> str:
    """Make a name fit for a terminal: short, without control characters."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= 120 else f"{plain[:117]}..."
