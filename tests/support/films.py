"""Predictions of videos, and what they leave behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.cli import main
from mimamo.cropping.crop_table import read_table
from mimamo.storage.files import read_csv
from support.videos import Person, scene, write_film

#: Frames of the example, and how many of them have nobody in them, at its end.
FRAMES, EMPTY = 24, 5


def write_example(path: Path) -> Path:
    """Write a film of a person who sways and is then gone, with a tone and uneven times."""
    frames = [scene([Person(2, 150 + 5 * np.sin(n / 3), 120)]) for n in range(FRAMES - EMPTY)]
    times = np.arange(FRAMES) / 25 + 0.01 * (np.arange(FRAMES) % 2)
    return write_film(path, frames + [scene([])] * EMPTY, times=times, sound="aac")


@dataclass(frozen=True)
class Prediction:
    """The files of a prediction: of which `video`, and in which `folder`."""

    video: Path
    folder: Path

    @property
    def table(self) -> pd.DataFrame:
        return read_csv(self.folder / "table.csv")

    @property
    def crops(self) -> Path:
        return self.folder / "crops"

    @property
    def crop_table(self) -> pd.DataFrame:
        return read_table(self.crops / f"{self.video.stem}.csv")

    @property
    def shown(self) -> Path:
        return self.folder / "shown.mp4"


def predict(sources: Sequence[Path], models: Sequence[Path], out: Path, *options: str) -> int:
    """Run the command on videos; return what it ends with."""
    return main(
        [
            "predict",
            *map(str, sources),
            "--models",
            *map(str, models),
            "--out",
            str(out),
            "--threads",
            "1",
            *options,
        ]
    )
