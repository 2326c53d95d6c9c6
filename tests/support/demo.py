"""The clips of the demo's corpus, and what they show without rendering them."""

import itertools
import zlib
from collections.abc import Iterable

import numpy as np

from mimamo.demo.cast import CAST, Clip
from mimamo.demo.face import identity
from mimamo.demo.render import frames_with_crop
from mimamo.demo.traces import Traces, traces

#: The typical length of a clip, in frames, as config.yaml has it.
DEFAULT = 220
CLIPS = {clip.name: clip for clip in CAST}
FITTED = [clip for clip in CAST if clip.subset != "test"]


def course_of(clip: Clip, typical: int, seed: int = 0) -> Traces:
    """What a clip shows, without rendering it; a test of it sees that it is the renderer's truth."""
    person = identity(np.random.default_rng([seed, clip.identity]))
    rng = np.random.default_rng([seed, zlib.crc32(clip.name.encode())])
    return traces(rng, clip.frames(typical), person.gain, person.tempo)


def runs(mask: Iterable[bool]) -> list[tuple[bool, int]]:
    """Return the runs of equal values, and how long they are."""
    return [(bool(value), len(list(group))) for value, group in itertools.groupby(mask)]


def annotated_crops(clip: Clip, typical: int) -> np.ndarray:
    """Return a mask of the frames that have a crop and an annotation, as far as the annotation has lines."""
    frames = clip.frames(typical)
    kept = frames_with_crop(clip, frames)
    for share, length in clip.unannotated:
        kept[round(share * frames) : round(share * frames) + length] = False
    kept[: clip.unannotated_start] = False
    return kept
