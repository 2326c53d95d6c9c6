"""Inference: one estimate of valence and arousal for every frame that has a crop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.corpus.stretches import contiguous_runs
from mimamo.dataset.recordings import DifferenceContext, Recording, open_recordings
from mimamo.dataset.windows import window_starts
from mimamo.device import HostCopy, host_tensor, pick_device, reading_threads
from mimamo.errors import InputError
from mimamo.features.record import common_records, other_kinds
from mimamo.model.checkpoint import Checkpoint, load_checkpoint
from mimamo.model.network import MimamoNet
from mimamo.storage.ahead import map_ahead
from mimamo.storage.files import join_tables, read_csv, write_csv
from mimamo.streams import WEIGHT_COLUMN, backbone_streams

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

#: Frames whose stream features are computed at once: bounds the memory, hardly matters for speed.
FRAMES_PER_BATCH = 256

#: The same on a GPU, which has little to do with fewer.
FRAMES_ON_GPU = 2048

#: Threads that read inputs for a GPU at most: more would wait for each other in Python.
READERS = 4

#: Windows that the head processes at once, for the same reason.
WINDOWS_PER_BATCH = 64


def predict_fold(
    fold: int,
    checkpoint: Path,
    caches: Mapping[str, Path],
    predictions_csv: Path,
    folds_csv: Path | None = None,
    test_names: Iterable[str] = (),
    weights_csv: Path | None = None,
) -> None:
    """Predict the names that a fold is scored on and those held out from all folds, or test names.

    Parameters
    ----------
    fold
        The fold's number.
    checkpoint
        Its trained network.
    caches
        The folder of the caches of every stream.
    predictions_csv
        The table to write: name, role, frame, valence, arousal; one row for every frame with a crop.
    folds_csv
        The table of roles, of which the names that the fold is scored on (score) and those of the validation
        set that no fold has seen (validation) are predicted; None: test names are.
    test_names
        The test names.
    weights_csv
        The table of the streams' weights to write where the network fuses by attention: name, role, frame,
        and ``weight_<stream>`` for every stream. With any other fusion there is none afterwards.

    Raises
    ------
    InputError
        Where the network was trained on features of another kind, a name has no cache, or a prediction is not
        a finite number.
    """
    trained = load_checkpoint(checkpoint, pick_device())
    roles_by_name = names_to_predict(fold, folds_csv, test_names)
    if missing := [stream for stream in trained.streams if stream not in caches]:
        raise InputError(
            f"{checkpoint}: expected the streams that it was trained on, found none called "
            f"{' and '.join(missing)}; add them to streams, or train it again"
        )
    features = trained.features
    if roles_by_name:
        folders = {stream: caches[stream] for stream in backbone_streams(trained.streams)}
        features = common_records(folders, roles_by_name)
    if mismatch := other_kinds(features, trained.features):
        raise InputError(
            f"{checkpoint}: expected features of the kind it was trained on, found {mismatch}; train it again"
        )
    recordings = open_recordings(roles_by_name, {stream: caches[stream] for stream in trained.streams})
    tables = []
    for done, (name, role) in enumerate(sorted(roles_by_name.items()), start=1):
        tables.append(predict_name(checkpoint, trained, recordings[name]).assign(role=role))
        logger.info(
            "Fold %d: predicted %s, %d frames (%d of %d names)",
            fold,
            name,
            len(tables[-1]),
            done,
            len(roles_by_name),
        )
    write_csv(join_tables(tables, ["name", "role", "frame", *DIMENSIONS]), predictions_csv)
    if weights_csv is None:
        return
    if trained.network.config.fusion == "attention":
        _write_weights(fold, trained.network, recordings, roles_by_name, Path(weights_csv))
    else:
        Path(weights_csv).unlink(missing_ok=True)


def _write_weights(
    fold: int,
    network: MimamoNet,
    recordings: Mapping[str, Recording],
    roles_by_name: Mapping[str, str],
    out: Path,
) -> None:
    """Write the weights of the streams in every frame, and log their means."""
    import pandas as pd

    streams = [f"{WEIGHT_COLUMN}{stream.name}" for stream in network.config.streams]
    tables = []
    for name, role in sorted(roles_by_name.items()):
        weights = stream_weights(network, recordings[name])
        frames = pd.DataFrame({"name": name, "role": role, "frame": recordings[name].frames})
        tables.append(frames.assign(**dict(zip(streams, weights.T, strict=True))))
    table = join_tables(tables, ["name", "role", "frame", *streams])
    write_csv(table, out)
    described = ", ".join(
        f"{stream.removeprefix(WEIGHT_COLUMN)} {mean:.3f}" for stream, mean in table[streams].mean().items()
    )
    logger.info("Fold %d: mean weights of the streams: %s", fold, described)


def predict_name(path: Path, model: Checkpoint, recording: Recording) -> pd.DataFrame:
    """Predict every frame of a name with a crop.

    Parameters
    ----------
    path, model
        The checkpoint, and what is in it.
    recording
        The cached inputs.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal.

    Raises
    ------
    InputError
        Where a prediction is not a finite number; and as `predict_recording`.
    """
    import pandas as pd

    training = model.training
    frames, values = predict_recording(model.network, recording, training["window"], training["hop"])
    check_finite(values, recording, f"{path}: expected", "train this fold again with a lower learning rate")
    table = pd.DataFrame({"name": recording.name, "frame": frames})
    return table.assign(**{dimension: values[:, i] for i, dimension in enumerate(DIMENSIONS)})


def check_finite(values: np.ndarray, recording: Recording, expected: str, advice: str) -> None:
    """Make sure that all predictions of a name are finite numbers.

    Parameters
    ----------
    values
        (frames, 2) predictions.
    recording
        The inputs that they were computed from.
    expected, advice
        Beginning of the error's message, and what to do where the inputs are in order, so that it is the
        network whose values are too large.

    Raises
    ------
    InputError
        Where there is any other value; the message says what causes it.
    """
    invalid = int((~np.isfinite(values).all(axis=1)).sum())
    if not invalid:
        return
    cause = recording.damaged_cache()
    if cause is None:
        cause = f"its inputs are in order, so the network itself diverged: {advice}"
    raise InputError(
        f"{expected} numbers for the frames of {recording.name}, found none for {invalid} of them; {cause}"
    )


def names_to_predict(fold: int, folds_csv: Path | None, test_names: Iterable[str]) -> dict[str, str]:
    """Return the role of every name to predict: the test names, or those of a fold without any of these."""
    if folds_csv is None:
        return dict.fromkeys(test_names, "test")
    table = read_csv(folds_csv)
    table = table[(table["fold"] == fold) & table["role"].isin(("score", "validation"))]
    return dict(zip(table["name"], table["role"], strict=True))


@torch.inference_mode()
def predict_recording(
    network: MimamoNet, recording: Recording, window: int, hop: int, frames: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate valence and arousal for the frames of a recording.

    The streams see single frames with their neighbours and are computed once per frame. The head runs over
    windows as in training; where windows overlap, their outputs are averaged.

    The windows of each contiguous run of frames are one batch, in temporal order. A network that recurs over
    the batch (see `mimamo.model.sizes.NetworkConfig`) thus combines each position of a window with the same
    position in the windows before and after it, `hop` frames away; never with another run or another video.
    The result does not depend on how many videos there are or on their order.

    With `ridge_level`, what the network adds to its ridge regression is centred over the frames, see
    `without_level`.

    Parameters
    ----------
    network
        The network; it is switched to evaluation mode.
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
        Where a stream is another, or of another width, than those that the network was trained on, or `hop`
        is larger than `window`, so that frames between two windows would have no estimate.
    """
    network.eval()
    if hop > window:
        raise InputError(
            f"{recording.name}: expected windows without frames between them, found training.hop {hop} above "
            f"training.window {window}; train with a hop of at most the window"
        )
    _check_widths(network, recording)
    frames = recording.frames if frames is None else frames
    runs = contiguous_runs(frames)
    size, inputs = _inputs_of(network, recording, runs)
    # Closed at once where a run fails, or threads would go on reading.
    with closing(inputs):
        # All are begun before the first is fetched, so that a GPU always has work.
        outputs = [
            _begin_run(network, islice(inputs, -(-length // size)), length, window, hop) for _, length in runs
        ]
    if not runs:
        return frames, np.zeros((0, len(DIMENSIONS)), np.float32)
    values = np.concatenate(
        [
            _mean_of_windows(output.fetch(), length, window, hop)
            for (output, _), (_, length) in zip(outputs, runs, strict=True)
        ]
    )
    if network.config.ridge_level and network.ridge is not None:
        linear = np.concatenate([ridge.fetch().numpy() for _, ridge in outputs])
        values = without_level(values, linear, network.ridge.slope.cpu().numpy())
    return frames, values


def without_level(values: np.ndarray, linear: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Remove the mean over a video of what the network adds to its ridge regression.

    Which mean goes with which of its training people is what a network learns by heart, and so the least
    reliable of what it says of others. Of this mean the share `slope` is removed: all of it in a dimension
    whose labels follow the regression's estimates across people, nothing where these say nothing.

    Parameters
    ----------
    values, linear
        (n, 2) the estimates for the frames of one video, and the ridge regression's, which they include.
    slope
        (2,) the slope of labels on the regression's estimates for people it was not fitted on, 0 to 1.

    Returns
    -------
    numpy.ndarray
        (n, 2) float32
    """
    level = (values.astype(np.float64) - linear).mean(axis=0)
    return (values - slope * level).astype(np.float32)


@torch.inference_mode()
def stream_weights(network: MimamoNet, recording: Recording) -> np.ndarray:
    """Return how much a network that fuses by attention makes of every stream in every frame of a recording.

    Returns
    -------
    numpy.ndarray
        (frames, streams) float32 in the order of the network's streams; the weights of a frame add to 1, and
        a stream that lacks the frame has none.

    Raises
    ------
    InputError
        As for `predict_recording`.
    """
    network.eval()
    _check_widths(network, recording)
    _, inputs = _inputs_of(network, recording, contiguous_runs(recording.frames))
    with closing(inputs):
        weights = [network.fuse.weights(_stream_features(network, tensors)).cpu() for tensors in inputs]
    return torch.cat(weights).numpy() if weights else np.zeros((0, len(network.widths)), np.float32)


def _inputs_of(
    network: MimamoNet, recording: Recording, runs: Sequence[tuple[int, int]]
) -> tuple[int, Iterator[Inputs]]:
    """Return the frames that are read at once, and an iterator of the inputs of runs of frames, in pieces."""
    device = next(network.parameters()).device
    size = FRAMES_ON_GPU if device.type == "cuda" else FRAMES_PER_BATCH
    pieces = [
        (first + start, min(size, length - start))
        for first, length in runs
        for start in range(0, length, size)
    ]
    context = DifferenceContext.from_differences(network.config.differences)
    read = partial(_read_inputs, network, recording, context, device)
    threads = min(reading_threads(device), READERS)
    return size, map_ahead(read, pieces, threads, ahead=4 * threads or 1)


def _check_widths(network: MimamoNet, recording: Recording) -> None:
    """Raise InputError unless a recording has the streams of a network, as wide as it was trained on."""
    config, widths = network.config, recording.widths
    for stream in map(config.sizes_of, config.feature_streams):
        if widths.get(stream.name) != stream.inputs:
            found = f"{widths[stream.name]}" if stream.name in widths else f"no {stream.name}"
            raise InputError(
                f"{recording.name}: expected features of {stream.inputs} values, as the network was trained "
                f"on, found {found}; compute them with the backbone of its training"
            )
    if config.sees_phase and not recording.sees_phase:
        raise InputError(
            f"{recording.name}: expected phase differences, as the network was trained on, found none; add "
            "their stream to streams"
        )


#: The network's inputs of some frames: features by stream and the difference maps of both levels, in its
#: order; and by stream, which frames it has, where it lacks some.
Inputs = tuple[list[Tensor], dict[str, Tensor]]


def _read_inputs(
    network: MimamoNet,
    recording: Recording,
    context: DifferenceContext,
    device: torch.device,
    piece: tuple[int, int],
) -> Inputs:
    """Read what the network needs for a piece of frames, first number and count, into the CPU's memory."""
    streams = [stream.name for stream in network.config.feature_streams]
    arrays = [recording.values(stream, *piece) for stream in streams]
    if network.config.sees_phase:
        arrays += context.read(recording, *piece)
    present = {
        stream: recording.present(stream, *piece) for stream in streams if recording.lacks_frames(stream)
    }
    return (
        [host_tensor(np.ascontiguousarray(values), device) for values in arrays],
        {stream: host_tensor(found, device) for stream, found in present.items() if not found.all()},
    )


def _begin_run(
    network: MimamoNet, inputs: Iterable[Inputs], length: int, window: int, hop: int
) -> tuple[HostCopy, HostCopy | None]:
    """Begin to compute what predicts one contiguous run.

    Returns
    -------
    tuple[HostCopy, HostCopy | None]
        The head's outputs over the windows (windows, window, 2), and the ridge regression's estimates of the
        frames (length, 2), where the level of a recording comes from it.
    """
    features = torch.cat([_frame_features(network, tensors) for tensors in inputs])
    windows = torch.stack([features[start : start + window] for start in window_starts(length, window, hop)])
    # A network that recurs over the windows has to see all of a run; others get batches of bounded size.
    batch_size = len(windows) if network.config.recurrence == "batch" else WINDOWS_PER_BATCH
    outputs = torch.cat([network.head(batch) for batch in windows.split(batch_size)])
    linear = network.split_ridge(features)[1] if network.config.ridge_level else None
    return HostCopy(outputs), None if linear is None else HostCopy(linear)


def _mean_of_windows(outputs: Tensor, length: int, window: int, hop: int) -> np.ndarray:
    """Average the outputs (windows, window, 2) of overlapping windows: (length, 2) float32."""
    starts = np.array(window_starts(length, window, hop))
    size = outputs.shape[1]
    frames = (starts[:, None] + np.arange(size)).ravel()
    values = outputs.double().numpy().reshape(-1, len(DIMENSIONS))
    # Adds the windows of a frame in their order.
    total = np.stack([np.bincount(frames, column, length) for column in values.T], axis=1)
    return (total / np.bincount(frames, minlength=length)[:, None]).astype(np.float32)


def _stream_features(network: MimamoNet, inputs: Inputs) -> Tensor:
    """Return the concatenated features of all streams, (count, width)."""
    on_device, present = _on_device(network, inputs)
    return torch.cat(network.stream_features(*on_device, present=present), dim=-1)[0]


def _frame_features(network: MimamoNet, inputs: Inputs) -> Tensor:
    """Return what the network's head needs of every frame, (count, width)."""
    on_device, present = _on_device(network, inputs)
    return network.frame_features(*on_device, present=present)[0]


def _on_device(network: MimamoNet, inputs: Inputs) -> Inputs:
    """Copy the inputs of a piece of frames to the network's device, as a batch of one window."""
    device = next(network.parameters()).device
    arrays, present = inputs
    return (
        [values.to(device, non_blocking=True)[None] for values in arrays],
        {stream: found.to(device, non_blocking=True)[None] for stream, found in present.items()},
    )
