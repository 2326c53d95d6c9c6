"""Crops: the aligned face images of one name, a folder of JPEG files numbered by frame."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError

#: Crops are 112×112; an image with a longer side than this is none, and decoding it could fill the memory.
LONGEST_SIDE = 4096
#: Grey levels of standard deviation below which a crop is taken to show nothing.
FLAT = 1.0
#: More bytes than the largest image that is allowed takes without any compression.
LARGEST_FILE = 3 * LONGEST_SIDE**2

# What Pillow calls the modes of JPEG files that are not in colour as others are.
_KINDS = {"L": "grey", "CMYK": "CMYK"}
# How files begin that get named .jpg by mistake.
_MARKS = {
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WebP or other RIFF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"<": "text",
}

_CROP = re.compile(r"(\d{5,7})\.jpg", re.ASCII)
_LIKE_A_CROP = re.compile(r"(\d{1,9})\.(jpe?g|jpe|png|bmp|webp|tiff?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Listing:
    """What lies in a folder of crops; file names are sorted and printable.

    Attributes
    ----------
    numbers
        The frame numbers (1-based) of the crops, ascending.
    links
        Those of them that are symbolic links.
    padded
        Files named by a number with another count of digits, such as ``1.jpg``, by name.
    endings
        Files named by a number with another ending, such as ``00001.png``, by name.
    dead_links
        Symbolic links that lead nowhere or in a circle.
    strangers
        Everything else that is not hidden.
    hidden
        Hidden files, also the ``._*`` files that macOS leaves.
    """

    numbers: list[int]
    links: list[int] = field(default_factory=list)
    padded: dict[str, int] = field(default_factory=dict)
    endings: dict[str, int] = field(default_factory=dict)
    dead_links: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> list[str]:
        """Everything that is neither a crop nor hidden, sorted."""
        return sorted([*self.padded, *self.endings, *self.dead_links, *self.strangers])


@dataclass(frozen=True)
class CropCheck:
    """What decoding a folder of crops found.

    Attributes
    ----------
    sizes
        (width, height) in pixels by number, of every crop that can be decoded.
    unreadable
        The error that says why, by number, of all others.
    kinds
        The numbers of the crops that can be decoded but are no colour JPEG, by what they are: "grey", "CMYK",
        "PNG".
    flat
        The numbers of the crops that show one colour all over.
    """

    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    unreadable: dict[int, InputError] = field(default_factory=dict)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    flat: list[int] = field(default_factory=list)

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
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder of crops, found {error.strerror or error}; put the crops there."
        ) from None
    listing = Listing([])
    for entry in found:
        _file_away(entry, listing)
    listing.numbers.sort()
    listing.links.sort()
    return listing


def _file_away(entry: os.DirEntry, listing: Listing) -> None:
    """Put one entry of a folder into the part of the listing where it belongs."""
    name, shown = entry.name, ascii(entry.name)[1:-1]
    number, like = _number(name), _LIKE_A_CROP.fullmatch(name)
    if name.startswith("."):
        listing.hidden.append(shown)
    elif entry.is_symlink() and not os.path.exists(entry.path):
        listing.dead_links.append(shown)
    elif not os.path.isfile(entry.path) if entry.is_symlink() else not entry.is_file():
        listing.strangers.append(shown)
    elif number is not None:
        listing.numbers.append(number)
        if entry.is_symlink():
            listing.links.append(number)
    elif like and like[2] == "jpg":
        listing.padded[shown] = int(like[1])
    elif like:
        listing.endings[shown] = int(like[1])
    else:
        listing.strangers.append(shown)


def _number(name: str) -> int | None:
    """Give the frame number in a crop's file name, None where it is not a crop's name."""
    match = _CROP.fullmatch(name)
    # 00000.jpg is no frame, and 000001.jpg would be the second file of frame 1.
    return int(match[1]) if match and int(match[1]) > 0 and name == f"{int(match[1]):05d}.jpg" else None


@dataclass(frozen=True)
class Decoded:
    """One crop: its `pixels` as `read_crop` gives them, and the `kind` of image it was (see `CropCheck`)."""

    pixels: np.ndarray
    kind: str


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
    return decode_crop(path, grey).pixels


def decode_crop(path: Path, grey: bool = False, strict: bool = False) -> Decoded:
    """Decode one crop and say what kind of image it is.

    Errors are those of `read_crop`; where `strict`, also damage that a decoder covers up.
    """
    raw = _read(path)
    # OpenCV believes the header and allocates at once; Pillow reads the header alone.
    kind = _check_header(path, raw)
    if strict and kind != "PNG":
        _check_pixels(path, raw)
    try:
        mode = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), mode)
    except cv2.error:
        image = None
    if image is None or image.shape[2:] != (() if grey else (3,)):
        raise InputError(f"{path}: expected a whole image, found a damaged one; fetch or cut the crop again.")
    return Decoded(image, kind)


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


def _check_header(path: Path, raw: bytes) -> str:
    """Give the kind of image; raise where the header is not that of a small one."""
    size, kind = None, ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG"))
        size, kind = image.size, _KINDS.get(image.mode, "") if image.format == "JPEG" else str(image.format)
    except Image.DecompressionBombError:
        pass
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InputError(
            f"{path}: expected a JPEG image, found {_beginning(raw)}; fetch or cut the crop again."
        ) from None
    if size is None or max(size) > LONGEST_SIDE:
        found = f"one of {size[0]} by {size[1]}" if size else "a larger one than any camera makes"
        raise InputError(
            f"{path}: expected an image of at most {LONGEST_SIDE} pixels a side, found {found}; cut the"
            " crop again."
        )
    return kind


def _check_pixels(path: Path, raw: bytes) -> None:
    """Raise where libjpeg warns of damage; OpenCV and Pillow go on with whatever it makes of the rest."""
    from simplejpeg import decode_jpeg

    try:
        # An eighth of the size is enough: all data are gone through, and it takes a third of the time.
        decode_jpeg(raw, colorspace="GRAY", min_height=1, min_width=1, min_factor=8, strict=True)
    except ValueError as error:
        # Truncated files are told as such, as by the decoder itself.
        if "Premature end" not in str(error):
            raise InputError(
                f"{path}: expected undamaged pixels, found what libjpeg calls {str(error)!r}; fetch or cut"
                " the crop again."
            ) from None


def _beginning(raw: bytes) -> str:
    """Say how a file begins that is no image."""
    known = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    return f"a {known} file" if known else f"no header of one but {raw[:8]!r}"


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
            crop = decode_crop(crop_path(folder, number), strict=True)
        except InputError as error:
            check.unreadable[number] = error
            continue
        height, width = crop.pixels.shape[:2]
        check.sizes[number] = (width, height)
        if crop.kind:
            check.kinds.setdefault(crop.kind, []).append(number)
        if cv2.meanStdDev(crop.pixels)[1].max() < FLAT:
            check.flat.append(number)
    return check


def limit_threads(threads: int) -> None:
    """Tell OpenCV how many threads it may use; without this it uses as many as the machine has."""
    cv2.setNumThreads(threads)
