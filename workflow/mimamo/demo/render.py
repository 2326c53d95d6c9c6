"""Rendering of the demo corpus to disk: crops, annotations, containers, test list; separately, the truth."""

from __future__ import annotations

import logging
import zlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path, write_crop
from mimamo.corpus.opencv import cv2
from mimamo.demo.cast import ANNOTATIONS, CAST, CROPS, TEST_LIST, VIDEOS, Clip
from mimamo.demo.face import SIZE, Pose, draw, identity
from mimamo.demo.sound import add_sound, soundtrack
from mimamo.demo.traces import FRAME_RATE, PARTS, Traces, traces
from mimamo.storage.files import atomic_write

logger = logging.getLogger(__name__)

#: Size of the part of a container's picture that belongs to one person: (height, width).
SCENE = (120, 160)
CODECS = {".mp4": "mp4v", ".avi": "MJPG"}


def render_corpus(
    corpus: Path, truth: Path, identities: Path, seed: int, frames: int, processes: int = 1
) -> None:
    """Render the whole demo corpus.

    Parameters
    ----------
    corpus
        Folder to make: the data set as a user would have it on disk.
    truth
        Folder to make: ``<name>.csv`` with valence and arousal of every frame, test names too.
    identities
        CSV to write: which rendered person each name shows.
    seed
        Everything is drawn from it: the same seed gives the same bytes on one machine.
    frames
        Typical length of a clip, in frames.
    processes
        How many processes render side by side. The result does not depend on it.
    """
    by_container = defaultdict(list)
    for clip in CAST:
        by_container[clip.container].append(clip)
    with atomic_write(corpus) as fresh_corpus, atomic_write(truth) as fresh_truth:
        for folder in (CROPS, *ANNOTATIONS.values(), *VIDEOS):
            (fresh_corpus / folder).mkdir(parents=True)
        fresh_truth.mkdir()
        render = partial(render_video, corpus=fresh_corpus, truth=fresh_truth, seed=seed, typical=frames)
        with ProcessPoolExecutor(processes) as pool:
            for done, container in enumerate(pool.map(render, by_container.values()), start=1):
                logger.info("Rendered %s (%d of %d videos)", container, done, len(by_container))
        test_names = [clip.name for clip in CAST if clip.subset == "test"]
        (fresh_corpus / TEST_LIST).write_text("".join(f"{name}\n" for name in test_names))
    with atomic_write(identities) as fresh:
        rows = "".join(f"{clip.name},{clip.identity}\n" for clip in CAST)
        fresh.write_text("name,identity\n" + rows)


def render_video(clips: Sequence[Clip], corpus: Path, truth: Path, seed: int, typical: int) -> str:
    """Render one video with every person in it, and return its container's path below the corpus."""
    cv2.setNumThreads(1)
    scenes = [render_clip(clip, corpus, truth, seed, typical) for clip in clips]
    first, pictures = clips[0], np.concatenate(scenes, axis=2)
    path = corpus / first.container
    write_container(path, pictures)
    if first.sound != "none":
        rng = np.random.default_rng([seed, zlib.crc32(first.container.encode())])
        sound = soundtrack(rng, len(pictures))
        add_sound(path, np.zeros_like(sound) if first.sound == "silent" else sound)
    if first.container_frames_claimed:
        claim_frames(path, len(pictures), len(pictures) + first.container_frames_claimed)
    return first.container


def render_clip(clip: Clip, corpus: Path, truth: Path, seed: int, typical: int) -> np.ndarray:
    """Write the crops, the annotation and the truth of one name.

    Returns
    -------
    numpy.ndarray
        (frames, height, width, 3) uint8, RGB: this person's part of the container's picture.
    """
    person = identity(np.random.default_rng([seed, clip.identity]))
    rng = np.random.default_rng([seed, zlib.crc32(clip.name.encode())])
    frames = clip.frames(typical)
    clip_traces = traces(rng, frames, person.gain, person.tempo)
    crops = np.stack([draw(person, pose_at(clip_traces, t), rng) for t in range(frames)])
    seen = frames_with_crop(clip, frames)
    write_crops(corpus / CROPS / clip.name, crops, seen)
    if clip.subset in ANNOTATIONS:
        write_annotation(corpus / ANNOTATIONS[clip.subset] / f"{clip.name}.txt", clip, clip_traces)
    write_truth(truth / f"{clip.name}.csv", clip_traces)
    return scene(crops, seen)[: frames - clip.container_frames_short]


def pose_at(course: Traces, t: int) -> Pose:
    """Return the pose of frame index `t`."""
    return Pose(
        valence=float(course.valence[t]),
        head=course.head[t],
        tilt=float(course.tilt[t]),
        tremor=dict(zip(PARTS, course.tremor[t], strict=True)),
        talk=float(course.talk[t]),
        blink=float(course.blink[t]),
        light=float(course.light[t]),
    )


def _runs(runs: Sequence[tuple[float, int]], frames: int) -> np.ndarray:
    """Return a mask (frames,) that is true inside the runs ``(share of the clip, frames)``."""
    mask = np.zeros(frames, bool)
    for share, length in runs:
        start = round(share * frames)
        mask[start : start + length] = True
    return mask


def frames_with_crop(clip: Clip, frames: int) -> np.ndarray:
    """Return a mask (frames,) of the frames in which a face was found."""
    if clip.crops == "none":
        return np.zeros(frames, bool)
    if clip.crops == "one":
        return np.arange(frames) == frames // 2
    seen = ~_runs(clip.holes, frames)
    seen[: clip.missing_start] = False
    seen[frames - clip.missing_end :] = False
    return seen


def write_crops(folder: Path, crops: np.ndarray, seen: np.ndarray) -> None:
    """Write the seen crops as ``00001.jpg`` and so on; without any, there is no folder."""
    if not seen.any():
        return
    folder.mkdir()
    for index in np.flatnonzero(seen):
        bgr = np.ascontiguousarray(crops[index][..., ::-1])
        write_crop(bgr, crop_path(folder, index + 1, CropNaming()))


def write_annotation(path: Path, clip: Clip, course: Traces) -> None:
    """Write an annotation file with the clip's planted -5 runs, line count and line ends."""
    frames = len(course.valence)
    blank = _runs(clip.unannotated, frames)
    blank[: clip.unannotated_start] = True
    pairs = [
        "-5,-5" if blank[t] else f"{course.valence[t]:.3f},{course.arousal[t]:.3f}" for t in range(frames)
    ]
    # Lines beyond the last frame repeat the last value, as an annotator's joystick does.
    pairs = pairs[: frames + min(clip.extra_lines, 0)] + pairs[-1:] * max(clip.extra_lines, 0)
    text = clip.line_end.join(["valence,arousal", *pairs, ""])
    path.write_bytes((text + clip.line_end * 2 * clip.blank_tail).encode())


def write_truth(path: Path, course: Traces) -> None:
    """Write what each frame really shows, annotated or not, with or without a crop."""
    rows = [
        f"{t + 1},{v:.3f},{a:.3f}\n"
        for t, (v, a) in enumerate(zip(course.valence, course.arousal, strict=True))
    ]
    path.write_text("frame,valence,arousal\n" + "".join(rows))


def scene(crops: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Put the crops into a plain wider picture; where no face was found, the person has left the picture."""
    height, width = SCENE
    top, left = (height - SIZE) // 2, (width - SIZE) // 2
    pictures = np.full((len(crops), height, width, 3), 96, np.uint8)
    pictures[seen, top : top + SIZE, left : left + SIZE] = crops[seen]
    return pictures


def write_container(path: Path, pictures: np.ndarray) -> None:
    """Write a video without sound."""
    height, width = pictures.shape[1:3]
    codec = cv2.VideoWriter_fourcc(*CODECS[path.suffix])
    writer = cv2.VideoWriter(str(path), codec, FRAME_RATE, (width, height))
    for picture in pictures:
        writer.write(np.ascontiguousarray(picture[..., ::-1]))
    writer.release()


def claim_frames(path: Path, held: int, claimed: int) -> None:
    """Overwrite the frame counts in an AVI's main header (``avih``) and stream header (``strh``)."""
    data = bytearray(path.read_bytes())
    # Offsets of dwTotalFrames and dwLength behind the chunk's name, from Microsoft's AVI RIFF file reference.
    for chunk, offset in ((b"avih", 8 + 16), (b"strh", 8 + 32)):
        at = data.index(chunk) + offset
        if int.from_bytes(data[at : at + 4], "little") != held:
            raise ValueError(f"{path}: the {chunk.decode()} chunk does not hold the frame count {held}")
        data[at : at + 4] = claimed.to_bytes(4, "little")
    path.write_bytes(data)
