"""Training of one fold: windows, loss, schedule, early stopping, history and checkpoint."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from mimamo import DIMENSIONS
from mimamo.checkpoint import save_checkpoint
from mimamo.code import code_digest, imported_modules
from mimamo.data import flipped_at_random
from mimamo.device import pick_device, use_bfloat16
from mimamo.errors import InputError
from mimamo.feature_record import common_record
from mimamo.files import write_csv
from mimamo.fold_data import FoldData, fingerprint, pool5_statistics, read_fold, training_windows
from mimamo.interruption import Interrupted, StopRequest
from mimamo.metrics import concordance
from mimamo.network import MimamoNet, NetworkConfig
from mimamo.predict import predict_recording
from mimamo.saved_state import SavedStates
from mimamo.training_config import TrainingConfig

logger = logging.getLogger(__name__)


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
            self.weights = copy.deepcopy(dict(network.state_dict()))


@dataclass
class EpochSoFar:
    """What the steps of an epoch have given so far: their losses, and truth and output of every frame."""

    rate: float = 0.0
    losses: list[float] = field(default_factory=list)
    truth: list[Tensor] = field(default_factory=list)
    output: list[Tensor] = field(default_factory=list)

    def add(self, loss: float, truth: Tensor, output: Tensor) -> None:
        """Add a step: its loss, and (frames, 2) truth and output."""
        self.losses.append(loss)
        self.truth.append(truth.cpu())
        self.output.append(output.float().cpu())

    def row(self, epoch: int, stop_ccc: dict[str, float]) -> dict[str, float]:
        """Return the epoch's row of the history. No clock is in it: the same run gives the same bytes."""
        train_ccc = concordances(torch.cat(self.truth).numpy(), torch.cat(self.output).numpy())
        return {
            "epoch": epoch,
            "learning_rate": self.rate,
            "loss": float(np.mean(self.losses)),
            **{f"train_ccc_{dimension}": train_ccc[dimension] for dimension in DIMENSIONS},
            **{f"stop_ccc_{dimension}": stop_ccc[dimension] for dimension in DIMENSIONS},
        }


def concordances(truth: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    """Return the CCC of (frames, 2) truth and estimate, by dimension."""
    return {d: concordance(truth[:, i], estimate[:, i]).value for i, d in enumerate(DIMENSIONS)}


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


def step_seed(seed: int, step: int) -> int:
    """Return the seed of everything random in one step.

    Derived from the step alone, so that a training that is taken up again draws what it would have drawn.
    """
    return int(np.random.SeedSequence([seed, step]).generate_state(1)[0])


def epoch_batches(windows: int, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the shuffled batches of one epoch as lists of window numbers.

    The last batch is dropped where it is smaller than half a batch: the CCC over a few windows is noise.
    """
    order = np.random.default_rng([seed, epoch]).permutation(windows).tolist()
    batches = [order[start : start + batch_size] for start in range(0, windows, batch_size)]
    return batches[:-1] if len(batches) > 1 and len(batches[-1]) < batch_size / 2 else batches


class Training:
    """One fold's training: everything that changes from step to step, and how it changes.

    Parameters
    ----------
    fold
        The fold's number.
    data
        Inputs and labels of the names it trains on and stops by.
    sizes, config
        The network's sizes, and the settings.
    """

    def __init__(self, fold: int, data: FoldData, sizes: NetworkConfig, config: TrainingConfig) -> None:
        self.fold, self.data, self.config = fold, data, config
        self.seed = config.seed + fold
        torch.manual_seed(self.seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        self.device = pick_device()
        self.network = MimamoNet(sizes, config.streams).to(self.device, memory_format=torch.channels_last)
        self.network.temporal.bfloat16 = use_bfloat16(config.precision, self.device)
        if sizes.standardise_pool5:
            mean, spread = pool5_statistics(data.train, data)
            self.network.spatial.mean.copy_(mean)
            self.network.spatial.spread.copy_(spread)
        self.windows = training_windows(data, config.window, config.hop, sizes.differences)
        self.steps_per_epoch = len(self._batches(epoch=1))
        self.optimiser, self.schedule = make_optimiser(self.network, config, self.steps_per_epoch)
        self.step, self.best, self.rows, self.seen = 0, BestSoFar(), [], EpochSoFar()

    def _batches(self, epoch: int) -> list[list[int]]:
        return epoch_batches(len(self.windows), self.config.batch_size, self.seed, epoch)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or too many since the best one."""
        epochs = len(self.rows)
        return epochs >= self.config.epochs or epochs - self.best.epoch >= self.config.patience

    def run_epoch(self) -> Iterator[int]:
        """Take the epoch's remaining steps and score the stop names.

        Yields
        ------
        int
            The number of steps taken in all: after every step, and after every stop name. At each of these
            moments `state` holds all that is needed to go on.
        """
        epoch = len(self.rows) + 1
        if not self.seen.losses:
            self.seen.rate = self.schedule.get_last_lr()[0]
        for batch in DataLoader(self.windows, batch_sampler=self._batches(epoch)[len(self.seen.losses) :]):
            self._take_step(batch)
            yield self.step
        truth, estimate = [], []
        for name in self.data.stop:
            labels = self.data.labels[name]
            recording = self.data.recordings[name]
            _, values = predict_recording(
                self.network, recording, self.config.window, self.config.hop, labels.frames
            )
            truth.append(labels.values)
            estimate.append(values)
            yield self.step
        self._finish_epoch(epoch, concordances(np.concatenate(truth), np.concatenate(estimate)))

    def _take_step(self, batch: dict[str, Tensor]) -> None:
        """Take one step of the optimiser."""
        self.network.train()
        torch.manual_seed(step_seed(self.seed, self.step))
        if self.config.flip:
            batch = flipped_at_random(batch)
        batch = {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}
        valid = batch["valid"]
        output = self.network(batch["pool5"], batch["level1"], batch["level2"], valid)[valid]
        target = batch["target"][valid]
        loss = concordance_loss(output, target)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        self.seen.add(loss.item(), target, output.detach())

    def _finish_epoch(self, epoch: int, stop_ccc: dict[str, float]) -> None:
        """Add a row to the history, and keep the weights if they are the best so far."""
        self.rows.append(self.seen.row(epoch, stop_ccc))
        self.best.offer(float(np.mean(list(stop_ccc.values()))), epoch, self.network)
        self.seen = EpochSoFar()

    def state(self) -> dict:
        """Return all that is needed to go on from here, as tensors and plain values."""
        return {
            "step": self.step,
            "network": dict(self.network.state_dict()),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "best": {"score": float(self.best.score), "epoch": self.best.epoch, "weights": self.best.weights},
            "rows": self.rows,
            "seen": vars(self.seen),
        }

    def restore(self, state: dict) -> None:
        """Go back to where `state` was taken."""
        self.step, self.rows = state["step"], state["rows"]
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.best, self.seen = BestSoFar(**state["best"]), EpochSoFar(**state["seen"])


def fit(training: Training, states: SavedStates) -> None:
    """Train to the end, or until the stop names get no better; go on from the last saved state if any.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    InputError
        Where the CCC on the stop names was never defined.
    """
    if (state := states.load(training.device)) is not None:
        training.restore(state)
        logger.info("Fold %d: goes on after step %d", training.fold, training.step)
    logger.info(
        "Fold %d: %d windows, %d steps an epoch, on %s",
        training.fold,
        len(training.windows),
        training.steps_per_epoch,
        training.device,
    )
    progress, saved = Progress(training), training.step
    with StopRequest() as stop:
        while not training.ended:
            for step in training.run_epoch():
                if stop.made or step >= saved + training.config.save_every:
                    states.save(step, training.state())
                    saved = step
                if stop.made:
                    raise Interrupted(
                        f"fold {training.fold} was asked to stop and did so after step {step}; the next run "
                        "goes on from there"
                    )
            progress.tell()
            states.save(training.step, training.state())
            saved = training.step
    if not training.best.weights:
        raise InputError(
            f"fold {training.fold}: the CCC on the stop names {', '.join(training.data.stop)} was undefined "
            "in every epoch, which happens where their labels do not vary; raise folds.stop_fraction"
        )


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
    state: Path,
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
        same features, and with it the record of what those were computed with.
    checkpoint, history
        The files to write.
    state
        Folder of the training's state while it lasts. A training that was stopped goes on from there, and
        ends as it would have ended.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    InputError
        Where a cache is missing, features are of two kinds, or there is no labelled frame to train on or to
        stop by.
    """
    config = TrainingConfig.from_dict(training)
    features = common_record(features_folders)
    data = read_fold(fold, folds_csv, labels_folder, phase_folders, features_folders)
    width = data.recordings[data.train[0]].pool5_width
    sizes = NetworkConfig.from_dict({**network, "pool5_width": width})
    course = Training(fold, data, sizes, config)
    settings = {"network": sizes.as_dict(), "training": config.as_dict()}
    states = SavedStates(state, fingerprint(data, settings, imported_modules(Path(__file__))))
    fit(course, states)
    best = course.best
    write_csv(pd.DataFrame(course.rows), history)
    save_checkpoint(
        checkpoint,
        best.weights,
        sizes,
        training=config.as_dict(),
        spatial=spatial,
        features=features,
        origin={"code": code_digest(Path(__file__))},
        fold=fold,
        epoch=best.epoch,
    )
    states.discard()
    logger.info("Fold %d: kept epoch %d with CCC %.3f on the stop names", fold, best.epoch, best.score)


class Progress:
    """Says where a training stands and how long it will still take at most."""

    def __init__(self, training: Training) -> None:
        self._training, self._start, self._done = training, time.monotonic(), len(training.rows)

    def tell(self) -> None:
        """Log the last epoch."""
        training, row = self._training, self._training.rows[-1]
        each = (time.monotonic() - self._start) / (len(training.rows) - self._done)
        logger.info(
            "Fold %d, epoch %d of %d: loss %.3f, CCC valence %.3f arousal %.3f (stop names), %d s left",
            training.fold,
            row["epoch"],
            training.config.epochs,
            row["loss"],
            row["stop_ccc_valence"],
            row["stop_ccc_arousal"],
            round(each * (training.config.epochs - row["epoch"])),
        )
