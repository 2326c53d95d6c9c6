"""Corpora with one fault each, as real copies of a data set have them: small, with good neighbours."""

from __future__ import annotations

import io
import os
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from support.corpus import DATA, overstate_frames, write_text, write_video
from support.images import claim_size

#: The name that is spoilt, and those that must stay as they are.
VICTIM = "7"
NEIGHBOURS = {"video9": "train", "8-30-640x360": "validation", "105": "test"}
FRAMES = 6
CROPS, TRAIN = "cropped_aligned", DATA["train"]
SETTINGS = {**DATA, "frame_list": "frames.txt"}


@cache
def picture(kind: str = "JPEG", mode: str = "RGB", size: int = 112) -> bytes:
    """A picture that is not all of one colour."""
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    image = Image.fromarray(cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def good_corpus(root: Path) -> Path:
    """Make a corpus without fault: each name has crops 1 to 6, and lines or a length to match."""
    for folder in (CROPS, "batch1", "batch2", TRAIN, DATA["validation"]):
        (root / folder).mkdir(parents=True)
    for place, (name, subset) in enumerate({VICTIM: "train", **NEIGHBOURS}.items()):
        (root / CROPS / name).mkdir()
        for number in range(1, FRAMES + 1):
            crop(root, number, name).write_bytes(picture())
        if subset != "test":
            write_text(root / DATA[subset] / f"{name}.txt", lines(level=0.25 + place / 20))
    write_text(root / DATA["test_list"], "105\n")
    write_text(root / "frames.txt", f"105 {FRAMES}\n")
    return root


def crop(root: Path, number: int, name: str = VICTIM) -> Path:
    return root / CROPS / name / f"{number:05d}.jpg"


def lines(count: int = FRAMES, level: float = 0.25, **changed: str) -> str:
    """An annotation file, other ones at other levels; ``line3="0.1,x"`` changes line 3 of the file."""
    values = [f"{number / 10:g},{number / 20 - level:g}" for number in range(count)]
    rows = ["valence,arousal", *values]
    for key, row in changed.items():
        rows[int(key.removeprefix("line")) - 1] = row
    return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Case:
    """A fault: how it is made, and what is said of it.

    Attributes
    ----------
    name
        Of the case.
    spoil
        Makes the fault in a good corpus.
    verdict
        Expected of the victim.
    says
        The sentence, whole and with paths relative to the root.
    frames
        The frames that it names, as in the doctor's table.
    victim
        The name that it is said of; "" for the corpus as a whole.
    data
        What the configuration says differently.
    """

    name: str
    spoil: Callable[[Path], object]
    verdict: str
    says: str
    frames: str = ""
    victim: str = VICTIM
    data: dict = field(default_factory=dict)


def put(number: int, content: bytes) -> Callable[[Path], object]:
    return lambda root: crop(root, number).write_bytes(content)


def annotate(text: str | bytes) -> Callable[[Path], object]:
    content = text.encode() if isinstance(text, str) else text
    return lambda root: (root / TRAIN / f"{VICTIM}.txt").write_bytes(content)


def add(*names: str) -> Callable[[Path], object]:
    """Copy a crop under other names into the victim's folder."""
    return lambda root: [(root / CROPS / VICTIM / name).write_bytes(picture()) for name in names]


def rename_all(form: str) -> Callable[[Path], object]:
    """Give all crops of the victim other names."""
    return lambda root: [
        crop(root, n).rename(crop(root, n).with_name(form.format(n=n))) for n in range(1, FRAMES + 1)
    ]


def relink(path: str, target: str) -> Callable[[Path], object]:
    """Put a symbolic link in the place of a file or folder."""

    def spoil(root: Path) -> None:
        place = root / path
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
        place.symlink_to(target.format(root=root))

    return spoil


def remove(path: str) -> Callable[[Path], object]:
    return lambda root: shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()


def text(path: str, content: str | bytes) -> Callable[[Path], object]:
    content = content.encode() if isinstance(content, str) else content
    return lambda root: (root / path).write_bytes(content)


def together(*steps: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda root: [step(root) for step in steps]


def outside(root: Path) -> Path:
    """Make a folder with crops beside the data set."""
    folder = root.parent / "elsewhere"
    folder.mkdir()
    for number in range(1, FRAMES + 1):
        (folder / f"{number:05d}.jpg").write_bytes(picture())
    return folder


def huge_header() -> bytes:
    return claim_size(picture(), 60_000)


def damaged() -> bytes:
    """Put noise into the pixels of a whole JPEG; OpenCV decodes it without a word."""
    raw = bytearray(picture())
    place = raw.index(b"\xff\xda") + 200
    raw[place : place + 64] = bytes(range(64))
    assert cv2.imdecode(np.frombuffer(bytes(raw), np.uint8), cv2.IMREAD_COLOR) is not None
    return bytes(raw)


def one_colour(number: int) -> Callable[[Path], object]:
    return lambda root: cv2.imwrite(str(crop(root, number)), np.zeros((112, 112, 3), np.uint8))


def video(name: str, frames: int) -> Callable[[Path], object]:
    return lambda root: write_video(root / name, frames)


def overstated(root: Path) -> None:
    overstate_frames(write_video(root / "batch1/7.avi", FRAMES), said=FRAMES + 3, truth=FRAMES)


def sparse(root: Path) -> None:
    """Make a crop of 60 million bytes that take no room."""
    os.truncate(crop(root, 2), 60_000_000)


def another_name(name: str, frames: int = FRAMES) -> Callable[[Path], object]:
    """Add a training name."""

    def spoil(root: Path) -> None:
        (root / CROPS / name).mkdir()
        for number in range(1, frames + 1):
            crop(root, number, name).write_bytes(picture())
        write_text(root / TRAIN / f"{name}.txt", lines(frames, level=0.5))

    return spoil


NFC, NFD = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
ROOT_ROW = "image_location\n" + "".join(f"105/{number:05d}.jpg\n" for number in range(1, FRAMES + 1))
