"""Synchronised batch normalisation: statistics of the whole batch, however many processes share it.

torch's own, SyncBatchNorm, runs on GPUs only and cannot leave padding out.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mimamo.distributed import SINGLE_PROCESS, ProcessGroup


class _Normalise(torch.autograd.Function):
    """Normalise with mean and variance over all processes, in float32.

    With n values of a channel in the whole batch, x̂ = (x - mean) / deviation, and g the gradient at x̂, the
    gradient at x is (g - sum(g) / n - x̂ sum(g x̂) / n) / deviation, the sums over the whole batch (Ioffe and
    Szegedy 2015, arXiv 1502.03167).
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, process_group: ProcessGroup, epsilon: float) -> tuple[Tensor, ...]:
        """Return the normalised values (float32), and mean, variance and number of values per channel."""
        exact = values.float()
        axes = [axis for axis in range(exact.dim()) if axis != 1]
        count = exact.numel() // exact.shape[1]
        sums = process_group.sum(torch.cat([exact.sum(axes), exact.new_tensor([count])]))
        count = sums[-1]
        mean = sums[:-1] / count
        # In a second pass: a difference of large sums would lose digits.
        squares = (exact - _per_channel(mean, exact)).square().sum(axes)
        variance = process_group.sum(squares) / count
        scale = (variance + epsilon).rsqrt()
        ctx.save_for_backward(values, mean, scale, count)
        ctx.process_group, ctx.axes = process_group, axes
        ctx.mark_non_differentiable(mean, variance, count)
        return (exact - _per_channel(mean, exact)) * _per_channel(scale, exact), mean, variance, count

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: None) -> tuple[Tensor | None, ...]:
        """Return the gradient at the values, by the formula above."""
        values, mean, scale, count = ctx.saved_tensors
        normalised = (values.float() - _per_channel(mean, values)) * _per_channel(scale, values)
        sums = torch.stack([gradient.sum(ctx.axes), (gradient * normalised).sum(ctx.axes)])
        shift, slope = ctx.process_group.sum(sums) / count
        inner = gradient - _per_channel(shift, values) - normalised * _per_channel(slope, values)
        return (inner * _per_channel(scale, values)).to(values.dtype), None, None


def _per_channel(channels: Tensor, values: Tensor) -> Tensor:
    """Reshape `channels` (channels,) so that it broadcasts over `values` (rows, channels, …)."""
    return channels.view(1, -1, *[1] * (values.dim() - 2))


class _SyncedBatchNorm(nn.Module):
    """Base of the batch norms of one and of two dimensions.

    Attributes
    ----------
    process_group
        The processes that share a batch. With a single process torch's own implementation is used.
    """

    process_group: ProcessGroup = SINGLE_PROCESS

    def _share(self) -> float:
        """Return a batch's share in the running statistics; without momentum these are means over batches."""
        return 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum

    def forward(self, values: Tensor) -> Tensor:
        """Normalise `values` (rows, channels, …); in training, update the running statistics."""
        if self.process_group.size == 1 or not self.training:
            return super().forward(values)
        normalised, mean, variance, count = _Normalise.apply(values, self.process_group, self.eps)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self._share())
            self.running_var.lerp_(variance * count / (count - 1), self._share())
        scaled = normalised * _per_channel(self.weight, values) + _per_channel(self.bias, values)
        return scaled.to(values.dtype)


class BatchNorm2d(_SyncedBatchNorm, nn.BatchNorm2d):
    """Batch normalisation over (maps, channels, height, width)."""

    def shifted(self, values: Tensor, shift: Tensor) -> Tensor:
        """Normalise `values` + `shift` (channels,), without the addition where the mean takes it away again.

        Running statistics are those of the sum, so that weights mean the same either way.
        """
        if self.training and self.process_group.size > 1:
            # All parameters must have gradients there.
            return self(values + _per_channel(shift, values))
        mean = self.running_mean - shift.detach()
        if self.training:
            self.num_batches_tracked.add_(1)
        share = self._share() if self.training else 0.0
        normalised = nn.functional.batch_norm(
            values, mean, self.running_var, self.weight, self.bias, self.training, share, self.eps
        )
        if self.training:
            self.running_mean.copy_(mean + shift.detach())
        return normalised


class MaskedBatchNorm(_SyncedBatchNorm, nn.BatchNorm1d):
    """Batch normalisation over (frames, channels) that ignores padded frames."""

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Normalise `values` (frames, channels), ignoring frames where `valid` (frames,) is false.

        In training the statistics come from the valid frames only, and padded frames become zero.
        """
        if valid is None or not self.training or bool(valid.all()):
            return super().forward(values)
        normalised = super().forward(values[valid])
        return values.new_zeros(values.shape).masked_scatter(valid[:, None], normalised)


def sync_batch_norms(network: nn.Module, process_group: ProcessGroup) -> None:
    """Make all batch norms of `network` compute their statistics over the batch of `process_group`."""
    for module in network.modules():
        if isinstance(module, _SyncedBatchNorm):
            module.process_group = process_group
