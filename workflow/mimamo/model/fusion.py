"""Fusion by attention: the streams of a frame are weighted anew in every frame.

A learnt query attends to the streams (Vaswani et al., "Attention Is All You Need", arXiv 1706.03762), with a
single head, so that each stream has one weight a frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class AttentionFusion(nn.Module):
    """The weighted mean of the streams of a frame: (frames, sum of widths) → (frames, width).

    A stream whose features are all zero in a frame is masked there: it has none, or says nothing.

    Parameters
    ----------
    widths
        The widths of the streams.
    width
        The width of what comes out.
    """

    def __init__(self, widths: Sequence[int], width: int) -> None:
        super().__init__()
        self.widths = list(widths)
        self.enter = nn.ModuleList(nn.Linear(inputs, width) for inputs in widths)
        self.query = nn.Parameter(torch.randn(1, 1, width) / width**0.5)
        self.attend = nn.MultiheadAttention(width, 1, batch_first=True)

    def forward(self, features: Tensor) -> Tensor:
        """Fuse the streams' concatenated features (frames, sum of widths)."""
        return self._attend(features)[0]

    def weights(self, features: Tensor) -> Tensor:
        """Return the weight of every stream in every frame, (frames, streams); those of a frame add to 1."""
        return self._attend(features)[1]

    def _attend(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the fused features (frames, width) and the weights (frames, streams)."""
        streams = features.split(self.widths, dim=-1)
        masked = torch.stack([~values.any(dim=-1) for values in streams], dim=1)
        # Of no stream at all there is no mean: all are taken then.
        masked = masked & ~masked.all(dim=1, keepdim=True)
        entered = torch.stack(
            [enter(values) for enter, values in zip(self.enter, streams, strict=True)], dim=1
        )
        query = self.query.expand(len(features), -1, -1)
        fused, weights = self.attend(query, entered, entered, key_padding_mask=masked)
        return fused[:, 0], weights[:, 0]
