"""Training of one fold: windows, loss, schedule, early stopping, history and checkpoint."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from mimamo import DIMENSIONS
from mimamo.checkpoint import save_checkpoint
from mimamo.data import Labels, Recording, WindowDataset, flipped_at_random, open_recordings, read_labels
from mimamo.device import pick_device, use_bfloat16
from mimamo.errors import InputError
from mimamo.files import read_csv, write_csv
from mimamo.metrics import concordance
from mimamo.network import MimamoNet, NetworkConfig
from mimamo.predict import predict_recording
from mimamo.windows import contiguous_runs, cut_windows

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingConfig:
    """How a fold is trained; the keys of the configuration's ``training`` section.

    Attributes
    ----------
    streams
        ``both``, ``spatial`` or ``temporal``.
    window, hop
        Frames of a training window, and from one window's start to the next's.
    batch_size
        Windows in a batch. The CCC loss is taken over all their frames together.
    epochs, patience
        Most epochs; stop after this many without a better CCC on the stop names.
    optimiser
        ``adamw`` or ``sgd`` (with `momentum`).
    learning_rate, weight_decay
        Of the optimiser; the peak rate where the schedule is ``one_cycle``.
    schedule
        ``one_cycle`` (up and down once over all steps) or ``steps`` (times `gamma` at the epochs
        `milestones`).
    flip
        Whether the phase maps of half the windows are mirrored.
    precision
        ``float32``, ``bfloat16`` (convolutions only) or ``auto``: bfloat16 where the device computes it
        natively.
    seed
        Of weights, shuffling, dropout and flips; each fold adds its number.
    """

    streams: str = "both"
    window: int = 64
    hop: int = 32
    batch_size: int = 16
    epochs: int = 25
    patience: int = 5
    optimiser: str = "sgd"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: str = "steps"
    milestones: tuple[int, ...] = (10, 20)
    gamma: float = 0.1
    flip: bool = True
    precision: str = "auto"
    seed: int = 0

    def as_dict(self) -> dict:
        """Return the settings as plain values, for a checkpoint."""
        return {**asdict(self), "milestones": list(self.milestones)}

    @classmethod
    def from_dict(cls, values: dict) -> TrainingConfig:
        """Make the settings from the configuration's section; the number of threads is the job's affair."""
        return cls(**{key: value for key, value in values.items() if key != "threads"})


@dataclass(frozen=True)
class FoldData:
    """What one fold trains on and stops by: inputs and labels of its names, by role."""

    train: list[str]
    stop: list[str]
    recordings: Mapping[str, Recording]
    labels: Mapping[str, Labels]


@dataclass
class BestSoFar:
    """The best epoch so far by CCC on the stop names, and its weights."""

    score: float = -np.inf
    epoch: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def offer(self, score: float, epoch: int, network: MimamoNet) -> None:
        """Keep the network's weights if `score` beats all earlier ones; an undefined score never does."""
        if score > self.score:
            self.score, self.epoch = score, epoch
            self.weights = copy.deepcopy(network.state_dict())


def concordance_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return -(CCC of valence + CCC of arousal) over a batch.

    Parameters
    ----------
    prediction, target
        (frames, 2)

    Returns
    -------
    torch.Tensor
        A scalar in [-2, 2]. The CCC is Lin's (Biometrics 45, 1989): 2 s_xy / (s_x² + s_y² + (m_x - m_y)²),
        with population variances.
    """
    variance_p, mean_p = torch.var_mean(prediction, dim=0, correction=0)
    variance_t, mean_t = torch.var_mean(target, dim=0, correction=0)
    covariance = ((prediction - mean_p) * (target - mean_t)).mean(dim=0)
    # The floor only matters where a batch is constant in both: then the CCC counts as zero.
    bottom = (variance_p + variance_t + (mean_p - mean_t) ** 2).clamp_min(1e-8)
    return -(2 * covariance / bottom).sum()


def pool5_statistics(names: list[str], data: FoldData) -> tuple[Tensor, Tensor]:
    """Return mean and spread of pool5 over the labelled frames of `names`, (width,) each.

    Each value's spread has a floor of a hundredth of the mean spread: values that hardly vary in training
    must not blow up elsewhere.
    """
    count, total, squares = 0, 0.0, 0.0
    for name in names:
        for first, length in contiguous_runs(data.labels[name].frames):
            block = data.recordings[name].pool5(first, length).astype(np.float64)
            count, total, squares = count + len(block), total + block.sum(0), squares + (block**2).sum(0)
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean**2, 0))
    spread = np.maximum(spread, 0.01 * spread.mean())
    return torch.tensor(mean, dtype=torch.float32), torch.tensor(spread, dtype=torch.float32)


def make_optimiser(network: MimamoNet, config: TrainingConfig, steps_per_epoch: int):
    """Return the optimiser and a schedule that is advanced after every step.

    Returns
    -------
    tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]
    """
    rates = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    if config.optimiser == "sgd":
        optimiser = torch.optim.SGD(network.parameters(), momentum=config.momentum, **rates)
    else:
        optimiser = torch.optim.AdamW(network.parameters(), **rates)
    if config.schedule == "one_cycle":
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, config.learning_rate, total_steps=config.epochs * steps_per_epoch
        )
    else:
        milestones = [epoch * steps_per_epoch for epoch in config.milestones]
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones, config.gamma)
    return optimiser, schedule


def scores_on(
    names: list[str], data: FoldData, network: MimamoNet, config: TrainingConfig
) -> dict[str, float]:
    """Return the pooled CCC on the labelled frames of `names`, by dimension."""
    truth, estimate = [], []
    for name in names:
        labels = data.labels[name]
        _, values = predict_recording(
            network, data.recordings[name], config.window, config.hop, labels.frames
        )
        truth.append(labels.values)
        estimate.append(values)
    truth, estimate = np.concatenate(truth), np.concatenate(estimate)
    return {
        dimension: concordance(truth[:, i], estimate[:, i]).value for i, dimension in enumerate(DIMENSIONS)
    }


def train_epoch(network: MimamoNet, loader: DataLoader, optimiser, schedule, flips: torch.Generator | None):
    """Take one step per batch; return the mean loss and the CCC over all training windows, by dimension."""
    network.train()
    losses, truth, estimate = [], [], []
    device = next(network.parameters()).device
    for batch in loader:
        if flips is not None:
            batch = flipped_at_random(batch, flips)
        batch = {key: value.to(device, non_blocking=True) for key, value in batch.items()}
        valid = batch["valid"]
        output = network(batch["pool5"], batch["level1"], batch["level2"], valid)[valid]
        loss = concordance_loss(output, batch["target"][valid])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        truth.append(batch["target"][valid].cpu().numpy())
        estimate.append(output.detach().cpu().numpy())
    truth, estimate = np.concatenate(truth), np.concatenate(estimate)
    scores = {d: concordance(truth[:, i], estimate[:, i]).value for i, d in enumerate(DIMENSIONS)}
    return float(np.mean(losses)), scores


def train_fold(
    fold: int,
    folds_csv: Path,
    labels_folder: Path,
    phase_folders: Iterable[Path],
    features_folders: Iterable[Path],
    network: dict,
    training: dict,
    spatial: dict,
    checkpoint: Path,
    history: Path,
) -> None:
    """Train one fold and write its checkpoint and its history.

    Parameters
    ----------
    fold
        Its number; it is added to the seed.
    folds_csv
        The table of roles, which alone decides what is trained on and stopped by.
    labels_folder, phase_folders, features_folders
        Label tables, and the caches of all batches.
    network, training, spatial
        Those sections of the configuration. All go into the checkpoint, the last so that prediction uses the
        same features.
    checkpoint, history
        The files to write.

    Raises
    ------
    InputError
        Where a cache is missing, or there is no labelled frame to train on or to stop by.
    """
    config = TrainingConfig.from_dict(training)
    data = read_fold(fold, folds_csv, labels_folder, phase_folders, features_folders)
    width = data.recordings[data.train[0]].pool5_width
    sizes = NetworkConfig.from_dict({**network, "pool5_width": width})
    best, rows = fit(fold, data, sizes, config)
    write_csv(pd.DataFrame(rows), history)
    save_checkpoint(checkpoint, best.weights, sizes, config.as_dict(), spatial, fold, best.epoch)
    logger.info("Fold %d: kept epoch %d with CCC %.3f on the stop names", fold, best.epoch, best.score)


def read_fold(
    fold: int,
    folds_csv: Path,
    labels_folder: Path,
    phase_folders: Iterable[Path],
    features_folders: Iterable[Path],
) -> FoldData:
    """Open inputs and labels of the names that a fold trains on and stops by, and of no other."""
    table = read_csv(folds_csv)
    table = table[table["fold"] == fold]
    train, stop = (sorted(table.loc[table["role"] == role, "name"]) for role in ("train", "stop"))
    for role, names in (("train", train), ("stop", stop)):
        if not names:
            raise InputError(f"{folds_csv}: expected names with the role {role!r} in fold {fold}, found none")
    names = train + stop
    recordings = open_recordings(names, phase_folders, features_folders)
    return FoldData(train, stop, recordings, read_labels(labels_folder, names))


def fit(
    fold: int, data: FoldData, sizes: NetworkConfig, config: TrainingConfig
) -> tuple[BestSoFar, list[dict]]:
    """Train until the end or until the stop names get no better; return the best epoch and the history."""
    torch.manual_seed(config.seed + fold)
    torch.use_deterministic_algorithms(True, warn_only=True)
    device = pick_device()
    network = MimamoNet(sizes, config.streams).to(device, memory_format=torch.channels_last)
    network.temporal.bfloat16 = use_bfloat16(config.precision, device)
    if sizes.standardise_pool5:
        mean, spread = pool5_statistics(data.train, data)
        network.spatial.mean.copy_(mean)
        network.spatial.spread.copy_(spread)
    loader = window_loader(fold, data, sizes, config)
    optimiser, schedule = make_optimiser(network, config, len(loader))
    flips = torch.Generator().manual_seed(config.seed + fold) if config.flip else None
    best, rows, clock = BestSoFar(), [], time.monotonic()
    logger.info(
        "Fold %d: %d windows, %d steps an epoch, on %s", fold, len(loader.dataset), len(loader), device
    )
    for epoch in range(1, config.epochs + 1):
        rate = schedule.get_last_lr()[0]
        loss, train_ccc = train_epoch(network, loader, optimiser, schedule, flips)
        stop_ccc = scores_on(data.stop, data, network, config)
        rows.append(history_row(epoch, rate, loss, train_ccc, stop_ccc))
        best.offer(float(np.mean(list(stop_ccc.values()))), epoch, network)
        log_epoch(fold, config.epochs, rows[-1], time.monotonic() - clock)
        if epoch - best.epoch >= config.patience:
            logger.info("Fold %d: no better CCC for %d epochs, stopped", fold, config.patience)
            break
    if not best.weights:
        raise InputError(
            f"fold {fold}: the CCC on the stop names {', '.join(data.stop)} was undefined in every epoch, "
            "which happens where their labels do not vary; raise folds.stop_fraction"
        )
    return best, rows


def window_loader(fold: int, data: FoldData, sizes: NetworkConfig, config: TrainingConfig) -> DataLoader:
    """Return the loader of shuffled training windows.

    The last batch of an epoch is dropped where it is smaller than half a batch: the CCC over a few windows
    is noise.
    """
    windows = [
        window
        for name in data.train
        for window in cut_windows(name, data.labels[name].frames, config.window, config.hop)
    ]
    dataset = WindowDataset(windows, data.recordings, data.labels, config.window, sizes.differences)
    rest = len(windows) % config.batch_size
    drop_last = len(windows) > config.batch_size and rest < config.batch_size / 2
    generator = torch.Generator().manual_seed(config.seed + fold)
    return DataLoader(dataset, config.batch_size, shuffle=True, drop_last=drop_last, generator=generator)


def history_row(epoch: int, rate: float, loss: float, train_ccc: dict, stop_ccc: dict) -> dict[str, float]:
    """Return one row of the history table. There is no clock in it: the same run gives the same bytes."""
    return {
        "epoch": epoch,
        "learning_rate": rate,
        "loss": loss,
        **{f"train_ccc_{dimension}": train_ccc[dimension] for dimension in DIMENSIONS},
        **{f"stop_ccc_{dimension}": stop_ccc[dimension] for dimension in DIMENSIONS},
    }


def log_epoch(fold: int, epochs: int, row: dict[str, float], elapsed: float) -> None:
    """Say where the training stands and how long it will still take at most."""
    left = elapsed / row["epoch"] * (epochs - row["epoch"])
    logger.info(
        "Fold %d, epoch %d of %d: loss %.3f, CCC valence %.3f arousal %.3f (stop names), at most %d s left",
        fold,
        row["epoch"],
        epochs,
        row["loss"],
        row["stop_ccc_valence"],
        row["stop_ccc_arousal"],
        round(left),
    )
