"""Batch normalisation whose statistics are those of the whole batch, however many processes share it.

torch's own, SyncBatchNorm, runs on GPUs only and knows nothing of padding.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mimamo.distributed import ALONE, Team


class _Normalise(torch.autograd.Function):
    """Normalise with mean and variance over all processes, in float32.

    With n values of a channel in the whole batch, x̂ = (x - mean) / deviation, and g the gradient at x̂, the
    gradient at x is (g - sum(g) / n - x̂ sum(g x̂) / n) / deviation, the sums over the whole batch (Ioffe and
    Szegedy 2015, arXiv 1502.03167).
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, team: Team, epsilon: float) -> tuple[Tensor, ...]:
        exact = values.float()
        axes = [axis for axis in range(exact.dim()) if axis != 1]
        count = exact.numel() // exact.shape[1]
        sums = team.total(torch.cat([exact.sum(axes), exact.new_tensor([count])]))
        count = sums[-1]
        mean = sums[:-1] / count
        # In a second pass: a difference of large sums would lose digits.
        squares = (exact - _along(mean, exact)).square().sum(axes)
        variance = team.total(squares) / count
        scale = (variance + epsilon).rsqrt()
        ctx.save_for_backward(values, mean, scale, count)
        ctx.team, ctx.axes = team, axes
        ctx.mark_non_differentiable(mean, variance, count)
        return (exact - _along(mean, exact)) * _along(scale, exact), mean, variance, count

    @staticmethod
    def backward(ctx: Any, gradient: Tensor, *_: None) -> tuple[Tensor | None, ...]:
        values, mean, scale, count = ctx.saved_tensors
        normalised = (values.float() - _along(mean, values)) * _along(scale, values)
        sums = torch.stack([gradient.sum(ctx.axes), (gradient * normalised).sum(ctx.axes)])
        shift, slope = ctx.team.total(sums) / count
        inner = gradient - _along(shift, values) - normalised * _along(slope, values)
        return (inner * _along(scale, values)).to(values.dtype), None, None


def _along(channels: Tensor, values: Tensor) -> Tensor:
    """Shape (channels,) so that it goes with `values` (rows, channels, …)."""
    return channels.view(1, -1, *[1] * (values.dim() - 2))


class _OfWholeBatch(nn.Module):
    """What batch norms of one and of two dimensions share.

    Attributes
    ----------
    team
        The processes that share a batch. A process that works alone leaves the work to torch.
    """

    team: Team = ALONE

    def forward(self, values: Tensor) -> Tensor:
        """Normalise `values` (rows, channels, …)."""
        if self.team.size == 1 or not self.training:
            return super().forward(values)
        normalised, mean, variance, count = _Normalise.apply(values, self.team, self.eps)
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        return (normalised * _along(self.weight, values) + _along(self.bias, values)).to(values.dtype)


class BatchNorm2d(_OfWholeBatch, nn.BatchNorm2d):
    """Batch normalisation over (maps, channels, height, width)."""


class MaskedBatchNorm(_OfWholeBatch, nn.BatchNorm1d):
    """Batch normalisation over (frames, channels) that ignores padded frames."""

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Normalise `values` (frames, channels); where `valid` (frames,) is false, the frame does not count.

        In training the statistics come from the valid frames only, and padded frames become zero.
        """
        if valid is None or not self.training or bool(valid.all()):
            return super().forward(values)
        normalised = super().forward(values[valid])
        return values.new_zeros(values.shape).masked_scatter(valid[:, None], normalised)


def share_statistics(network: nn.Module, team: Team) -> None:
    """Let all batch norms of `network` take their statistics over the batch of `team`."""
    for module in network.modules():
        if isinstance(module, _OfWholeBatch):
            module.team = team
