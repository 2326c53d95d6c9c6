"""Naming of crops: the pattern of their file names and their first number, once for a corpus.

Programs for face alignment name crops differently: ``00001.jpg``, ``000001.png``, ``frame00001.jpg``,
``frame_det_00_000001.bmp`` (OpenFace), counted from 0 or 1. Inside this package frames are counted from 1;
`CropNaming` alone knows the names of files.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from mimamo.errors import ConfigError

#: The setting by which pattern or first number are found by what is there.
AUTO = "auto"
#: Formats of crops by the ending of their names, in lower case.
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".bmp": "BMP"}
#: Folders, and files in each of them, that are looked at for the pattern of a corpus.
MAX_FOLDERS, MAX_FILES = 9, 256

_PATTERN = re.compile(r"(?P<prefix>[^%/\\{}]*)%(?:0(?P<digits>[1-9]))?d(?P<suffix>\.\w+)", re.ASCII)
_NUMBERED = re.compile(
    r"(?P<prefix>(?:.*\D)?)(?P<number>\d{1,9})(?P<suffix>\.(?:jpe?g|png|bmp))", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True)
class CropNaming:
    """How the crops of a corpus are named and counted.

    Attributes
    ----------
    prefix, suffix
        What stands before and after the number: ``frame_det_00_`` and ``.bmp``.
    digits
        The count of digits to which numbers are padded with zeros; larger numbers have more.
    first
        The number of a video's first frame: 0 or 1.
    """

    prefix: str = ""
    digits: int = 5
    suffix: str = ".jpg"
    first: int = 1

    @classmethod
    def from_pattern(cls, pattern: str, first: int = 1) -> CropNaming:
        """Build the naming from a pattern such as ``%05d.jpg``, as ffmpeg and OpenCV write it.

        Raises
        ------
        ConfigError
            If it is no such pattern.
        """
        match = _PATTERN.fullmatch(pattern)
        if match is None or match["suffix"].lower() not in FORMATS:
            raise ConfigError(
                f"Configuration: data.crop_names is {pattern!r}, expected auto or a pattern such as"
                f" '%05d.jpg' that ends in one of {', '.join(FORMATS)}."
            )
        return cls(match["prefix"], int(match["digits"] or 1), match["suffix"], first)

    @property
    def pattern(self) -> str:
        """The pattern, such as ``%05d.jpg``."""
        return f"{self.prefix}%0{self.digits}d{self.suffix}"

    @property
    def image_format(self) -> str:
        """The format that the ending stands for: "JPEG", "PNG" or "BMP"."""
        return FORMATS[self.suffix.lower()]

    @property
    def example(self) -> str:
        """The file name of the first frame's crop."""
        return self.file_name(1)

    def file_name(self, frame: int) -> str:
        """Return the file name of a frame's crop; frames are counted from 1."""
        return f"{self.prefix}{frame - 1 + self.first:0{self.digits}d}{self.suffix}"

    def frame(self, file_name: str) -> int | None:
        """Return the frame of a crop's file name, None for another file.

        It is 0 for the crop numbered 0 where the first frame has number 1.
        """
        match = self._file_name.fullmatch(file_name)
        # With five digits 000001.jpg would be a second file of frame 1.
        return int(match[1]) + 1 - self.first if match else None

    @cached_property
    def _file_name(self) -> re.Pattern:
        """The regular expression of file names, whose group is the number."""
        more = rf"|[1-9]\d{{{self.digits},8}}" if self.digits < 9 else ""
        return re.compile(
            rf"{re.escape(self.prefix)}(\d{{{self.digits}}}{more}){re.escape(self.suffix)}", re.ASCII
        )


def other_number(file_name: str) -> int | None:
    """Return the number in the name of a numbered image of any pattern, None for another file."""
    match = _NUMBERED.fullmatch(file_name)
    return int(match["number"]) if match else None


def find_crop_naming(folders: Sequence[Path], pattern: str = AUTO, first: int | str = AUTO) -> CropNaming:
    """Find how the crops of a corpus are named and counted.

    Parameters
    ----------
    folders
        The folders of crops, one per name.
    pattern, first
        The settings ``data.crop_names`` and ``data.first_frame``; `AUTO` for what is to be found.

    Returns
    -------
    CropNaming
        With the pattern that most of a few folders have, ``%05d.jpg`` where none has a numbered image.
        Crops are taken to be counted from 0 only where every folder of crops has a crop 0.

    Raises
    ------
    ConfigError
        If `pattern` is no pattern.
    """
    naming = CropNaming.from_pattern(pattern) if pattern != AUTO else _most_frequent(folders)
    if first == AUTO:
        zero, others = count_zeros(folders, naming)
        first = 0 if zero and not others else 1
    return replace(naming, first=int(first))


def count_zeros(folders: Iterable[Path], naming: CropNaming) -> tuple[int, int]:
    """Count the folders with a crop numbered 0, and the folders with crops but without that one.

    The second is not counted (0) where the first is 0: no further file is looked at then.
    """
    naming = replace(naming, first=0)
    folders = list(folders)
    without = [folder for folder in folders if not os.path.lexists(folder / naming.file_name(1))]
    if len(without) == len(folders):
        return 0, 0
    return len(folders) - len(without), sum(_has_crop(folder, naming) for folder in without)


def _has_crop(folder: Path, naming: CropNaming) -> bool:
    """Return whether any file of a folder is named as a crop."""
    return any(naming.frame(name) is not None for name in _file_names(folder))


def _file_names(folder: Path) -> Iterator[str]:
    """Yield the names of the visible files of a folder; none where it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if not entry.name.startswith("."))
    except OSError:
        return


def _most_frequent(folders: Sequence[Path]) -> CropNaming:
    """Return the naming that most of a few folders, spread over all, have."""
    votes: Counter[CropNaming] = Counter()
    for start in range(MAX_FOLDERS):
        # Folders without a numbered image have no vote, so that the next ones are looked at.
        part = folders[len(folders) * start // MAX_FOLDERS : len(folders) * (start + 1) // MAX_FOLDERS]
        votes.update(islice(filter(None, map(_naming_in, part)), 1))
    return _first_of_most(votes, lambda naming: (naming != CropNaming(), naming.pattern), CropNaming())


def _first_of_most(votes: Counter, order: Callable, default: object) -> object:
    """Return what has most votes, of several the first in an order; `default` without any vote."""
    return min(votes, key=lambda choice: (-votes[choice], order(choice)), default=default)


def _naming_in(folder: Path) -> CropNaming | None:
    """Return the naming that most of the first files of a folder have, None without numbered images."""
    matches = [
        match for name in islice(_file_names(folder), MAX_FILES) if (match := _NUMBERED.fullmatch(name))
    ]
    frames: Counter[tuple[str, str]] = Counter((match["prefix"], match["suffix"]) for match in matches)
    chosen = _first_of_most(frames, lambda choice: choice, None)
    if chosen is None:
        return None
    numbers = [match["number"] for match in matches if (match["prefix"], match["suffix"]) == chosen]
    # Only a zero in front shows how far numbers are padded; without any they are as short as they can be.
    padded = Counter(len(number) for number in numbers if number.startswith("0") and len(number) > 1)
    digits = _first_of_most(padded, lambda width: width, min(map(len, numbers)))
    return CropNaming(chosen[0], digits, chosen[1])
