"""Generated data for the benchmarks: rendered crops, and caches of any length."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path
from mimamo.corpus.opencv import cv2
from mimamo.demo.face import Pose, draw, identity
from mimamo.demo.traces import PARTS
from mimamo.storage.frame_cache import BLOCK, brought_dtype, cache_writer, feature_dtype, phase_dtype

#: Pictures that are really different; longer videos repeat them.
PICTURES = 60


def write_crops(folder: Path, count: int) -> np.ndarray:
    """Write crops ``00001.jpg`` … of a rendered face.

    Parameters
    ----------
    folder
        Where to.
    count
        How many; the same few pictures under as many names, so that it takes no more disk.

    Returns
    -------
    numpy.ndarray
        Their frame numbers (count,).
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = face_pictures()
    for index in range(count):
        path = crop_path(folder, index + 1, CropNaming())
        path.unlink(missing_ok=True)
        if index < PICTURES:
            cv2.imwrite(str(path), pictures[index])
        else:
            os.link(crop_path(folder, index % PICTURES + 1, CropNaming()), path)
    return np.arange(1, count + 1)


def face_pictures() -> list[np.ndarray]:
    """Return the pictures of a rendered face, (112, 112, 3) each: blue, green, red."""
    rng = np.random.default_rng(0)
    person = identity(rng)
    return [np.ascontiguousarray(draw(person, _pose(index), rng)[..., ::-1]) for index in range(PICTURES)]


def _pose(index: int) -> Pose:
    """Return the pose of a frame: a smile comes and goes, and everything else moves a little."""
    sway = np.array([np.sin(index / 7), np.cos(index / 11)])
    return Pose(
        valence=float(sway[0]),
        head=2 * sway,
        tilt=0.05 * float(sway[1]),
        tremor=dict.fromkeys(PARTS, 0.3 * sway),
        blink=0.0,
        light=1.0,
    )


def write_caches(
    folder: Path, name: str, count: int, width: int = 2048, truth: np.ndarray | None = None
) -> dict[str, Path]:
    """Write caches of noise for the frames of a name.

    Parameters
    ----------
    folder, name
        Where to, and for which name.
    count
        How many frames.
    width
        Values per frame of the features.
    truth
        Labels (count, 2) that the features should encode besides noise, if any.

    Returns
    -------
    dict[str, Path]
        The cache of features, and that of phase differences, by the names of the paper's streams.
    """
    rng = np.random.default_rng(0)
    paths = folder / "phase" / f"{name}.npy", folder / "features" / f"{name}.npy"
    block = min(count, 256)
    level1, level2, pool5 = (
        rng.normal(0, 0.3, (block, *shape)).astype(np.float16)
        for shape in ((2, 48, 48), (2, 24, 24), (width,))
    )
    projection = rng.normal(0, 0.3, (2, width)) if truth is not None else None
    with (
        cache_writer(paths[0], phase_dtype(), count) as phase,
        cache_writer(paths[1], feature_dtype(width), count) as features,
    ):
        for start in range(0, count, block):
            stop = min(start + block, count)
            values = pool5[: stop - start]
            if projection is not None:
                values = (values + truth[start:stop] @ projection).astype(np.float16)
            numbers = np.arange(start + 1, stop + 1)
            phase.append(numbers, level1=level1[: stop - start], level2=level2[: stop - start])
            features.append(numbers, pool5=values)
    return {"appearance": paths[1], "motion": paths[0]}


def write_stream(folder: Path, stream: str, name: str, count: int, width: int) -> Path:
    """Write the cache of a stream of noise, as one that somebody brings; return its path."""
    rng, path = np.random.default_rng(1), folder / "brought" / stream / f"{name}.npy"
    with cache_writer(path, brought_dtype(width), count) as writer:
        for start in range(0, count, BLOCK):
            numbers = np.arange(start + 1, min(start + BLOCK, count) + 1)
            values = rng.normal(0, 0.3, (len(numbers), width)).astype(np.float16)
            writer.append(numbers, present=np.ones(len(numbers), np.int16), pool5=values)
    return path
