"""A data set of raw videos and annotations, without crops: rendered people in rooms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from support.corpus import DATA, write_annotation, write_text
from support.paths import TINY
from support.videos import Person, scene, write_film

#: Frames of every video.
FRAMES = 20
#: People alone in their videos, enough for the folds of a run.
PEOPLE_ALONE = ("ann", "ben", "cleo", "dora")
#: The settings of the data set.
SETTINGS = {**DATA, "crops": "from videos", "videos": ["videos"]}


def write_person(path: Path, *people: Person, frames: int = FRAMES) -> Path:
    """Write a video of people who sway."""
    pictures = [
        scene([Person(one.seed, one.x + 4 * np.sin(n / 3), one.y, one.side) for one in people])
        for n in range(frames)
    ]
    return write_film(path, pictures)


def make_raw_corpus(root: Path, alone: Sequence[str], test: Sequence[str] = ("later", "nobody")) -> Path:
    """Write people alone and two in one video, with annotations, and test videos, one without a face."""
    for folder in ("videos", DATA["train"], DATA["validation"]):
        (root / folder).mkdir(parents=True)
    write_text(root / DATA["test_list"], "".join(f"{name}\n" for name in test))
    rng = np.random.default_rng(0)
    for seed, name in enumerate((*alone, *test), start=1):
        write_person(root / "videos" / f"{name}.mp4", *([] if name == "nobody" else [Person(seed)]))
    write_person(root / "videos" / "duo.mkv", Person(1, 80, 120, 80), Person(2, 240, 120, 90))
    for name in (*alone, "duo", "duo_right"):
        values = rng.uniform(-1, 1, (FRAMES, 2)).round(3).tolist()
        write_annotation(root, name, values, "validation" if name.startswith("duo") else "train")
    return root


def write_settings(folder: Path, **data) -> Path:
    """Write the configuration of a tiny run on the data set in a folder's folder data; return its path."""
    settings = {"root": str(folder / "data"), "data": {**SETTINGS, **data}, "batch_names": 4}
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(TINY.read_text()) | settings))
    return path
