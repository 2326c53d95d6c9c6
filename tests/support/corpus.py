"""Tiny data sets in Aff-Wild2's layout, with real images and videos, for the tests of the first stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np

from mimamo.corpus.layout import Corpus
from mimamo.storage.name_records import NameRecords

DATA = {
    "crops": ["cropped_aligned"],
    "train": "VA_Set/Training_Set",
    "validation": "VA_Set/Validation_Set",
    "test_list": "test_set_VA_Challenge.txt",
    "videos": ["batch1", "batch2"],
    "frame_list": None,
    "sample_list": None,
    "groups": None,
}


def corpus_at(root: Path, **data) -> Corpus:
    return Corpus.from_config({"data": {**DATA, **data}}, root)


def make_folders(root: Path, test_names: Iterable[str] = ("105",)) -> Path:
    for folder in ("cropped_aligned", "batch1", "batch2", DATA["train"], DATA["validation"]):
        (root / folder).mkdir(parents=True)
    write_text(root / DATA["test_list"], "".join(f"{name}\n" for name in test_names))
    return root


def write_text(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def write_crops(root: Path, name: str, numbers: Iterable[int], size: int = 112) -> Path:
    folder = root / "cropped_aligned" / name
    folder.mkdir(exist_ok=True)
    for number in numbers:
        image = np.full((size, size, 3), number % 200, np.uint8)
        assert cv2.imwrite(str(folder / f"{number:05d}.jpg"), image)
    return folder


def write_pictures(root: Path, numbers: Mapping[str, Iterable[int]], size: int = 72) -> Path:
    """Write crops with a face's spectrum for every name: large patterns are strong, and nothing jumps."""
    for seed, (name, frames) in enumerate(numbers.items()):
        rng = np.random.default_rng(seed)
        slow, folder = rng.normal(size=(48, 48, 3)), root / name
        folder.mkdir(parents=True)
        for number in frames:
            picture = cv2.GaussianBlur(slow * 4 + rng.normal(size=(48, 48, 3)), (0, 0), 1)
            picture = np.clip(cv2.resize(picture, (size, size)) * 32 + 128, 0, 255).astype(np.uint8)
            assert cv2.imwrite(str(folder / f"{number:05d}.jpg"), picture)
    return root


def write_usable_crops(folder: Path, numbers: Mapping[str, Iterable[int]]) -> Path:
    """Write what the audit records of usable crops, a record a name."""
    for name, frames in numbers.items():
        NameRecords(folder).write(name, "as given", {"frames": " ".join(map(str, frames))})
    return folder


def write_annotation(
    root: Path, name: str, rows: Iterable[tuple[float, float]], subset: str = "train"
) -> Path:
    lines = ["valence,arousal", *(f"{valence},{arousal}" for valence, arousal in rows)]
    return write_text(root / DATA[subset] / f"{name}.txt", "\n".join(lines) + "\n")


def write_video(path: Path, frames: int) -> Path:
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 25, (64, 48))
    assert video.isOpened()
    for number in range(frames):
        video.write(np.full((48, 64, 3), number * 7 % 255, np.uint8))
    video.release()
    return path


def overstate_frames(path: Path, said: int, truth: int) -> None:
    """Make the headers of an AVI say `said` frames where they say `truth`."""
    raw = bytearray(path.read_bytes())
    main = raw.index(b"avih") + 8 + 16
    stream = raw.index(b"strh") + 8 + 32
    for place in (main, stream):
        assert int.from_bytes(raw[place : place + 4], "little") == truth
        raw[place : place + 4] = said.to_bytes(4, "little")
    path.write_bytes(bytes(raw))
