"""A batch on the device that computes with it, without the masks that would mask nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from mimamo.dataset.recordings import RIDGE


@dataclass(frozen=True)
class DeviceBatch:
    """One process's shard of a batch of windows, on the device.

    Attributes
    ----------
    tensors
        The fields of the batch.
    unpadded, complete
        Whether every frame is real, and whether every frame is labelled.
    masked
        For every stream that lacks some of its frames, the field that says which it has.
    """

    tensors: dict[str, Tensor]
    unpadded: bool
    complete: bool
    masked: dict[str, str]

    def through(self, network: nn.Module, fields: Sequence[str]) -> Tensor:
        """Return a network's output, (windows, frames, 2); `fields` are those that it reads, in its order."""
        return network(
            *(self.tensors[field] for field in fields),
            valid=None if self.unpadded else self.tensors["valid"],
            present={stream: self.tensors[field] for stream, field in self.masked.items()},
            ridge=self.tensors.get(RIDGE),
        )
