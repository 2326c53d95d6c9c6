"""Progress of a training: the best checkpoint so far, and statistics of the current epoch."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
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


@dataclass
class BestCheckpoint:
    """The best epoch so far by CCC on the stop names, and its weights."""

    score: float = -np.inf
    epoch: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def update(self, score: float, epoch: int, network: MimamoNet) -> None:
        """Keep the network's weights if `score` beats all earlier ones; an undefined score never does."""
        if score > self.score:
            self.score = score
            self.replace(epoch, network)

    def replace(self, epoch: int, network: MimamoNet) -> None:
        """Keep the network's weights, whatever their score."""
        self.epoch, self.weights = epoch, copy.deepcopy(dict(network.state_dict()))


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
