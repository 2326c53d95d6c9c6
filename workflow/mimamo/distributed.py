"""Distributed data-parallel training: one process per GPU, with every batch split among the processes.

Loss and batch norm are computed over the whole batch, by `ProcessGroup.sum`. Each process then computes
the gradient of the loss times the number of processes, and torch's distributed data parallel averages these
gradients: the mean is the gradient that a single process would compute from the whole batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


@dataclass(frozen=True)
class Shard:
    """One process's rows of a batch: those from `start` up to, not including, `stop`, of `total` rows."""

    start: int
    stop: int
    total: int


class _AllReduceSum(torch.autograd.Function):
    """Sum over all processes; the backward pass sums the gradients over all processes as well."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        """Return the sum of `values` over all processes."""
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return the sum of `gradient` over all processes."""
        return _AllReduceSum.apply(gradient)


@dataclass(frozen=True)
class ProcessGroup:
    """Processes that share a batch; a process that works alone is a group of one.

    Attributes
    ----------
    rank, size
        This process's number, from 0 on, and the number of processes.
    """

    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this is the one process that writes files and logs the progress."""
        return self.rank == 0

    def shard(self, whole: int) -> Shard:
        """Return this process's shard of `whole` rows; the sizes of shards differ by at most one row."""
        return Shard(whole * self.rank // self.size, whole * (self.rank + 1) // self.size, whole)

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of `values` over all processes; gradients flow back to every process."""
        return values if self.size == 1 else _AllReduceSum.apply(values)

    def gather(self, values: Tensor, shard: Shard) -> Tensor:
        """Concatenate the shards of all processes.

        Parameters
        ----------
        values
            (shard.stop - shard.start, …) this process's rows.
        shard
            Which rows of the batch these are.

        Returns
        -------
        torch.Tensor
            (shard.total, …), the same in every process.
        """
        if self.size == 1:
            return values
        # The processes that do not have a row add zero to it, which changes no digit.
        before, after = shard.start, shard.total - shard.stop
        padding = [0, 0] * (values.dim() - 1) + [before, after]
        dtype = values.dtype
        rows = nn.functional.pad(values.float() if dtype == torch.bool else values, padding)
        return self.sum(rows).to(dtype)

    def any(self, said: bool) -> bool:
        """Return whether `said` is true in any process; the result is the same in all of them."""
        if self.size == 1:
            return said
        count = torch.tensor(float(said), device=_communication_device())
        dist.all_reduce(count)
        return bool(count.item())

    def merge(self, values: dict) -> dict:
        """Return the entries of all processes in one dictionary."""
        if self.size == 1:
            return values
        gathered: list[dict | None] = [None] * self.size
        dist.all_gather_object(gathered, values)
        return {key: value for entries in gathered for key, value in entries.items()}

    def barrier(self) -> None:
        """Wait until all processes have reached this call."""
        self.any(False)

    def wrap(self, network: nn.Module) -> nn.Module:
        """Wrap `network` so that its gradients are averaged over all processes.

        Parameters
        ----------
        network
            The network; the same in every process. The loss depends on all of its weights.
        """
        if self.size == 1:
            return network
        return nn.parallel.DistributedDataParallel(
            network,
            # Batch norm statistics are of the whole batch, and so the same in all processes, without it.
            forward_sync_buffers=False,
        )


#: The group of a process that works alone.
SINGLE_PROCESS = ProcessGroup()


def _communication_device() -> torch.device:
    """Return the device that the backend communicates tensors from."""
    return torch.device("cuda" if dist.get_backend() == dist.Backend.NCCL else "cpu")
