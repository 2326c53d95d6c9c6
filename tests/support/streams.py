"""A small fold with streams beside the paper's two, and what is trained and predicted with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.dataset.labels import read_labels
from mimamo.dataset.recordings import open_recordings
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.model.checkpoint import Checkpoint
from mimamo.model.inference import predict_name
from mimamo.storage.frame_cache import brought_dtype, cache_writer
from mimamo.streams import PAPER
from support.fold import FRAMES, caches
from support.training import train_and_load

#: A stream of features that somebody brings, as a training is told of it.
BROUGHT = {"kind": "features", "rows": "frames", "missing": "zero", "hold": 0}
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


def everywhere(values: Callable[[str], np.ndarray]) -> Values:
    """Return features that every frame has."""
    return lambda name: (values(name), np.ones(len(FRAMES), bool))


def places(fold: Path, streams: Mapping[str, object]) -> dict[str, Path]:
    """Return the folders of the caches of some streams."""
    paper = caches(fold)
    return {stream: paper.get(stream, fold / "brought" / stream) for stream in streams}


def train(fold: Path, out: Path, *names: str, network: Mapping = {}, **training) -> Checkpoint:
    """Train on streams of these names, those of the paper or brought ones."""
    streams = {name: PAPER.get(name, BROUGHT) for name in names}
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
