"""A linear path beside the network: ridge regression from the streams of features to valence and arousal."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mimamo import DIMENSIONS


class RidgePath(nn.Module):
    """Ridge regression of each frame by itself; fitted before training, it is not trained.

    It estimates ``weight @ (values - mean) + bias``, where `values` are those of all streams of features, one
    stream after the other. Its buffers are set by `load`.

    Parameters
    ----------
    inputs
        Values per frame of every stream of features, in the order of the network's.
    """

    def __init__(self, inputs: Sequence[int]) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.register_buffer("mean", torch.zeros(sum(inputs)))
        self.register_buffer("weight", torch.zeros(len(DIMENSIONS), sum(inputs)))
        self.register_buffer("bias", torch.zeros(len(DIMENSIONS)))
        self.register_buffer("slope", torch.zeros(len(DIMENSIONS)))

    def load(self, mean: Tensor, weight: Tensor, bias: Tensor, slope: Tensor) -> None:
        """Set the mean (inputs,), the weights (2, inputs), the biases (2,) and the slopes (2,).

        A slope is that of the labels on the estimates for people the regression was not fitted on, between 0
        and 1; the weights are already shrunk by it.
        """
        for buffer, values in zip(self.buffers(), (mean, weight, bias, slope), strict=True):
            buffer.copy_(values)

    def forward(self, values: Sequence[Tensor], present: Sequence[Tensor | None]) -> Tensor:
        """Estimate every frame.

        Parameters
        ----------
        values
            (batch, time, inputs) for every stream.
        present
            (batch, time) bool for every stream: where it has features. Elsewhere its mean is taken for them.
            None: everywhere.

        Returns
        -------
        torch.Tensor
            (batch, time, 2)
        """
        total = self.bias
        parts = zip(self.mean.split(self.inputs), self.weight.split(self.inputs, dim=1), strict=True)
        for (mean, weight), given, there in zip(parts, values, present, strict=True):
            centred = given.float() - mean
            if there is not None:
                centred = centred.masked_fill(~there[..., None], 0)
            total = total + centred @ weight.T
        return total
