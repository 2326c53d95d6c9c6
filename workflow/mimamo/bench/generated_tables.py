"""Stand-in of the tables of a finished run at any size: labels, folds, audit, predictions and features.

No network predicts here: predictions are the truth with noise. So what is computed of them has the size of
the real corpus, and its scores mean nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo import DIMENSIONS
from mimamo.storage.files import write_csv
from mimamo.storage.frame_cache import cache_writer, feature_dtype

if TYPE_CHECKING:
    import pandas as pd

#: Names of the subsets, and frames of all their videos together; those of Aff-Wild2.
NAMES = {"train": 351, "validation": 72, "test": 138}
LABELLED, TEST = 1_930_000, 720_000
FOLDS = 5
#: Lengths and holes that are really different; more names repeat them, and share their caches of features.
COURSES = 24
#: Mean frames between two holes, and most frames of a hole, where there are few holes and where many.
HOLES = {"few": (2500, 60), "many": (60, 5)}
#: Values of a frame's features, as of ResNet-18.
WIDTH = 512
#: Names of a batch of the audit.
BATCH = 23
#: The section ``data`` of the configuration, for the folder of the corpus.
DATA = {"crops": ["crops"], "train": "annotations/train", "validation": "annotations/validation"}


@dataclass(frozen=True)
class GeneratedRun:
    """Files of a generated run, in `folder`.

    Attributes
    ----------
    folder
        Where they are or will be written.
    holes
        A key of `HOLES`.
    size
        Share of Aff-Wild2's frames; there are as many names at any size.
    """

    folder: Path
    holes: str
    size: float = 1.0

    @property
    def labels(self) -> Path:
        """The folder of labels."""
        return self.folder / "labels"

    @property
    def audit(self) -> Path:
        """The audit's table."""
        return self.folder / "audit.csv"

    @property
    def frames(self) -> Path:
        """The audit's table of usable crops."""
        return self.folder / "frames.csv"

    @property
    def features(self) -> Path:
        """The folder of features."""
        return self.folder / "features"

    def folds(self, protocol: str) -> Path:
        """Return the table of folds of a protocol."""
        return self.folder / protocol / "folds.csv"

    def predictions(self, protocol: str) -> list[Path]:
        """Return the predictions of all folds under a protocol."""
        return [self.folder / protocol / f"fold{fold}.csv" for fold in range(FOLDS)]

    @cached_property
    def subsets(self) -> dict[str, str]:
        """The subset of every name, in an order that mixes them when it is sorted."""
        subsets = np.repeat(list(NAMES), list(NAMES.values()))
        np.random.default_rng(0).shuffle(subsets)
        return {f"{number}-30-1280x720": str(subset) for number, subset in enumerate(subsets, start=100)}

    def crops(self, name: str) -> np.ndarray:
        """Return the frame numbers of the crops of a name, ascending."""
        number = list(self.subsets).index(name)
        test = self.subsets[name] == "test"
        mean = TEST / NAMES["test"] if test else LABELLED / (NAMES["train"] + NAMES["validation"])
        return course(number % COURSES, max(20, round(mean * self.size)), *HOLES[self.holes])

    def write(self) -> None:
        """Write all files."""
        from mimamo.audit.tables import build_table, write_usable

        crops = {name: self.crops(name) for name in sorted(self.subsets)}
        truths = {name: _truth(crops[name], number) for number, name in enumerate(crops)}
        for name, subset in self.subsets.items():
            if subset != "test":
                self._write_truth(name, subset, crops[name], truths[name])
        self._write_features(crops)
        rows = [
            {"name": name, "subset": self.subsets[name], "verdict": "ok", "crops": len(frames), "group": name}
            | {"length": int(frames[-1]) + 3, "length_source": "frame_list"}
            for name, frames in crops.items()
        ]
        write_csv(build_table(rows), self.audit)
        write_usable(crops, self.frames)
        for protocol in ("merged", "official"):
            roles = self._roles(protocol)
            write_csv(roles, self.folds(protocol))
            for fold, path in enumerate(self.predictions(protocol)):
                predicted = self._predicted(roles[roles["fold"] == fold], protocol)
                write_csv(_predictions(predicted, crops, truths, fold), path)

    def _write_truth(self, name: str, subset: str, frames: np.ndarray, truth: np.ndarray) -> None:
        """Write the labels and the annotations of a name; every frame with a crop is annotated."""
        import pandas as pd

        from mimamo.corpus.stretches import stretch_numbers

        labels = pd.DataFrame({"frame": frames, **dict(zip(DIMENSIONS, truth.T, strict=True))})
        write_csv(labels.assign(stretch=stretch_numbers(frames)), self.labels / f"{name}.csv")
        values = np.full((int(frames[-1]), len(DIMENSIONS)), -5.0)
        values[frames - 1] = truth
        write_csv(pd.DataFrame(values, columns=list(DIMENSIONS)), self.folder / DATA[subset] / f"{name}.txt")

    def _write_features(self, crops: dict[str, np.ndarray]) -> None:
        """Write the features of the labelled names; those of equal frames are one file with several links."""
        self.features.mkdir(parents=True, exist_ok=True)
        written: dict[bytes, Path] = {}
        generator = np.random.default_rng(0)
        for name, frames in crops.items():
            path = self.features / f"{name}.npy"
            if first := written.get(frames.tobytes()):
                path.unlink(missing_ok=True)
                os.link(first, path)
                continue
            with cache_writer(path, feature_dtype(WIDTH), len(frames)) as writer:
                values = generator.normal(size=(len(frames), WIDTH)).astype(np.float16)
                writer.append(frames, pool5=values)
            written[frames.tobytes()] = path

    def _roles(self, protocol: str) -> pd.DataFrame:
        """Return the table of folds: names in turn are scored by the folds, their neighbours stop by them."""
        import pandas as pd

        rows = []
        fitted = [name for name in sorted(self.subsets) if self.subsets[name] != "test"]
        for fold in range(FOLDS):
            for number, name in enumerate(fitted):
                role = {fold: "score", (fold + 1) % FOLDS: "stop"}.get(number % FOLDS, "train")
                if protocol == "official" and self.subsets[name] == "validation":
                    role = "validation"
                rows.append((fold, name, self.subsets[name], name, role))
        return pd.DataFrame(rows, columns=["fold", "name", "subset", "group", "role"])

    def _predicted(self, roles: pd.DataFrame, protocol: str) -> dict[str, str]:
        """Return the roles of the names that a fold predicts, as the rule ``predict`` does."""
        rows = roles[roles["role"].isin(["score", "validation"])]
        predicted = dict(zip(rows["name"], rows["role"], strict=True))
        if protocol == "merged":
            predicted |= {name: "test" for name, subset in self.subsets.items() if subset == "test"}
        return dict(sorted(predicted.items()))


def course(number: int, mean: int, between: int, longest: int) -> np.ndarray:
    """Return the frame numbers of a video with holes, ascending.

    Parameters
    ----------
    number
        Which one; videos have between half and one and a half times as many frames as `mean`.
    mean
        Mean number of frames with a crop.
    between, longest
        Mean frames between two holes, and most frames of a hole.
    """
    generator = np.random.default_rng(number)
    count = round(mean * (0.5 + (number % COURSES) / (COURSES - 1)))
    steps = np.ones(count, np.int64)
    starts = generator.random(count) < 1 / between
    steps[starts] += generator.integers(1, longest + 1, starts.sum())
    return np.cumsum(steps)


def _truth(frames: np.ndarray, number: int) -> np.ndarray:
    """Return slow courses of valence and arousal, (frames, 2), with the three decimals of annotations."""
    generator = np.random.default_rng(number)
    phase, period = generator.uniform(0, 6, 2), generator.uniform(150, 900, 2)
    return np.round(0.8 * np.sin(frames[:, None] * 2 * np.pi / period + phase), 3)


def _predictions(
    predicted: dict[str, str], crops: dict[str, np.ndarray], truths: dict[str, np.ndarray], fold: int
) -> pd.DataFrame:
    """Return what a fold predicts: the truth of four frames later, with noise."""
    import pandas as pd

    generator = np.random.default_rng(fold)

    def tables() -> Iterator[pd.DataFrame]:
        """Yield the rows of one name after another."""
        for name, role in predicted.items():
            frames, truth = crops[name], np.roll(truths[name], -4, axis=0)
            values = 0.8 * truth + generator.normal(0, 0.15 + 0.02 * fold, truth.shape)
            columns = dict(zip(DIMENSIONS, values.T, strict=True))
            yield pd.DataFrame({"name": name, "role": role, "frame": frames, **columns})

    return pd.concat(list(tables()), ignore_index=True)
