"""Crops: the aligned face images of one name, a folder of JPEG files numbered by frame."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from mimamo.errors import InputError

#: Crops are 112×112; an image with a longer side than this is none, and decoding it could fill the memory.
LONGEST_SIDE = 4096
#: More bytes than the largest image that is allowed takes without any compression.
LARGEST_FILE = 3 * LONGEST_SIDE**2

_CROP = re.compile(r"(\d{5,7})\.jpg", re.ASCII)


@dataclass(frozen=True)
class Listing:
    """What lies in a folder of crops.

    Attributes
    ----------
    numbers
        The frame numbers (1-based) of the crops, ascending.
    strangers
        Names of everything else that is not hidden, sorted.
    """

    numbers: list[int]
    strangers: list[str]


@dataclass(frozen=True)
class CropCheck:
    """What decoding a folder of crops found.

    Attributes
    ----------
    sizes
        (width, height) in pixels by number, of every crop that can be decoded.
    unreadable
        The sentence that says why, by number, of all others.
    """

    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    unreadable: dict[int, str] = field(default_factory=dict)

    @property
    def usable(self) -> list[int]:
        """The numbers of the crops that can be decoded, ascending."""
        return sorted(self.sizes)

    def common_size(self) -> tuple[int, int] | None:
        """Give the size that most crops have (of equally frequent ones the largest), None without crops."""
        counts = Counter(self.sizes.values())
        return max(counts, key=lambda size: (counts[size], size)) if counts else None


def crop_path(folder: Path, number: int) -> Path:
    """Give the file of a frame's crop."""
    return Path(folder) / f"{number:05d}.jpg"


def list_crops(folder: Path) -> Listing:
    """List a folder of crops without opening them.

    Parameters
    ----------
    folder
        The folder of one name, with files ``00001.jpg``, … Hidden files (also macOS' ``._*``) are ignored.

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            found = {entry.name: entry.is_file() for entry in entries if not entry.name.startswith(".")}
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder of crops, found {error.strerror or error}; put the crops there."
        ) from None
    numbers = {name: _number(name) if is_file else None for name, is_file in found.items()}
    return Listing(
        sorted(number for number in numbers.values() if number is not None),
        sorted(ascii(name)[1:-1] for name, number in numbers.items() if number is None),
    )


def _number(name: str) -> int | None:
    """Give the frame number in a crop's file name, None where it is not a crop's name."""
    match = _CROP.fullmatch(name)
    # 00000.jpg is no frame, and 000001.jpg would be the second file of frame 1.
    return int(match[1]) if match and int(match[1]) > 0 and name == f"{int(match[1]):05d}.jpg" else None


def read_crop(path: Path, grey: bool = False) -> np.ndarray:
    """Decode one crop.

    Parameters
    ----------
    path
        A JPEG (or PNG) file.
    grey
        Whether only its brightness is wanted. A JPEG holds that by itself, so that it takes half the time.

    Returns
    -------
    numpy.ndarray
        Red, green and blue, uint8, shape (height, width, 3), or Rec. 601 luma (height, width).

    Raises
    ------
    InputError
        If the file cannot be read, is no such image, claims to be huge, or ends early.
    """
    raw = _read(path)
    # OpenCV believes the header and allocates at once; Pillow reads the header alone.
    _check_header(path, raw)
    try:
        mode = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), mode)
    except cv2.error:
        image = None
    if image is None or image.shape[2:] != (() if grey else (3,)):
        raise InputError(f"{path}: expected a whole image, found a damaged one; fetch or cut the crop again.")
    return image


def _read(path: Path) -> bytes:
    """Read the file of a crop."""
    try:
        size = os.stat(path).st_size
        if 0 < size <= LARGEST_FILE:
            return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: expected a crop, found {error.strerror or error}; put the crop back."
        ) from None
    found = "an empty file" if size == 0 else f"a file of {size} bytes"
    raise InputError(f"{path}: expected a JPEG image, found {found}; fetch or cut the crop again.")


def _check_header(path: Path, raw: bytes) -> None:
    """Raise where the header is not that of a small image."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            size = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG")).size
    except Image.DecompressionBombError:
        size = None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InputError(
            f"{path}: expected a JPEG image, found no header of one; fetch or cut the crop again."
        ) from None
    if size is None or max(size) > LONGEST_SIDE:
        found = f"one of {size[0]} by {size[1]}" if size else "a larger one than any camera makes"
        raise InputError(
            f"{path}: expected an image of at most {LONGEST_SIDE} pixels a side, found {found}; cut the"
            " crop again."
        )


def check_crops(folder: Path, numbers: list[int]) -> CropCheck:
    """Decode crops to see which are usable.

    Parameters
    ----------
    folder
        The folder of one name.
    numbers
        The frame numbers to decode, as `list_crops` gives them.
    """
    check = CropCheck()
    for number in numbers:
        try:
            height, width = read_crop(crop_path(folder, number)).shape[:2]
            check.sizes[number] = (width, height)
        except InputError as error:
            check.unreadable[number] = str(error)
    return check


def limit_threads(threads: int) -> None:
    """Tell OpenCV how many threads it may use; without this it uses as many as the machine has."""
    cv2.setNumThreads(threads)
