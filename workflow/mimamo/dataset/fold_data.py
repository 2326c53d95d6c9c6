"""Data of one fold: inputs and labels of its training and early-stopping names, and of no other name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mimamo.corpus.stretches import split_runs
from mimamo.dataset.labels import Labels, labels_by_name
from mimamo.dataset.recordings import Recording, WindowDataset, open_recordings
from mimamo.dataset.windows import cut_windows
from mimamo.errors import InputError
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import BLOCK


@dataclass(frozen=True)
class FoldData:
    """Inputs and labels of one fold.

    Attributes
    ----------
    train, stop
        The names that the fold trains on, and those that early stopping uses, each sorted. There are none of
        the latter where ``folds.stop_fraction`` is 0.
    recordings, labels
        Inputs and labels of both, by name.
    groups
        The group of each name: names of one group show one person.
    """

    train: list[str]
    stop: list[str]
    recordings: Mapping[str, Recording]
    labels: Mapping[str, Labels]
    groups: Mapping[str, str]


def read_fold(
    fold: int,
    folds_csv: Path,
    labels_folder: Path,
    caches: Mapping[str, Path],
) -> FoldData:
    """Open inputs and labels of the names that a fold trains on and stops by, and of no other.

    Parameters
    ----------
    fold
        The fold's number.
    folds_csv
        The table of roles, see `mimamo.dataset.folds.write_folds`.
    labels_folder
        Label tables.
    caches
        The folder of the caches of every stream, in the order of the network's.

    Raises
    ------
    InputError
        Where the fold has no name to train on, or a name has no cache or no labels.
    """
    table = read_csv(folds_csv)
    table = table[table["fold"] == fold]
    train, stop = (sorted(table.loc[table["role"] == role, "name"]) for role in ("train", "stop"))
    if not train:
        raise InputError(
            f"{folds_csv}: expected names with the role 'train' in fold {fold}, found none; assign the folds"
            " again"
        )
    names = train + stop
    recordings = open_recordings(names, caches)
    groups = dict(zip(table["name"], table["group"], strict=True))
    labels = labels_by_name(labels_folder, names)
    return FoldData(train, stop, recordings, labels, {name: groups[name] for name in names})


def feature_statistics(names: list[str], data: FoldData, stream: str) -> tuple[Tensor, Tensor]:
    """Return mean and spread of a stream's features over the labelled frames of `names`, (width,) each.

    Each value's spread has a floor of a hundredth of the mean spread: values that hardly vary in training
    must not become huge elsewhere.

    Raises
    ------
    InputError
        Where the stream has features in none of these frames, or some are not finite numbers.
    """
    count, total, squares = 0, 0.0, 0.0
    for values in _labelled_values(names, data, stream):
        block = values.astype(np.float64)
        count, total, squares = count + len(block), total + block.sum(0), squares + (block**2).sum(0)
    if not count:
        raise InputError(
            f"streams.{stream}: expected features of labelled frames of the {len(names)} names that are "
            "trained on, found none; add them, or remove the stream"
        )
    if not np.isfinite(squares).all():
        raise InputError(
            f"streams.{stream}: expected numbers as features of the training names, found others; "
            f"{damaged_cache(names, data)}"
        )
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0))
    spread = np.maximum(spread, 0.01 * spread.mean())
    return torch.tensor(mean, dtype=torch.float32), torch.tensor(spread, dtype=torch.float32)


def damaged_cache(names: Iterable[str], data: FoldData) -> str | None:
    """Say which cache of `names` holds values that are not finite numbers, and what to do; None: all are."""
    return next(filter(None, (data.recordings[name].damaged_cache() for name in names)), None)


def principal_components(
    names: list[str], data: FoldData, stream: str, mean: Tensor, spread: Tensor, count: int
) -> Tensor:
    """Return what turns standardised features into principal components of unit spread: (count, width).

    People differ far more than expressions do, and the features of one whom no training name resembles lie
    many spreads away in hundreds of values at once. A few components with equal spreads leave a network
    little room to extrapolate in.

    Parameters
    ----------
    names, data
        The labelled frames of these names are what the components are computed of.
    stream
        The stream of features.
    mean, spread
        Of its features, see `feature_statistics`; (width,) each.
    count
        The number of components, those with the largest variance.

    Raises
    ------
    InputError
        Where the features vary in fewer directions than components are wanted.
    """
    frames, moment = 0, torch.zeros(len(mean), len(mean), dtype=torch.float64)
    for values in _labelled_values(names, data, stream):
        block = (torch.from_numpy(values.astype(np.float32)) - mean) / spread
        # Products in single precision, their sum in double: there may be millions of frames.
        frames, moment = frames + len(block), moment + block.T @ block
    variances, directions = torch.linalg.eigh(moment / frames)
    variances, directions = variances.flip(0), directions.flip(1)
    # Below this share of the largest variance there is the rounding of features in half precision.
    usable = int((variances > 1e-6 * variances[0]).sum())
    if count > usable:
        raise InputError(
            f"network.pool5_components, or components of streams.{stream}, is {count}, expected at most "
            f"{usable}: the features of the {frames} labelled training frames vary in no more directions; "
            "lower it, or set it to null"
        )
    return (directions[:, :count] / variances[:count].sqrt()).T.float().contiguous()


def _labelled_values(names: list[str], data: FoldData, stream: str) -> Iterator[np.ndarray]:
    """Yield a stream's features of the labelled frames of `names` that have any, (n, width) float16.

    A piece at a time: a long run in double precision would be the largest thing in memory.
    """
    for name in names:
        recording = data.recordings[name]
        for first, length in split_runs(data.labels[name].frames, BLOCK):
            values = recording.values(stream, first, length)
            if recording.lacks_frames(stream):
                values = values[recording.present(stream, first, length)]
            yield values


def phase_energies(names: list[str], data: FoldData) -> dict[str, float]:
    """Return median, smallest and largest phase energy of the crops of `names`; empty where nothing moves."""
    energies = np.array([data.recordings[name].phase_energy() for name in names])
    energies = energies[np.isfinite(energies)]
    values = {"median": np.median, "smallest": np.min, "largest": np.max}
    return {key: float(value(energies)) for key, value in values.items()} if len(energies) else {}


def training_windows(
    data: FoldData,
    window: int,
    hop: int,
    differences: int,
    bridge: int = 0,
    ridge: Mapping[str, np.ndarray] | None = None,
) -> WindowDataset:
    """Cut the labelled stretches of the training names into windows, see `cut_windows`.

    `ridge` are the estimates of `mimamo.dataset.ridge` that the network is to add to its own, if any.
    """
    windows = [
        cut for name in data.train for cut in cut_windows(name, data.labels[name].frames, window, hop, bridge)
    ]
    return WindowDataset(windows, data.recordings, data.labels, window, differences, ridge)


def fingerprint(data: FoldData, settings: dict, code: Iterable[Path]) -> str:
    """Return a digest of everything a training depends on: settings, roles, labels, caches and code."""
    digest = hashlib.sha256()
    digest.update(json.dumps([settings, data.train, data.stop], sort_keys=True).encode())
    for name, recording in sorted(data.recordings.items()):
        digest.update(json.dumps([name, recording.file_signature()]).encode())
        digest.update(data.labels[name].frames.tobytes() + data.labels[name].values.tobytes())
    for path in code:
        digest.update(path.read_bytes())
    return digest.hexdigest()
