"""Training of one fold: windows, loss, schedule, early stopping, history and checkpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from mimamo.dataset.fold_data import FoldData, fingerprint, pool5_statistics, read_fold, training_windows
from mimamo.dataset.recordings import ahead, flipped_at_random
from mimamo.device import pick_device, use_bfloat16
from mimamo.distributed import ALONE, Part, Team
from mimamo.errors import InputError
from mimamo.features.record import common_record
from mimamo.jobs.interruption import Interrupted, StopRequest
from mimamo.model.batch_norm import share_statistics
from mimamo.model.checkpoint import save_checkpoint
from mimamo.model.inference import predict_recording
from mimamo.model.network import MimamoNet, NetworkConfig
from mimamo.provenance.source_code import code_digest, imported_modules
from mimamo.storage.files import write_csv
from mimamo.training.config import TrainingConfig
from mimamo.training.history import BestSoFar, EpochSoFar, concordances
from mimamo.training.loss import concordance_loss
from mimamo.training.optimiser import make_optimiser
from mimamo.training.preemption import BrokenOff, breaks_off
from mimamo.training.saved_state import SavedStates
from mimamo.training.tensorboard import EventLog

logger = logging.getLogger(__name__)


def step_seed(seed: int, step: int, *process: int) -> int:
    """Return the seed of everything random in one step, or of what is random in one process of several.

    Derived from the step alone, so that a training that is taken up again draws what it would have drawn.
    """
    return int(np.random.SeedSequence([seed, step, *process]).generate_state(1)[0])


def epoch_batches(windows: int, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the shuffled batches of one epoch as lists of window numbers.

    The last batch is dropped where it is smaller than half a batch: the CCC over a few windows is noise.
    """
    order = np.random.default_rng([seed, epoch]).permutation(windows).tolist()
    batches = [order[start : start + batch_size] for start in range(0, windows, batch_size)]
    return batches[:-1] if len(batches) > 1 and len(batches[-1]) < batch_size / 2 else batches


def real_frames(values: Tensor, valid: Tensor | None) -> Tensor:
    """Return those of the frames of `values` (batch, time, 2) that are not padding, (frames, 2)."""
    return values.flatten(0, 1) if valid is None else values[valid]


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
    team
        The processes that train it together, of which this is one. All are in the same state all the time.

    Raises
    ------
    InputError
        Where a batch has fewer windows than there are processes.
    """

    def __init__(
        self,
        fold: int,
        data: FoldData,
        sizes: NetworkConfig,
        config: TrainingConfig,
        team: Team = ALONE,
    ) -> None:
        self.fold, self.data, self.config, self.team = fold, data, config, team
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
        self.steps_per_epoch = len(batches := self._batches(epoch=1))
        if (fewest := min(map(len, batches))) < self.team.size:
            raise InputError(
                f"fold {fold}: expected at least {self.team.size} windows in a batch, one for each of "
                f"training.gpus, found {fewest}; lower training.gpus or raise training.batch_size"
            )
        share_statistics(self.network, self.team)
        self.shared_network = self.team.parallel(self.network, every_weight=config.streams == "both")
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
        batches = self._batches(epoch)[len(self.seen.losses) :]
        parts = [self.team.part(len(batch)) for batch in batches]
        mine = [batch[part.start : part.stop] for batch, part in zip(batches, parts, strict=True)]
        for batch, part in zip(self.loaded(mine), parts, strict=True):
            self.take_step(batch, part)
            yield self.step
        estimates = {}
        # In rounds of one name for each process, so that all pause equally often.
        for first in range(0, len(self.data.stop), self.team.size):
            for name in self.data.stop[first : first + self.team.size][self.team.rank :][:1]:
                estimates[name] = self._estimate(name)
            yield self.step
        estimates = self.team.together(estimates)
        truth = np.concatenate([self.data.labels[name].values for name in self.data.stop])
        estimate = np.concatenate([estimates[name] for name in self.data.stop])
        self._finish_epoch(epoch, concordances(truth, estimate))

    def loaded(self, batches: list[list[int]]) -> Iterator[dict[str, Tensor]]:
        """Read batches of windows given by their numbers, each while the step before it is taken."""
        # Memory that stays where it is can be copied to a GPU while that computes.
        pinned = self.device.type == "cuda"
        return ahead(DataLoader(self.windows, batch_sampler=batches, pin_memory=pinned))

    def _estimate(self, name: str) -> np.ndarray:
        """Estimate valence and arousal of the labelled frames of a stop name: (frames, 2)."""
        frames = self.data.labels[name].frames
        recording = self.data.recordings[name]
        return predict_recording(self.network, recording, self.config.window, self.config.hop, frames)[1]

    def take_step(self, batch: dict[str, Tensor], part: Part) -> None:
        """Take one step of the optimiser with this process's part of a batch."""
        before = [buffer.clone() for buffer in self.network.buffers()]
        try:
            loss, target, output = self._find_gradients(batch, part)
        except BrokenOff:
            # Running statistics are all that a step changes before it is nearly done.
            for buffer, kept in zip(self.network.buffers(), before, strict=True):
                buffer.copy_(kept)
            raise
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        self.seen.add(loss, target, output)

    def _find_gradients(self, batch: dict[str, Tensor], part: Part) -> tuple[Tensor, Tensor, Tensor]:
        """Set the gradients of the whole batch's loss; return it, and truth and output of all frames."""
        self.network.train()
        # Asked now, as a GPU would have to end all its work before it could answer.
        full = bool(batch["valid"].all())
        batch = {key: value.to(self.device, non_blocking=True) for key, value in batch.items()}
        torch.manual_seed(step_seed(self.seed, self.step))
        if self.config.flip:
            batch = flipped_at_random(batch, part)
        if self.team.size > 1:
            # Or dropout would leave out the same places of every process's windows.
            torch.manual_seed(step_seed(self.seed, self.step, self.team.rank))
        valid = None if full else batch["valid"]
        output = self.shared_network(batch["pool5"], batch["level1"], batch["level2"], valid)
        if self.team.size > 1:
            valid = self.team.whole(batch["valid"], part)
        output = real_frames(self.team.whole(output, part), valid)
        target = real_frames(self.team.whole(batch["target"], part), valid)
        loss = concordance_loss(output, target)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        return loss, target, output

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
        self.best, self.seen = BestSoFar(**state["best"]), EpochSoFar(**state["seen"]).to(self.device)


def save(training: Training, states: SavedStates) -> None:
    """Save the state, which is the same in every process, once."""
    if training.team.leads:
        states.save(training.step, training.state())


def fit(training: Training, states: SavedStates, events: Path | None = None) -> None:
    """Train to the end, or until the stop names get no better; go on from the last saved state if any.

    The curves are written into the folder `events` as they grow, where one is given.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    InputError
        Where the CCC on the stop names was never defined.
    """
    if (state := states.load()) is not None:
        training.restore(state)
        logger.info("Fold %d: goes on after step %d", training.fold, training.step)
    logger.info(
        "Fold %d: %d windows, %d steps an epoch, on %s",
        training.fold,
        len(training.windows),
        training.steps_per_epoch,
        training.device,
    )
    progress, saved, team = Progress(training), training.step, training.team
    log = EventLog(events if team.leads else None, training.rows)
    with StopRequest() as stop, breaks_off(training.network, stop, where=team.size == 1), log:
        try:
            while not training.ended:
                for step in training.run_epoch():
                    if team.any(stop.made):
                        raise BrokenOff
                    if step >= saved + training.config.save_every:
                        save(training, states)
                        saved = step
                progress.tell()
                log.add(training.rows[-1])
                save(training, states)
                saved = training.step
        except BrokenOff:
            save(training, states)
            # Nobody leaves, and ends the others by that, before the state is there.
            team.wait()
            raise Interrupted(
                f"fold {training.fold} was asked to stop and did so after step {training.step}; the next run "
                "goes on from there"
            ) from None
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
    events: Path | None = None,
    team: Team = ALONE,
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
    events
        Folder of the curves for TensorBoard; None: there are none.
    team
        The processes that train it together; its leader writes the files.

    Raises
    ------
    Interrupted
        When SIGTERM came; the state is saved.
    InputError
        Where a cache is missing, features are of two kinds, or there is no labelled frame to train on or to
        stop by.
    """
    import pandas as pd

    config = TrainingConfig.from_dict(training)
    features = common_record(features_folders)
    data = read_fold(fold, folds_csv, labels_folder, phase_folders, features_folders)
    width = data.recordings[data.train[0]].pool5_width
    sizes = NetworkConfig.from_dict({**network, "pool5_width": width})
    course = Training(fold, data, sizes, config, team)
    settings = {"network": sizes.as_dict(), "training": config.as_dict()}
    states = SavedStates(state, fingerprint(data, settings, imported_modules(Path(__file__))))
    fit(course, states, events)
    if not team.leads:
        return
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
