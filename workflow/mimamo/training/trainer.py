"""The training of one fold, step by step: batches, gradients, scores of the stop names, and its state."""

from __future__ import annotations

import logging
import math
from collections.abc import Generator, Iterator, Mapping

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.dataset.fold_data import (
    FoldData,
    damaged_cache,
    feature_statistics,
    principal_components,
    training_windows,
)
from mimamo.dataset.recordings import LEVELS, RIDGE, present_field, random_flip
from mimamo.dataset.resident import resident_windows
from mimamo.dataset.ridge import fit_ridge
from mimamo.device import pick_device, reading_threads, train_deterministically, use_bfloat16
from mimamo.distributed import SINGLE_PROCESS, ProcessGroup, Shard
from mimamo.errors import InputError
from mimamo.model.batch_norm import sync_batch_norms
from mimamo.model.inference import predict_recording
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig
from mimamo.storage.ahead import map_ahead
from mimamo.training.averaging import (
    STATISTICS_BATCHES,
    compute_statistics,
    mean_network,
    moving_average,
)
from mimamo.training.config import TrainingConfig
from mimamo.training.cuda_graph import GraphedBackward, records_steps
from mimamo.training.device_batch import DeviceBatch
from mimamo.training.history import (
    BestEpochs,
    EpochStatistics,
    FailedTraining,
    concordance_by_dimension,
)
from mimamo.training.loss import LOSSES, frames_of
from mimamo.training.optimiser import make_optimiser
from mimamo.training.preemption import StepAborted

logger = logging.getLogger(__name__)


def step_seed(seed: int, step: int, *process: int) -> int:
    """Return the seed of one step, or with `process` that of one process of several in that step.

    Derived from the step alone, so that a resumed training draws the numbers that it would have drawn.
    """
    return int(np.random.SeedSequence([seed, step, *process]).generate_state(1)[0])


def epoch_batches(windows: int, batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """Return the shuffled batches of one epoch as lists of window numbers.

    The last batch is dropped where it is smaller than half a batch: the CCC over a few windows is noise.
    """
    order = np.random.default_rng([seed, epoch]).permutation(windows).tolist()
    batches = [order[start : start + batch_size] for start in range(0, windows, batch_size)]
    return batches[:-1] if len(batches) > 1 and len(batches[-1]) < batch_size / 2 else batches


class Training:
    """One fold's training: network, optimiser and everything else that changes from step to step.

    Attributes
    ----------
    fields
        The fields of a batch that the network reads, in its order.
    resident
        The windows on the GPU, where they fit; None: batches are read from disk.
    average
        The moving average of the network, which is evaluated and kept in its place; None: there is none.
    weights
        What is kept of the training once it has ended, and `finish` too; empty where no epoch had a score.
    graphed
        The recorded passes on one GPU; None: all steps are eager, which gives the same up to rounding.

    Parameters
    ----------
    fold
        The fold's number.
    data
        Inputs and labels of the names it trains on and stops by.
    sizes, config
        The network's sizes, and the settings.
    process_group
        The processes that train it together, of which this is one. All are in the same state at all times.

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
        process_group: ProcessGroup = SINGLE_PROCESS,
    ) -> None:
        self.fold, self.data, self.config, self.process_group = fold, data, config, process_group
        self.seed = config.seed + fold
        self.loss = LOSSES[config.loss]
        torch.manual_seed(self.seed)
        train_deterministically()
        self.device = pick_device()
        self.network = MimamoNet(sizes).to(self.device, memory_format=torch.channels_last)
        self.network.convolve_in_bfloat16(use_bfloat16(config.precision, self.device))
        self.network.stream_dropout = config.stream_dropout
        seen = sizes.feature_streams if sizes.has_ridge else sizes.standardised_streams
        statistics = {stream.name: feature_statistics(data.train, data, stream.name) for stream in seen}
        self._standardise(sizes, statistics)
        ridge = self._fit_ridge(statistics)
        self.windows = training_windows(
            data, config.window, config.hop, sizes.differences, config.bridge, ridge
        )
        self.resident = resident_windows(self.windows, self.device)
        self.steps_per_epoch = len(batches := self._batches(epoch=1))
        if (fewest := min(map(len, batches))) < self.process_group.size:
            raise InputError(
                f"fold {fold}: expected at least {self.process_group.size} windows in a batch, one for each "
                f"of training.gpus, found {fewest}; lower training.gpus or raise training.batch_size"
            )
        streams = [stream.name for stream in sizes.feature_streams]
        self.fields = [*streams, *(LEVELS if sizes.sees_phase else ())]
        first = data.recordings[data.train[0]]
        self._present = {stream: present_field(stream) for stream in streams if first.lacks_frames(stream)}
        sync_batch_norms(self.network, self.process_group)
        self.average = moving_average(self.network, config)
        self.shared_network = self.process_group.wrap(self.network)
        self.optimiser, self.schedule = make_optimiser(self.network, config, self.steps_per_epoch)
        self.graphed = None
        if records_steps(self.device, process_group):
            inputs = (*self.fields, "target", *([] if ridge is None else [RIDGE]))
            self.graphed = GraphedBackward(self.network, self._complete_backward, inputs, config.batch_size)
        self.best = BestEpochs(config.average_epochs if config.average == "epochs" else 1)
        self.step, self.rows, self.epoch_statistics = 0, [], EpochStatistics()
        self.weights: dict[str, Tensor] = {}

    def _standardise(self, sizes: NetworkConfig, statistics: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Set what the streams of features are standardised with, by the labelled training frames."""
        for stream in map(sizes.sizes_of, sizes.standardised_streams):
            encoder = self.network.encoder(stream)
            mean, spread = statistics[stream.name]
            encoder.mean.copy_(mean)
            encoder.spread.copy_(spread)
            if stream.components is not None:
                components = principal_components(
                    self.data.train, self.data, stream.name, mean, spread, stream.components
                )
                encoder.components.copy_(components)

    def _fit_ridge(self, statistics: Mapping[str, tuple[Tensor, Tensor]]) -> Mapping[str, np.ndarray] | None:
        """Fit the ridge regression, where there is one, and return its estimates of the training names.

        The network begins with an output as large as what the regression leaves: a larger one would have to
        shrink first, and learns to tell people apart meanwhile.
        """
        if self.network.ridge is None:
            return None
        fit = fit_ridge(self.data, statistics, self.device)
        self.network.ridge.load(fit.mean, fit.weight, fit.bias, fit.slope)
        with torch.no_grad():
            self.network.output_norm.weight.copy_(fit.spread)
        logger.info(
            "Fold %d: ridge regression on features, %s",
            self.fold,
            ", ".join(
                f"{dimension} with penalty {penalty:.2g} a frame leaves a standard deviation of {left:.3f}"
                for dimension, penalty, left in zip(
                    DIMENSIONS, fit.penalties, fit.spread.tolist(), strict=True
                )
            ),
        )
        return fit.estimates

    def _batches(self, epoch: int) -> list[list[int]]:
        """Return the batches of an epoch, see `epoch_batches`."""
        return epoch_batches(len(self.windows), self.config.batch_size, self.seed, epoch)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or too many since the best one."""
        epochs = len(self.rows)
        return epochs >= self.config.epochs or epochs - self.best.epoch >= self.config.patience

    @property
    def evaluated(self) -> MimamoNet:
        """The network that is evaluated and kept."""
        return self.network if self.average is None else self.average.module

    def run_epoch(self) -> Iterator[int]:
        """Take the epoch's remaining steps and score the stop names, where there are any.

        Yields
        ------
        int
            The total number of steps taken: after every step, and after every stop name. At each of these
            points `state` returns all that is needed to resume.
        """
        epoch = len(self.rows) + 1
        if not self.epoch_statistics.losses:
            self.epoch_statistics.rate = self.schedule.get_last_lr()[0]
        batches = self._batches(epoch)[len(self.epoch_statistics.losses) :]
        for batch, shard in self._own_batches(batches):
            self.take_step(batch, shard)
            yield self.step
        # Without stop names the last epoch is kept, and the others' averages are never used.
        if self.average is not None and (self.data.stop or epoch == self.config.epochs):
            self._compute_statistics(self.average.module, epoch)
            yield self.step
        stop_ccc = yield from self._score(self.evaluated, epoch)
        self._finish_epoch(epoch, stop_ccc)

    def finish(self) -> Iterator[int]:
        """Settle the weights that are kept of a training that has ended: the best, or the mean of the best.

        The mean is scored by the stop names, and the history says which epochs are in it and its score.

        Yields
        ------
        int
            The total number of steps taken, at points where `state` is the state at the training's end.
        """
        if not self.best.kept:
            return
        self.weights = self.best.kept[0].weights
        if self.config.average != "epochs":
            return
        network, epoch = mean_network(self.network, self.best.kept), len(self.rows)
        self._compute_statistics(network, epoch)
        yield self.step
        ccc = yield from self._score(network, epoch)
        averaged = {entry.epoch for entry in self.best.kept}
        self.rows = [{**row, "averaged": int(row["epoch"] in averaged)} for row in self.rows]
        self.rows[-1] |= {f"average_stop_ccc_{dimension}": ccc[dimension] for dimension in DIMENSIONS}
        self.weights = dict(network.state_dict())

    def _compute_statistics(self, network: MimamoNet, epoch: int) -> None:
        """Compute a network's statistics of batch norm anew, from the first of an epoch's batches.

        They are flipped and dropped out of as in that epoch's steps, so that a resumed training has the same.
        """
        batches = self._batches(epoch)[:STATISTICS_BATCHES]
        loaded = self._own_batches(batches)
        first_step = (epoch - 1) * self.steps_per_epoch
        placed = (
            self._place(batch, shard, first_step + number) for number, (batch, shard) in enumerate(loaded)
        )
        compute_statistics(network, self.fields, placed)

    def _own_batches(self, batches: list[list[int]]) -> Iterator[tuple[dict[str, Tensor], Shard]]:
        """Load this process's shard of every batch of windows given by their numbers."""
        shards = [self.process_group.shard(len(batch)) for batch in batches]
        own = [batch[shard.start : shard.stop] for batch, shard in zip(batches, shards, strict=True)]
        return zip(self.load_batches(own), shards, strict=True)

    def _score(self, network: MimamoNet, epoch: int) -> Generator[int, None, dict[str, float]]:
        """Return a network's CCC on the stop names by dimension; yield after each, as `run_epoch` does."""
        estimates = {}
        # In rounds of one name for each process, so that all yield equally often.
        for first in range(0, len(self.data.stop), self.process_group.size):
            names = self.data.stop[first : first + self.process_group.size]
            for name in names[self.process_group.rank :][:1]:
                estimates[name] = self._estimate(network, name)
            yield self.step
        estimates = self.process_group.merge(estimates)
        self._check_finite(epoch, estimates)
        return self._stop_ccc(estimates)

    def load_batches(self, batches: list[list[int]]) -> Iterator[dict[str, Tensor]]:
        """Load batches of windows given by their numbers, each during the step before it, if not earlier."""
        if self.resident is not None:
            return map(self.resident.batch, batches)
        threads = max(1, reading_threads(self.device))
        return map_ahead(self._read_batch, batches, threads, ahead=threads)

    def _read_batch(self, numbers: list[int]) -> dict[str, Tensor]:
        """Read a batch of windows from disk, for a GPU into pinned memory."""
        batch = self.windows.batch(numbers)
        # Pinned memory can be copied to a GPU while that computes.
        return {key: value.pin_memory() for key, value in batch.items()} if self._on_gpu else batch

    @property
    def _on_gpu(self) -> bool:
        """Whether a GPU trains."""
        return self.device.type == "cuda"

    def _estimate(self, network: MimamoNet, name: str) -> np.ndarray:
        """Estimate valence and arousal of the labelled frames of a stop name: (frames, 2)."""
        frames = self.data.labels[name].frames
        recording = self.data.recordings[name]
        return predict_recording(network, recording, self.config.window, self.config.hop, frames)[1]

    @property
    def abortable(self) -> bool:
        """Whether a step may be aborted between two layers.

        On the CPU, where it may take minutes; with several processes they would have to abort together.
        """
        return not self._on_gpu and self.process_group.size == 1

    def take_step(self, batch: dict[str, Tensor], shard: Shard) -> None:
        """Take one step of the optimiser with this process's shard of a batch."""
        saved_buffers = [buffer.clone() for buffer in self.network.buffers()] if self.abortable else []
        try:
            loss, target, output = self._backward(batch, shard)
        except StepAborted:
            # Until the optimiser's step, running statistics are all that a step changes.
            for buffer, saved in zip(self.network.buffers(), saved_buffers, strict=True):
                buffer.copy_(saved)
            raise
        self.optimiser.step()
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        self.step += 1
        self.epoch_statistics.add(loss, target, output)

    def _backward(self, batch: dict[str, Tensor], shard: Shard) -> tuple[Tensor, Tensor, Tensor]:
        """Compute the gradients of the entire batch's loss; return loss, target and output of all frames."""
        self.network.train()
        placed = self._place(batch, shard, self.step)
        tensors = placed.tensors
        if self.graphed is not None and self.graphed.serves(tensors, placed.complete and not placed.masked):
            loss, output = self.graphed(tensors)
            return loss, tensors["target"].flatten(0, 1), output
        output = placed.through(self.shared_network, self.fields)
        labelled = None if placed.complete else tensors["labelled"]
        if self.process_group.size > 1:
            labelled = self.process_group.gather(tensors["labelled"], shard)
        output, target = (self.process_group.gather(values, shard) for values in (output, tensors["target"]))
        loss = self.loss(output, target, labelled)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        return loss, frames_of(target, labelled), frames_of(output, labelled)

    def _place(self, batch: dict[str, Tensor], shard: Shard, step: int) -> DeviceBatch:
        """Copy this process's shard of a step's batch to the device, and flip it at random.

        What is drawn there and in the passes that follow depends on the step alone.
        """
        # Before the copy to a GPU, where this would wait for all queued work.
        unpadded, complete = bool(batch["valid"].all()), bool(batch["labelled"].all())
        # Of which streams some frames are masked.
        masked = {stream: field for stream, field in self._present.items() if not bool(batch[field].all())}
        needless = {"valid": unpadded, "labelled": complete}
        needless |= {field: stream not in masked for stream, field in self._present.items()}
        copied = [key for key in batch if self.process_group.size > 1 or not needless.get(key)]
        batch = {**batch, **{key: batch[key].to(self.device, non_blocking=True) for key in copied}}
        torch.manual_seed(step_seed(self.seed, step))
        if self.config.flip:
            batch = random_flip(batch, shard)
        if self.process_group.size > 1:
            # Or dropout would zero the same positions in every process's windows.
            torch.manual_seed(step_seed(self.seed, step, self.process_group.rank))
        return DeviceBatch(batch, unpadded, complete, masked)

    def _complete_backward(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Compute the gradients of a batch of labelled frames alone; return loss and output of all frames.

        The passes that a CUDA graph records.
        """
        output = self.network(*(batch[field] for field in self.fields), ridge=batch.get(RIDGE))
        loss = self.loss(output, batch["target"], None)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        return loss, output.flatten(0, 1)

    def _stop_ccc(self, estimates: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Return the CCC on the stop names by dimension; NaN where there are none."""
        if not self.data.stop:
            return dict.fromkeys(DIMENSIONS, math.nan)
        truth = np.concatenate([self.data.labels[name].values for name in self.data.stop])
        estimate = np.concatenate([estimates[name] for name in self.data.stop])
        return concordance_by_dimension(truth, estimate)

    def _check_finite(self, epoch: int, estimates: Mapping[str, np.ndarray]) -> None:
        """Raise InputError, with what causes it, where a loss or an estimate is not a finite number.

        It is a `FailedTraining` unless a cache is damaged.
        """
        finite = np.isfinite(self.epoch_statistics.step_losses()).all()
        if finite and all(np.isfinite(values).all() for values in estimates.values()):
            return
        found = (
            f"fold {self.fold}, epoch {epoch}: expected numbers as losses and estimates of the stop names, "
            "found others; "
        )
        if damaged := damaged_cache((*self.data.train, *self.data.stop), self.data):
            raise InputError(found + damaged)
        diverged = "its inputs are in order, so the training diverged: lower training.learning_rate"
        raise FailedTraining(found + diverged, self.rows)

    def _finish_epoch(self, epoch: int, stop_ccc: dict[str, float]) -> None:
        """Add a row to the history, keep the weights if they are the best so far, and start a new epoch.

        Without stop names the last weights are kept.
        """
        self.rows.append(self.epoch_statistics.row(epoch, stop_ccc))
        if self.data.stop:
            self.best.update(float(np.mean(list(stop_ccc.values()))), epoch, self.evaluated)
        else:
            self.best.append(epoch, self.evaluated)
        self.epoch_statistics = EpochStatistics()

    def state(self) -> dict:
        """Return all that is needed to resume from here, as tensors and plain values."""
        average = {} if self.average is None else {"average": self.average.state_dict()}
        return {
            "step": self.step,
            "network": dict(self.network.state_dict()),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "best": self.best.state(),
            "rows": self.rows,
            "epoch_statistics": self.epoch_statistics.state(),
            **average,
        }

    def restore(self, state: dict) -> None:
        """Resume from a state that `state` returned."""
        self.step, self.rows = state["step"], state["rows"]
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.best.restore(state["best"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.epoch_statistics = EpochStatistics.from_state(state["epoch_statistics"], self.device)
