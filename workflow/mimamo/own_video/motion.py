"""How much the crops of a video move, beside those that the models were trained on."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from mimamo.model.checkpoint import Checkpoint

logger = logging.getLogger(__name__)

#: How many times larger or smaller than the training crops' median a phase energy may be without being far.
FAR = 2.0


@dataclass(frozen=True)
class TrainingMotion:
    """Phase energy in radians of the crops that models were trained on.

    Attributes
    ----------
    median, smallest, largest
        Over the training names of all models.
    """

    median: float
    smallest: float
    largest: float

    @classmethod
    def of_models(cls, models: Iterable[Checkpoint]) -> TrainingMotion | None:
        """Put together what the checkpoints hold; None where none of them holds it."""
        known = [model.phase_energy for model in models if model.phase_energy]
        if not known:
            return None
        return cls(
            median(energy["median"] for energy in known),
            min(energy["smallest"] for energy in known),
            max(energy["largest"] for energy in known),
        )

    def is_far(self, energy: float) -> bool:
        """Return whether a phase energy is far from that of training; False where it is not known."""
        return energy > FAR * self.median or energy < self.median / FAR

    def describe(self, energy: float) -> str:
        """Return a phase energy beside those of training, in words."""
        return (
            f"their phase energy is {energy:.3f}, {energy / self.median:.1f} times the median of the crops "
            f"that the models were trained on ({self.median:.3f}; {self.smallest:.3f} to {self.largest:.3f})"
        )
