"""Prediction: a value for every frame that has a crop, each counted once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.corpus.stretches import contiguous_runs
from mimamo.dataset.recordings import Context, Recording, open_recordings
from mimamo.dataset.windows import window_starts
from mimamo.device import pick_device
from mimamo.errors import InputError
from mimamo.features.record import common_record, other_kind
from mimamo.model.checkpoint import load_checkpoint
from mimamo.model.network import MimamoNet
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: Frames whose stream features are computed at once: bounds the memory, hardly matters for speed.
CHUNK = 256

#: Windows that the head follows at once, for the same reason.
WINDOWS = 64


def predict_fold(
    fold: int,
    checkpoint: Path,
    folds_csv: Path,
    audit_csv: Path,
    phase_folders: Iterable[Path],
    features_folders: Iterable[Path],
    predictions_csv: Path,
    roles: Sequence[str] = ("score", "validation", "test"),
) -> None:
    """Predict the names a fold is scored on, those held out, and all usable test names.

    Parameters
    ----------
    fold
        The fold's number.
    checkpoint
        Its network.
    folds_csv, audit_csv
        The table of roles, and the audit, which tells the usable test names.
    phase_folders, features_folders
        The caches of all batches.
    predictions_csv
        The table to write: name, role, frame, valence, arousal; one row for every frame with a crop.
    roles
        Which names are wanted: those the fold is scored on (score), those of the validation set that no fold
        has seen (validation), the test names (test).

    Raises
    ------
    InputError
        Where the network was trained on features of another kind.
    """
    import pandas as pd

    trained = load_checkpoint(checkpoint, pick_device())
    if told := other_kind(common_record(features_folders), trained.features):
        raise InputError(
            f"{checkpoint}: expected features of the kind it was trained on, found {told}; train it again"
        )
    wanted = _wanted(fold, folds_csv, audit_csv, roles)
    recordings = open_recordings(wanted, phase_folders, features_folders)
    tables = []
    for done, (name, role) in enumerate(sorted(wanted.items()), start=1):
        frames, values = predict_recording(
            trained.network, recordings[name], trained.training["window"], trained.training["hop"]
        )
        table = pd.DataFrame({"name": name, "role": role, "frame": frames})
        tables.append(table.assign(**{d: values[:, i] for i, d in enumerate(DIMENSIONS)}))
        logger.info(
            "Fold %d: predicted %s, %d frames (%d of %d names)", fold, name, len(frames), done, len(wanted)
        )
    write_csv(pd.concat(tables, ignore_index=True), predictions_csv)


def _wanted(fold: int, folds_csv: Path, audit_csv: Path, roles: Sequence[str]) -> dict[str, str]:
    """Return the role of every name to predict."""
    table = read_csv(folds_csv)
    table = table[(table["fold"] == fold) & table["role"].isin({"score", "validation"} & set(roles))]
    wanted = dict(zip(table["name"], table["role"], strict=True))
    if "test" in roles:
        audit = read_audit(audit_csv)
        usable = (audit["subset"] == "test") & (audit["verdict"] != "unusable")
        wanted.update(dict.fromkeys(audit.loc[usable, "name"], "test"))
    return wanted


@torch.inference_mode()
def predict_recording(
    network: MimamoNet, recording: Recording, window: int, hop: int, frames: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate valence and arousal for the frames of a recording.

    The streams see single frames with their neighbours and are computed once per frame. The head runs over
    windows as in training; where windows overlap, their outputs are averaged.

    The windows of each run of neighbouring frames are one batch, in the order of time. A network that follows
    the batch (see `mimamo.model.network.NetworkConfig`) so hears at each place of a window of the same place in the
    windows before and after it, `hop` frames away; never of another run, nor of another video, and how many
    videos there are, and in what order, changes nothing. In a run of one window it hears of nothing.

    Parameters
    ----------
    network
        The network; it is put into evaluation mode.
    recording
        The cached inputs.
    window, hop
        As in training.
    frames
        (n,) the frame numbers wanted, ascending; all frames with a crop by default.

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        The frame numbers (n,) and the estimates (n, 2) float32 in the order of `mimamo.DIMENSIONS`.

    Raises
    ------
    InputError
        Where the features are of another width than those that the network was trained on.
    """
    network.eval()
    if recording.pool5_width != network.config.pool5_width:
        raise InputError(
            f"{recording.name}: expected features of {network.config.pool5_width} values, as the network was "
            f"trained on, found {recording.pool5_width}; compute them with the backbone of its training"
        )
    frames = recording.frames if frames is None else frames
    runs = contiguous_runs(frames)
    values = [_predict_run(network, recording, first, length, window, hop) for first, length in runs]
    return frames, np.concatenate(values) if values else np.zeros((0, len(DIMENSIONS)), np.float32)


def _predict_run(
    network: MimamoNet, recording: Recording, first: int, length: int, window: int, hop: int
) -> np.ndarray:
    """Estimate one contiguous run of frames: (length, 2)."""
    features = torch.cat(
        [
            _stream_features(network, recording, first + start, min(CHUNK, length - start))
            for start in range(0, length, CHUNK)
        ]
    )
    starts = window_starts(length, window, hop)
    windows = torch.stack([features[start : start + window] for start in starts])
    total = torch.zeros(length, len(DIMENSIONS), dtype=torch.float64)
    count = torch.zeros(length, 1, dtype=torch.float64)
    # A network that follows the windows has to see all of a run; others need no more memory for a longer one.
    together = len(windows) if network.config.recurrence == "batch" else WINDOWS
    outputs = torch.cat([network.head(some) for some in windows.split(together)])
    for start, output in zip(starts, outputs.double().cpu(), strict=True):
        total[start : start + window] += output
        count[start : start + window] += 1
    return (total / count).numpy().astype(np.float32)


def _stream_features(network: MimamoNet, recording: Recording, first: int, count: int) -> Tensor:
    """Return the concatenated features of both streams, (count, width)."""
    device = next(network.parameters()).device
    level1, level2 = Context.of(network.config.differences).read(recording, first, count)
    inputs = [
        torch.from_numpy(np.array(values)).to(device)[None]
        for values in (recording.pool5(first, count), level1, level2)
    ]
    return torch.cat(network.stream_features(*inputs), dim=-1)[0]
