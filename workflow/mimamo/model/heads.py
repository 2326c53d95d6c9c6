"""Temporal heads: models of a window's fused features over time.

The paper's is a GRU. The alternatives are a temporal convolution, a small transformer, and none at all, which
estimates every frame by itself (but for the motion that the temporal stream sees). All map (batch, time,
input) to (batch, time, `width`), and all ignore padded frames.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

#: Layers of the GRU and of the transformer; kernel size and dilations of the temporal convolution, which
#: together reach 30 frames to either side.
LAYERS, TAPS, DILATIONS = 2, 5, (1, 2, 4, 8)
ATTENTION_HEADS = 4


class RecurrentHead(nn.GRU):
    """The paper's head: a bidirectional GRU of two layers."""

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__(
            inputs, width // 2, num_layers=LAYERS, batch_first=True, bidirectional=True, dropout=dropout
        )
        self.width = width

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Run the GRU over time, its backward direction starting at each window's last real frame."""
        if valid is None or bool(valid.all()):
            return super().forward(values)[0]
        packed = pack_padded_sequence(values, valid.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        hidden = super().forward(packed)[0]
        return pad_packed_sequence(hidden, batch_first=True, total_length=values.shape[1])[0]


class ConvolutionHead(nn.Module):
    """Residual dilated convolutions over time, in both directions.

    After Bai, Kolter and Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for
    Sequence Modeling" (arXiv 1803.01271), but not causal, and with layer norm, which padding does not affect.
    """

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.enter = nn.Linear(inputs, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in DILATIONS)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(width, width, TAPS, dilation=dilation, padding="same") for dilation in DILATIONS
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Convolve over time, with zeros beyond a window's ends, padded or not."""
        mask = 1 if valid is None else valid[..., None]
        hidden = self.enter(values)
        for norm, convolution in zip(self.norms, self.convolutions, strict=True):
            update = convolution((norm(hidden) * mask).transpose(1, 2)).transpose(1, 2)
            hidden = hidden + self.drop(update.relu())
        return hidden


class AttentionHead(nn.Module):
    """A small transformer encoder with positional encoding within the window.

    Sinusoidal encoding as in Vaswani et al., "Attention Is All You Need" (arXiv 1706.03762); norm first.
    """

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.enter = nn.Linear(inputs, width)
        layer = nn.TransformerEncoderLayer(
            width, ATTENTION_HEADS, 2 * width, dropout, batch_first=True, norm_first=True
        )
        # Nested tensors would drop padded frames from the output, whose shape must stay.
        self.encoder = nn.TransformerEncoder(layer, LAYERS, nn.LayerNorm(width), enable_nested_tensor=False)

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Let every frame attend to all real frames of its window."""
        hidden = self.enter(values) + sinusoidal_encoding(values.shape[1], self.width).to(values)
        return self.encoder(hidden, src_key_padding_mask=None if valid is None else ~valid)


class NoHead(nn.Identity):
    """No temporal model: every frame is estimated by itself."""

    def __init__(self, inputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = inputs

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return the features as they are."""
        return values


def sinusoidal_encoding(time: int, width: int) -> Tensor:
    """Return the sinusoidal encoding of the positions in a window, (time, width), `width` even."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000.0) / width))
    angles = torch.arange(time)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


#: The heads by their names in the configuration.
HEADS: dict[str, type[nn.Module]] = {
    "gru": RecurrentHead,
    "tcn": ConvolutionHead,
    "transformer": AttentionHead,
    "none": NoHead,
}
