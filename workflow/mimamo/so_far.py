"""What a training has reached so far: its best weights, and the epoch it is in."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.metrics import concordance
from mimamo.network import MimamoNet


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
