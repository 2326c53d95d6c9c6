"""Plan of a stand-in of Aff-Wild2: names, lengths, missing crops and -5, before anything is on disk.

What is known of Aff-Wild2 is kept: the numbers of names and frames of each subset (FG-2020), the share of
frames without a crop, and how names are formed. What is not known is assumed, and stated where it stands.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np

#: Names and frames of videos in each subset, at size 1.
NAMES = {"train": 351, "validation": 71, "test": 139}
FRAMES = {"train": 1_622_133, "validation": 346_229, "test": 727_987}
#: Names of each subset at the least, or there would not be enough people for five folds.
FEWEST = {"train": 9, "validation": 2, "test": 2}
#: How names are formed: alone, two parts of one person's video, and one side without its counterpart.
FORMS = ("{n}", "{n}-30-640x360", "{n}-60-1920x1080-1", "{n}-60-1920x1080-2", "video{n}", "video{n}_left")
#: Share of the frames without a crop; half of them in runs, half scattered, which is assumed.
WITHOUT_CROP = 0.018
#: Share of the annotated frames that are -5, in one run of each name; assumed.
UNANNOTATED = 0.002
#: Standard deviation of the logarithm of a video's length, and the shortest length in frames; assumed.
SPREAD, SHORTEST = 0.8, 80


@dataclass(frozen=True)
class Video:
    """One name of the stand-in.

    Attributes
    ----------
    name, subset
        As in Aff-Wild2.
    person
        Number of the person, the same for names that show one.
    frames
        Length of the video.
    seed
        What its holes and -5 are drawn from, besides its name.
    """

    name: str
    subset: str
    person: int
    frames: int
    seed: int

    @cached_property
    def _masks(self) -> tuple[np.ndarray, np.ndarray]:
        """Frames with a crop, and frames with an annotation."""
        rng = np.random.default_rng([self.seed, zlib.crc32(self.name.encode())])
        seen = np.ones(self.frames, bool)
        missing = round(WITHOUT_CROP * self.frames)
        # At the start, inside and at the end, as faces are missed in all three places.
        runs = np.array_split(np.arange(missing // 2), 3)
        starts = 0, int(rng.integers(self.frames // 4, self.frames // 2)), self.frames - len(runs[2])
        for start, run in zip(starts, runs, strict=True):
            seen[start : start + len(run)] = False
        scattered = rng.choice(np.flatnonzero(seen), missing - missing // 2, replace=False)
        seen[scattered] = False
        annotated = np.ones(self.frames, bool)
        start = int(rng.integers(self.frames // 2, 3 * self.frames // 4))
        annotated[start : start + round(UNANNOTATED * self.frames)] = False
        return seen, annotated

    @property
    def seen(self) -> np.ndarray:
        """Mask (frames,) of the frames with a crop."""
        return self._masks[0]

    @property
    def annotated(self) -> np.ndarray:
        """Mask (frames,) of the frames whose annotation is not -5."""
        return self._masks[1]


def plan(size: float, seed: int) -> list[Video]:
    """Return the videos of a stand-in.

    Parameters
    ----------
    size
        Size against Aff-Wild2: at 1 it has 561 names, 2.65 million crops and 1.93 million labelled frames.
        A small one has a few names more, see `FEWEST`, and so shorter videos.
    seed
        Everything is drawn from it.
    """
    rng = np.random.default_rng(seed)
    counts = {subset: max(FEWEST[subset], round(size * count)) for subset, count in NAMES.items()}
    named = _names()
    videos = []
    for subset, count in counts.items():
        lengths = _lengths(round(size * FRAMES[subset]), count, rng)
        for length, (name, person) in zip(lengths, named, strict=False):
            videos.append(Video(name, subset, person, length, seed))
    return videos


def _names() -> Iterator[tuple[str, int]]:
    """Yield names and their persons without end."""
    number = 0
    while True:
        number += 1
        # The two parts of a video show one person, and so do a video and its left side.
        yield from (
            (form.format(n=number), 4 * (number - 1) + person)
            for form, person in zip(FORMS, (0, 1, 2, 2, 3, 3), strict=True)
        )


def _lengths(total: int, count: int, rng: np.random.Generator) -> list[int]:
    """Return the lengths of `count` videos of `total` frames together, or more where all are the shortest.

    Log-normal, at evenly spaced quantiles: a small stand-in has the spread of a large one.
    """
    quantiles = (np.arange(count) + 0.5) / count
    weights = np.exp(SPREAD * np.array([NormalDist().inv_cdf(quantile) for quantile in quantiles]))
    lengths = np.maximum(SHORTEST, np.floor(total * weights / weights.sum())).astype(int)
    lengths[-1] = max(SHORTEST, lengths[-1] + total - lengths.sum())
    return rng.permutation(lengths).tolist()
