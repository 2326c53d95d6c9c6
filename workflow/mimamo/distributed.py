"""Processes that train one fold together, each on a GPU of its own, and share every batch.

Whatever is taken over a batch is taken over the whole of it: loss and batch norm go through `Team.total`.
Each process then has the gradient of the number of processes times the loss, of which torch's distributed
data parallel takes the mean: the gradient that one process would have that had the batch to itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Part:
    """The rows from `start` to before `stop` of a batch of `whole` rows, which are one process's."""

    start: int
    stop: int
    whole: int


class _Total(torch.autograd.Function):
    """The sum over all processes. What is added up in one direction is added up in the other as well."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _Total.apply(gradient)


@dataclass(frozen=True)
class Team:
    """Processes with a common batch; a process that works alone is a team of one.

    Attributes
    ----------
    rank, size
        This process's number from 0 on, and how many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the one process that writes files and tells how far it is."""
        return self.rank == 0

    def part(self, whole: int) -> Part:
        """Return this process's part of `whole` rows: as many for each process as for any, or one more."""
        return Part(whole * self.rank // self.size, whole * (self.rank + 1) // self.size, whole)

    def total(self, values: Tensor) -> Tensor:
        """Return the sum of `values` over all processes; gradients flow back to each of them."""
        return values if self.size == 1 else _Total.apply(values)

    def whole(self, values: Tensor, part: Part) -> Tensor:
        """Put the parts of all processes together.

        Parameters
        ----------
        values
            (part.stop - part.start, …) this process's rows.
        part
            Which rows these are.

        Returns
        -------
        torch.Tensor
            (part.whole, …), the same in every process.
        """
        if self.size == 1:
            return values
        # Zero is added to each row by the processes that do not have it, which changes no digit.
        before, after = part.start, part.whole - part.stop
        padding = [0, 0] * (values.dim() - 1) + [before, after]
        kind = values.dtype
        rows = nn.functional.pad(values.float() if kind == torch.bool else values, padding)
        return self.total(rows).to(kind)

    def any(self, said: bool) -> bool:
        """Tell whether any process says yes; all get the same answer."""
        if self.size == 1:
            return said
        yes = torch.tensor(float(said), device=_device_of_messages())
        dist.all_reduce(yes)
        return bool(yes.item())

    def together(self, values: dict) -> dict:
        """Return the entries that the processes have, in one dictionary."""
        if self.size == 1:
            return values
        each: list[dict | None] = [None] * self.size
        dist.all_gather_object(each, values)
        return {key: value for part in each for key, value in part.items()}

    def wait(self) -> None:
        """Wait until all processes are here."""
        self.any(False)

    def parallel(self, network: nn.Module, every_weight: bool) -> nn.Module:
        """Return what trains `network` with the gradients of all processes.

        Parameters
        ----------
        network
            The network; the same in every process.
        every_weight
            Whether the loss depends on all of its weights.
        """
        if self.size == 1:
            return network
        return nn.parallel.DistributedDataParallel(
            network,
            # Statistics of the whole batch are the same everywhere without it.
            forward_sync_buffers=False,
            find_unused_parameters=not every_weight,
        )


#: A process that works alone.
ALONE = Team()


def _device_of_messages() -> torch.device:
    """Return where a tensor must be to be sent."""
    return torch.device("cuda" if dist.get_backend() == dist.Backend.NCCL else "cpu")
