"""What a training has reached so far: its best weights, and the epoch it is in."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.evaluation.metrics import concordance
from mimamo.model.network import MimamoNet


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
    """What the steps of an epoch have given so far: their losses, and truth and output of every frame.

    All of it stays where it was computed until it is asked for: a GPU that had to give an answer after every
    step would stand still while the next one is prepared.
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

    def loss_of_each_step(self) -> list[float]:
        """Return the losses as plain numbers."""
        return [loss.item() for loss in self.losses]

    def row(self, epoch: int, stop_ccc: dict[str, float]) -> dict[str, float]:
        """Return the epoch's row of the history. No clock is in it: the same run gives the same bytes."""
        train_ccc = concordances(torch.cat(self.truth).cpu().numpy(), torch.cat(self.output).cpu().numpy())
        return {
            "epoch": epoch,
            "learning_rate": self.rate,
            "loss": float(np.mean(self.loss_of_each_step())),
            **{f"train_ccc_{dimension}": train_ccc[dimension] for dimension in DIMENSIONS},
            **{f"stop_ccc_{dimension}": stop_ccc[dimension] for dimension in DIMENSIONS},
        }

    def to(self, device: torch.device) -> EpochSoFar:
        """Return the same on another device."""
        moved = {
            key: [value.to(device) for value in getattr(self, key)] for key in ("losses", "truth", "output")
        }
        return EpochSoFar(self.rate, **moved)


def concordances(truth: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    """Return the CCC of (frames, 2) truth and estimate, by dimension."""
    return {d: concordance(truth[:, i], estimate[:, i]).value for i, d in enumerate(DIMENSIONS)}
