"""Small data sets in foreign layouts: AFEW-VA, and a table with a folder of crops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np

from mimamo.cropping.alignment import TEMPLATE

#: Places of the 68 landmarks that the five points are taken from, and which of the five each gives.
PLACES = {**dict.fromkeys(range(36, 42), 0), **dict.fromkeys(range(42, 48), 1), 30: 2, 48: 3, 54: 4}


def face_points(scale: float = 1.0, angle: float = 0.2, shift: complex = 40 + 30j) -> np.ndarray:
    """The five points of a face that is so large, tilted and placed: (5, 2)."""
    turned = (TEMPLATE @ np.array([1, 1j])) * scale * np.exp(1j * angle) + shift
    return np.stack([turned.real, turned.imag], axis=1)


def landmarks(points: np.ndarray) -> list[list[float]]:
    """68 landmarks with these five points among them."""
    return [points[PLACES.get(place, 2)].tolist() for place in range(68)]


def picture_of(points: np.ndarray, size: tuple[int, int] = (200, 220)) -> np.ndarray:
    """A picture, (height, width, 3), with a bright disc at each of the points."""
    image = np.full((*size, 3), 40, np.uint8)
    radius = max(2, round(float(np.linalg.norm(points[1] - points[0])) / 14))
    for x, y in points:
        cv2.circle(image, (round(float(x)), round(float(y))), radius, (250, 250, 250), -1)
    return image


def write_clip(
    folder: Path, name: str, labels: Mapping[int, tuple[object, object] | None], seed: int = 0
) -> Path:
    """Write a clip of AFEW-VA: a face that nods, with its values by frame from 0 on; return its JSON."""
    clip = folder / name
    clip.mkdir(parents=True)
    rng, frames = np.random.default_rng(seed), {}
    texture = cv2.GaussianBlur(rng.normal(size=(200, 220, 3)), (0, 0), 3) * 300
    for number, label in labels.items():
        points = face_points(angle=0.1 * np.sin(number / 3 + seed))
        picture = np.clip(picture_of(points) + texture, 0, 255).astype(np.uint8)
        assert cv2.imwrite(str(clip / f"{number:05d}.png"), picture)
        frames[f"{number:05d}"] = {"landmarks": landmarks(points)}
        if label is not None:
            frames[f"{number:05d}"] |= dict(zip(("valence", "arousal"), label, strict=True))
    path = clip / f"{name}.json"
    path.write_text(json.dumps({"video_id": name, "frames": frames}))
    return path


def write_afew_va(folder: Path, clips: int, frames: int) -> Path:
    """Write clips 001 and so on, whose values come and go."""
    for number in range(1, clips + 1):
        labels = {
            frame: (round(9 * np.sin(frame / 4 + number)), round(9 * np.cos(frame / 5 - number)))
            for frame in range(frames)
        }
        write_clip(folder, f"{number:03d}", labels, seed=number)
    return folder


def write_table(
    path: Path, rows: Iterable[tuple[object, ...]], header: str = "name,frame,valence,arousal"
) -> Path:
    """Write a table of labels."""
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def write_images(folder: Path, names: Iterable[str]) -> Path:
    """Write a crop under each of these file names."""
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        assert cv2.imwrite(str(folder / name), np.full((112, 112, 3), 50 + number, np.uint8))
    return folder
