"""A stand-in of Aff-Wild2 on disk: links to rendered crops, annotations, lists, and a configuration."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from mimamo.bench.rehearsal.stand_in import Video
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path, list_crops
from mimamo.demo.cast import ANNOTATIONS, CAST, CROPS, TEST_LIST
from mimamo.demo.render import render_corpus
from mimamo.storage.files import atomic_write, read_csv

logger = logging.getLogger(__name__)

#: The list of lengths, "name frames" a line. It stands for the containers, of which there are none.
FRAME_LIST = "frames.txt"


@dataclass(frozen=True)
class Clip:
    """Neighbouring crops of a rendered clip, with what they show.

    Attributes
    ----------
    crops
        Paths, in order.
    labels
        Valence and arousal of each, (crops, 2).
    """

    crops: list[Path]
    labels: np.ndarray

    def at(self, frames: int) -> np.ndarray:
        """Return which crop each of `frames` frames shows: forwards and backwards, so that none jumps."""
        turn = len(self.crops) - 1
        return turn - np.abs(np.arange(frames) % (2 * turn) - turn)


def render_clips(folder: Path, typical: int, processes: int) -> list[Clip]:
    """Render the demo in `folder`, unless it is there, and return the longest run of crops of each name.

    Parameters
    ----------
    folder
        Where the demo is or will be.
    typical
        Typical length of a clip in frames.
    processes
        How many render side by side.
    """
    corpus, truth, last = folder / "corpus", folder / "truth", folder / "identities.csv"
    if not last.is_file():
        logger.info("Rendering the demo's crops in %s", folder)
        render_corpus(corpus, truth, last, seed=0, frames=typical, processes=processes)
    clips = (_longest_run(corpus / CROPS / clip.name, truth / f"{clip.name}.csv") for clip in CAST)
    # Clips of one crop or none show nothing that moves.
    return [clip for clip in clips if len(clip.crops) > 1]


def _longest_run(folder: Path, truth: Path) -> Clip:
    """Return the longest run of neighbouring crops of a rendered name."""
    frames = np.array(list_crops(folder, CropNaming()).numbers if folder.is_dir() else [], int)
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1)
    longest = max(runs, key=len)
    table = read_csv(truth).set_index("frame")
    return Clip(
        [crop_path(folder, frame, CropNaming()) for frame in longest],
        table.loc[longest, ["valence", "arousal"]].to_numpy(),
    )


def write_corpus(
    root: Path, videos: Sequence[Video], clips: Sequence[Clip], tell: Callable[[int, int], None]
) -> int:
    """Write the data set, name by name; names that are there already are left as they are.

    Parameters
    ----------
    root
        Its folder.
    videos
        Its names.
    clips
        What they show: persons take turns.
    tell
        Called with the number of names that are done, and of all.

    Returns
    -------
    int
        How many crops are symbolic links, since the file system refused hard links.
    """
    symbolic = 0
    for done, video in enumerate(videos, start=1):
        clip = clips[video.person % len(clips)]
        folder = root / CROPS / video.name
        shown = clip.at(video.frames)
        if video.subset in ANNOTATIONS:
            _write_annotation(root / ANNOTATIONS[video.subset] / f"{video.name}.txt", video, clip, shown)
        if not folder.is_dir():
            with atomic_write(folder) as fresh:
                fresh.mkdir()
                symbolic += sum(
                    _link(clip.crops[shown[index]], crop_path(fresh, index + 1, CropNaming()))
                    for index in np.flatnonzero(video.seen)
                )
        tell(done, len(videos))
    tests = [video for video in videos if video.subset == "test"]
    _write(root / TEST_LIST, "".join(f"{video.name}\n" for video in tests))
    _write(root / FRAME_LIST, "".join(f"{video.name} {video.frames}\n" for video in tests))
    return symbolic


def _write_annotation(path: Path, video: Video, clip: Clip, shown: np.ndarray) -> None:
    """Write the annotation of a name: what its crops show, but for its run of -5."""
    values = (f"{valence:.3f},{arousal:.3f}" for valence, arousal in clip.labels[shown])
    lines = [line if known else "-5,-5" for line, known in zip(values, video.annotated, strict=True)]
    _write(path, "\n".join(["valence,arousal", *lines, ""]))


def _write(path: Path, text: str) -> None:
    """Write a text, unless it is there already: Snakemake would take another date for another file."""
    if not path.is_file() or path.read_text() != text:
        with atomic_write(path) as fresh:
            fresh.write_text(text)


def _link(source: Path, path: Path) -> bool:
    """Make `path` another name of a file; a symbolic link, and return True, where a hard link is refused."""
    try:
        os.link(source, path)
    except OSError:
        path.symlink_to(source.resolve())
        return True
    return False


def write_config(path: Path, root: Path, settings: Mapping[str, object]) -> None:
    """Write the configuration of a run on the stand-in in `root`, with `settings` beside config.yaml's."""
    data = {
        "crops": [CROPS],
        **ANNOTATIONS,
        "test_list": TEST_LIST,
        "frame_list": FRAME_LIST,
        "sample_list": None,
        "videos": [],
    }
    _write(path, yaml.safe_dump({"root": str(root.resolve()), "data": data, **settings}))
