"""Progress of a training: the best epochs so far, and statistics of the current epoch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.model.network import MimamoNet

#: The columns of a history, one row an epoch.
COLUMNS = (
    *("epoch", "learning_rate", "loss"),
    *(f"{part}_ccc_{dimension}" for part in ("train", "stop") for dimension in DIMENSIONS),
)


class FailedTraining(InputError):
    """A training that its settings led to no usable network, as where it diverged.

    Attributes
    ----------
    rows
        The history of the epochs before, see `COLUMNS`.
    """

    def __init__(self, message: str, rows: Sequence[Mapping[str, float]]) -> None:
        super().__init__(message)
        self.rows = list(rows)


@dataclass(frozen=True)
class KeptEpoch:
    """An epoch's number, its mean CCC on the stop names (NaN where there are none), and its weights."""

    epoch: int
    score: float
    weights: dict[str, Tensor]


@dataclass
class BestEpochs:
    """The best epochs so far by CCC on the stop names, or without these the last ones.

    Attributes
    ----------
    count
        How many are kept, at most.
    kept
        The epochs, the best one first, of equal ones the earlier; without stop names the last one first.
    """

    count: int = 1
    kept: list[KeptEpoch] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The number of the best epoch; 0 where there is none yet."""
        return self.kept[0].epoch if self.kept else 0

    @property
    def score(self) -> float:
        """The score of the best epoch; minus infinity where there is none yet."""
        return self.kept[0].score if self.kept else -np.inf

    def update(self, score: float, epoch: int, network: MimamoNet) -> None:
        """Keep the network's weights if `score` is among the best; an undefined score never is."""
        if score > (self.kept[-1].score if len(self.kept) == self.count else -np.inf):
            self._keep(KeptEpoch(epoch, score, _copied_weights(network)), lambda entry: -entry.score)

    def append(self, epoch: int, network: MimamoNet) -> None:
        """Keep the network's weights, whatever their score."""
        self._keep(KeptEpoch(epoch, np.nan, _copied_weights(network)), lambda entry: -entry.epoch)

    def _keep(self, entry: KeptEpoch, order: Callable[[KeptEpoch], float]) -> None:
        """Keep an entry, and of all of them the first ones in an order."""
        self.kept = sorted([*self.kept, entry], key=order)[: self.count]

    def state(self) -> list[dict]:
        """Return plain values and tensors, to be saved."""
        return [
            {"epoch": entry.epoch, "score": float(entry.score), "weights": entry.weights}
            for entry in self.kept
        ]

    def restore(self, state: list[dict]) -> None:
        """Keep the epochs of a state that `state` returned."""
        self.kept = [KeptEpoch(**entry) for entry in state]


def _copied_weights(network: MimamoNet) -> dict[str, Tensor]:
    """Return a copy of a network's weights and buffers."""
    return copy.deepcopy(dict(network.state_dict()))


@dataclass
class EpochStatistics:
    """Losses of an epoch's steps so far, and truth and output of every frame.

    All tensors stay on the device that computed them until they are needed: a GPU that is synchronised after
    every step would be idle while the next one is prepared.

    Attributes
    ----------
    rate
        Learning rate at the start of the epoch.
    losses
        Loss of every step, scalars.
    truth, output
        Labels and estimates of every step, (frames, 2) each.
    """

    rate: float = 0.0
    losses: list[Tensor] = field(default_factory=list)
    truth: list[Tensor] = field(default_factory=list)
    output: list[Tensor] = field(default_factory=list)

    def add(self, loss: Tensor, truth: Tensor, output: Tensor) -> None:
        """Add a step: its loss, a scalar, and (frames, 2) truth and output."""
        self.losses.append(loss.detach())
        self.truth.append(truth)
        self.output.append(output.detach().float())

    def step_losses(self) -> list[float]:
        """Return the losses as plain numbers."""
        return [loss.item() for loss in self.losses]

    def row(self, epoch: int, stop_ccc: dict[str, float]) -> dict[str, float]:
        """Return the epoch's row of the history, without times, so that equal runs give equal bytes."""
        train_ccc = concordance_by_dimension(
            torch.cat(self.truth).cpu().numpy(), torch.cat(self.output).cpu().numpy()
        )
        values = [epoch, self.rate, float(np.mean(self.step_losses()))]
        values += [scores[dimension] for scores in (train_ccc, stop_ccc) for dimension in DIMENSIONS]
        return dict(zip(COLUMNS, values, strict=True))

    def state(self) -> dict:
        """Return plain values and a few tensors, however many steps there were, to be saved often."""
        return {
            "rate": self.rate,
            "frames": [len(truth) for truth in self.truth],
            "losses": torch.stack(self.losses) if self.losses else torch.zeros(0),
            "truth": torch.cat(self.truth) if self.truth else torch.zeros(0, 2),
            "output": torch.cat(self.output) if self.output else torch.zeros(0, 2),
        }

    @classmethod
    def from_state(cls, state: dict, device: torch.device) -> EpochStatistics:
        """Return the statistics of a state that `state` returned, on a device."""
        losses, truth, output = (state[key].to(device) for key in ("losses", "truth", "output"))
        frames = state["frames"]
        return cls(
            state["rate"], list(losses.unbind()), list(truth.split(frames)), list(output.split(frames))
        )


def concordance_by_dimension(truth: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    """Return the CCC of truth and estimate, (frames, 2) each, by dimension."""
    return {d: concordance(truth[:, i], estimate[:, i]).value for i, d in enumerate(DIMENSIONS)}
