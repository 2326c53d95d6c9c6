"""Crops: listing, decoding and checking the aligned face images of one name, numbered by frame."""

from __future__ import annotations

import io
import os
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from mimamo.corpus.crop_naming import FORMATS, CropNaming, find_crop_naming, other_number
from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError
from mimamo.storage.paths import describe_error

#: Crops are 112×112; an image with a longer side than this is no crop, and decoding it could fill the memory.
MAX_SIDE = 4096
#: Of the crops that are written here; the published ones are of about this quality. Of 75 and more, phase
#: differences are the same.
JPEG_QUALITY = 95
#: Standard deviation in grey levels below which a crop is taken to be of one colour.
FLAT = 1.0
#: Bytes of the largest allowed image without compression; a larger file is refused.
MAX_FILE_BYTES = 3 * MAX_SIDE**2

# Sides are checked here. Not around each call: crops are read in several threads, which share the filters.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# Kind of image by Pillow's mode, for those that are not in colour.
_KINDS = {"L": "grey", "LA": "grey", "1": "grey", "CMYK": "CMYK"}
# First bytes of other formats that get named as crops by mistake.
_MAGIC_BYTES = {
    b"GIF8": "GIF",
    b"RIFF": "WebP or other RIFF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"<": "text",
}


@dataclass(frozen=True)
class CropListing:
    """The content of a folder of crops; file names are sorted and printable.

    Attributes
    ----------
    numbers
        The frame numbers (1-based) of the crops, ascending.
    links
        The numbers of those crops that are symbolic links.
    zero
        The crop numbered 0 where crops are counted from 1.
    misnamed
        Numbered images of another pattern, such as ``1.jpg`` or ``00001.png`` among ``00001.jpg``, with their
        number.
    broken_links
        Symbolic links without a target, or in a loop.
    other_files
        Everything else that is not hidden.
    hidden
        Hidden files, including the ``._*`` files of macOS.
    """

    numbers: list[int]
    links: list[int] = field(default_factory=list)
    zero: list[str] = field(default_factory=list)
    misnamed: dict[str, int] = field(default_factory=dict)
    broken_links: list[str] = field(default_factory=list)
    other_files: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> list[str]:
        """Everything that is neither a crop nor hidden, sorted."""
        return sorted([*self.zero, *self.misnamed, *self.broken_links, *self.other_files])


@dataclass(frozen=True)
class CropCheck:
    """The result of decoding a folder of crops.

    Attributes
    ----------
    sizes
        (width, height) in pixels of every crop that can be decoded, by number.
    unreadable
        The error of every other crop, by number.
    kinds
        The numbers of the crops that can be decoded but are not in colour or of another format than their
        names say, by kind: "grey", "CMYK", "JPEG", "PNG", "BMP".
    flat
        The numbers of the crops of one uniform colour.
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
        """Return the size that most crops have (of equally frequent ones the largest), None without crops."""
        counts = Counter(self.sizes.values())
        return max(counts, key=lambda size: (counts[size], size)) if counts else None


def list_crops(folder: Path, naming: CropNaming) -> CropListing:
    """List a folder of crops without opening them.

    Parameters
    ----------
    folder
        The folder of one name. Hidden files (including macOS' ``._*``) are listed apart.
    naming
        How crops are named.

    Raises
    ------
    InputError
        If the folder cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            sorted_entries = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"{folder}: expected a folder of crops, found {describe_error(folder, error)}; put the crops"
            " there."
        ) from None
    listing = CropListing([])
    for entry in sorted_entries:
        _classify(entry, naming, listing)
    listing.numbers.sort()
    listing.links.sort()
    return listing


def _classify(entry: os.DirEntry, naming: CropNaming, listing: CropListing) -> None:
    """Add one entry of a folder to the field of the listing that it belongs to."""
    name, shown = entry.name, ascii(entry.name)[1:-1]
    frame, number = naming.frame(name), other_number(name)
    if name.startswith("."):
        listing.hidden.append(shown)
    elif entry.is_symlink() and not os.path.exists(entry.path):
        listing.broken_links.append(shown)
    elif not os.path.isfile(entry.path) if entry.is_symlink() else not entry.is_file():
        listing.other_files.append(shown)
    elif frame == 0:
        listing.zero.append(shown)
    elif frame is not None:
        listing.numbers.append(frame)
        if entry.is_symlink():
            listing.links.append(frame)
    elif number is not None:
        listing.misnamed[shown] = number
    else:
        listing.other_files.append(shown)


def crop_path(folder: Path, frame: int, naming: CropNaming) -> Path:
    """Return the path of a frame's crop."""
    return Path(folder) / naming.file_name(frame)


def has_crops(folder: Path) -> bool:
    """Return whether crops of any naming lie in a folder itself; not where it is none that can be listed."""
    try:
        return bool(list_crops(folder, find_crop_naming([folder])).numbers)
    except InputError:
        return False


def write_crop(pixels: np.ndarray, path: Path) -> None:
    """Write a crop as a JPEG file.

    Parameters
    ----------
    pixels
        (height, width, 3) uint8: blue, green, red, as OpenCV has them.
    path
        The file, see `crop_path`.
    """
    # Not `imwrite`, which says nothing about a full disk.
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    path.write_bytes(packed)


@dataclass(frozen=True)
class DecodedCrop:
    """A decoded crop: its `pixels` as `read_crop` returns them, and its `kind` of image (see `CropCheck`)."""

    pixels: np.ndarray
    kind: str


def read_crop(path: Path, grey: bool = False) -> np.ndarray:
    """Decode one crop.

    Parameters
    ----------
    path
        A JPEG, PNG or BMP file.
    grey
        Whether to decode the brightness only. A JPEG stores it separately, so that this takes half the time.

    Returns
    -------
    numpy.ndarray
        Red, green and blue, uint8, shape (height, width, 3), or Rec. 601 luma (height, width).

    Raises
    ------
    InputError
        If the file cannot be read, is no such image, is huge by its header, or is truncated.
    """
    return decode_crop(path, grey).pixels


def decode_crop(path: Path, grey: bool = False, strict: bool = False) -> DecodedCrop:
    """Decode one crop and determine its kind of image.

    Raises InputError as `read_crop` does; where `strict`, also for damage that the decoder conceals.
    """
    raw = _read(path)
    # OpenCV trusts the header and allocates at once; Pillow reads the header alone.
    image_format, mode = _check_header(path, raw)
    if strict and image_format == "JPEG":
        _check_pixels(path, raw)
    elif image_format == "BMP":
        _check_whole(path, raw)
    try:
        flag = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), flag)
    except cv2.error:
        image = None
    if image is None or image.shape[2:] != (() if grey else (3,)):
        raise InputError(
            f"{path}: expected a whole image, found a damaged one; download or make the crop again."
        )
    kind = _KINDS.get(mode, "") if image_format == expected_format(path) else image_format
    return DecodedCrop(image, kind)


def expected_format(path: Path) -> str:
    """Return the format that a crop's name stands for."""
    return FORMATS.get(os.path.splitext(path)[1].lower(), "JPEG")


def _read(path: Path) -> bytes:
    """Read the bytes of a crop's file."""
    try:
        size = os.stat(path).st_size
        if 0 < size <= MAX_FILE_BYTES:
            return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: expected a crop, found {describe_error(path, error)}; put the crop back."
        ) from None
    found = "an empty file" if size == 0 else f"a file of {size} bytes"
    raise InputError(
        f"{path}: expected a {expected_format(path)} image, found {found}; download or make the crop again."
    )


def _check_header(path: Path, raw: bytes) -> tuple[str, str]:
    """Return format and mode; raise InputError where the header is not that of a small image."""
    size, kind = None, ("", "")
    try:
        image = Image.open(io.BytesIO(raw), formats=sorted(set(FORMATS.values())))
        size, kind = image.size, (str(image.format), image.mode)
    except Image.DecompressionBombError:
        pass
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InputError(
            f"{path}: expected a {expected_format(path)} image, found {_describe_first_bytes(raw)}; download "
            "or make the crop again."
        ) from None
    if size is None or max(size) > MAX_SIDE:
        found = f"one of {size[0]} by {size[1]}" if size else "a larger one than any camera makes"
        raise InputError(
            f"{path}: expected an image of at most {MAX_SIDE} pixels a side, found {found}; cut the"
            " crop again."
        )
    return kind


def _check_pixels(path: Path, raw: bytes) -> None:
    """Raise InputError where libjpeg warns of damage, which OpenCV and Pillow ignore."""
    from simplejpeg import decode_jpeg

    try:
        # An eighth of the size is enough: all data are decoded, and it takes a third of the time.
        decode_jpeg(raw, colorspace="GRAY", min_height=1, min_width=1, min_factor=8, strict=True)
    except ValueError as error:
        # Truncated files are reported by the decoder itself.
        if "Premature end" not in str(error):
            raise InputError(
                f"{path}: expected undamaged pixels, found what libjpeg calls {str(error)!r}; download or "
                "make the crop again."
            ) from None


def _check_whole(path: Path, raw: bytes) -> None:
    """Raise InputError where pixels are missing at the end, which OpenCV ignores in BMP files."""
    try:
        Image.open(io.BytesIO(raw), formats=("BMP",)).load()
    except (OSError, SyntaxError, ValueError):
        raise InputError(
            f"{path}: expected a whole image, found a damaged one; download or make the crop again."
        ) from None


def _describe_first_bytes(raw: bytes) -> str:
    """Describe the first bytes of a file that is no image."""
    known = next((name for magic, name in _MAGIC_BYTES.items() if raw.startswith(magic)), None)
    return f"a {known} file" if known else f"no header of one but {raw[:8]!r}"


def check_crops(folder: Path, numbers: list[int], naming: CropNaming) -> CropCheck:
    """Decode crops to find out which are usable.

    Parameters
    ----------
    folder
        The folder of one name.
    numbers
        The frame numbers to decode, from `list_crops`.
    naming
        How crops are named.
    """
    check = CropCheck()
    for number in numbers:
        try:
            crop = decode_crop(crop_path(folder, number, naming), strict=True)
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
    """Limit the threads of OpenCV; by default it uses as many as the machine has cores."""
    cv2.setNumThreads(threads)
