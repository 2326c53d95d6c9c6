"""A small fold with streams beside the paper's two, and what is trained and predicted with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.extraction import Crops, write_cache
from mimamo.dataset.labels import read_labels
from mimamo.dataset.recordings import open_recordings
from mimamo.demo.render import write_container
from mimamo.demo.sound import add_sound
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.features.audio import audio_rows
from mimamo.model.checkpoint import Checkpoint
from mimamo.model.inference import predict_name
from mimamo.storage.frame_cache import brought_dtype, cache_writer
from mimamo.streams import AUDIO_DEFAULTS, PAPER
from support.fold import FRAMES, caches
from support.training import train_and_load

#: A stream of features that somebody brings, as a training is told of it.
BROUGHT = {"kind": "features", "rows": "frames", "missing": "zero", "hold": 0}
#: A stream of sound, and the settings of streams by name that are none of those somebody brings.
AUDIO = {"kind": "audio", **AUDIO_DEFAULTS}
KNOWN = {**PAPER, "sound": AUDIO}
#: Frames of a name's video.
LENGTH = int(FRAMES[-1])
#: Gives the features (frames, width) of a name, and of which frames there are any.
Values = Callable[[str], tuple[np.ndarray, np.ndarray]]


def add_stream(fold: Path, stream: str, names: str, values: Values) -> None:
    """Cache a stream of features that somebody brings."""
    for name in names:
        features, present = values(name)
        path = fold / "brought" / stream / f"{name}.npy"
        with cache_writer(path, brought_dtype(features.shape[1]), len(FRAMES)) as writer:
            zeroed = np.where(present[:, None], features, 0).astype(np.float16)
            writer.append(FRAMES, present=present.astype(np.int16), pool5=zeroed)


def add_sound_of(fold: Path, names: str, soundtrack_of: Callable[[str], np.ndarray]) -> None:
    """Make a video with sound of every name, and cache its sound as the stream ``sound``."""
    (fold / "brought/sound").mkdir(parents=True)
    for name in names:
        video = fold / f"{name}.mp4"
        write_container(video, np.zeros((LENGTH, 48, 64, 3), np.uint8))
        add_sound(video, soundtrack_of(name))
        crops = Crops(name, None, FRAMES, CropNaming())
        rows = audio_rows(crops, [video], AUDIO)
        write_cache(crops, fold / "brought/sound", brought_dtype(AUDIO["bands"]), rows)


def everywhere(values: Callable[[str], np.ndarray]) -> Values:
    """Return features that every frame has."""
    return lambda name: (values(name), np.ones(len(FRAMES), bool))


def places(fold: Path, streams: Mapping[str, object]) -> dict[str, Path]:
    """Return the folders of the caches of some streams."""
    paper = caches(fold)
    return {stream: paper.get(stream, fold / "brought" / stream) for stream in streams}


def train(fold: Path, out: Path, *names: str, network: Mapping = {}, **training) -> Checkpoint:
    """Train on streams of these names, those of KNOWN or brought ones."""
    streams = {name: KNOWN.get(name, BROUGHT) for name in names}
    folders = places(fold, streams)
    return train_and_load(fold, out, streams=streams, folders=folders, network=network, **training)[0]


def predicted(fold: Path, checkpoint: Checkpoint, names: str) -> pd.DataFrame:
    """Predict the labelled frames of names: name, frame, valence, arousal and the truth."""
    recordings = open_recordings(names, places(fold, checkpoint.streams))
    tables = [predict_name(Path("model.pt"), checkpoint, recording) for recording in recordings.values()]
    truth = read_labels(fold / "labels", names).rename(
        columns=dict(zip(("valence", "arousal"), TRUTHS, strict=True))
    )
    return pd.concat(tables).merge(truth, on=["name", "frame"])
