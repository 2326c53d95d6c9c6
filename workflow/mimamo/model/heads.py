"""Temporal heads: models of a window's fused features over time.

The paper's is a GRU. The alternatives are a temporal convolution, a small transformer, and none at all, which
estimates every frame by itself (but for the motion that the temporal stream sees). All map (batch, time,
input) to (batch, time, `width`), and all ignore padded frames.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.backends import cudnn
from torch.backends.cudnn.rnn import get_cudnn_mode
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

#: Layers of the GRU and of the transformer; kernel size and dilations of the temporal convolution, which
#: together reach 30 frames to either side.
LAYERS, TAPS, DILATIONS = 2, 5, (1, 2, 4, 8)
#: Directions of the GRU.
DIRECTIONS = 2
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
        run = self.layer_by_layer if values.is_cuda else self._all_layers
        if valid is None or bool(valid.all()):
            return run(values)
        packed = pack_padded_sequence(values, valid.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(run(packed), batch_first=True, total_length=values.shape[1])[0]

    def _all_layers(self, values: Tensor | PackedSequence) -> Tensor | PackedSequence:
        """Run both layers by torch's own call."""
        return super().forward(values)[0]

    def layer_by_layer(self, values: Tensor | PackedSequence) -> Tensor | PackedSequence:
        """Run both layers one after the other, with torch's dropout between them.

        On a GPU, where cuDNN draws its own dropout: from a state that is made anew, and waited for, after
        every seed, that a CUDA graph advances by itself, and that no saved state of a training has.
        """
        self._update_flat_weights()
        packed = values if isinstance(values, PackedSequence) else None
        data = values if packed is None else packed.data
        windows = len(values) if packed is None else int(packed.batch_sizes[0])
        for layer in range(self.num_layers):
            if layer:
                data = nn.functional.dropout(data, self.dropout, self.training)
            start = data.new_zeros(DIRECTIONS, windows, self.hidden_size)
            settings = (self._layer_weights(layer), True, 1, 0.0, self.training, True)
            if packed is None:
                data = torch._VF.gru(data, start, *settings, True)[0]
            else:
                data = torch._VF.gru(data, packed.batch_sizes, start, *settings)[0]
        return data if packed is None else packed._replace(data=data)

    def _layer_weights(self, layer: int) -> list[Tensor]:
        """Return the weights of one layer in torch's order: of both directions one after the other."""
        count = len(self._flat_weights) // self.num_layers
        return self._flat_weights[layer * count : (layer + 1) * count]

    def flatten_parameters(self) -> None:
        """Lay each layer's weights out as cuDNN wants them for a GRU of one layer; nothing on the CPU."""
        weights = self._flat_weights
        if not all(isinstance(w, Tensor) and w.is_cuda and cudnn.is_acceptable(w) for w in weights):
            return
        mode = get_cudnn_mode(self.mode)
        with torch.no_grad(), torch.cuda.device_of(weights[0]):
            for layer in range(self.num_layers):
                inputs = DIRECTIONS * self.hidden_size if layer else self.input_size
                torch._cudnn_rnn_flatten_weight(
                    self._layer_weights(layer), 4, inputs, mode, self.hidden_size, 0, 1, True, True
                )


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
        hidden = self.enter(values) + _encoding_like(values, self.width)
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


@lru_cache(maxsize=8)
def _kept_encoding(time: int, width: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Return the encoding on a device; kept, since a CUDA graph cannot copy it there again."""
    # Not one of inference mode, which a training could not use later.
    with torch.inference_mode(False):
        return sinusoidal_encoding(time, width).to(device, dtype)


def _encoding_like(values: Tensor, width: int) -> Tensor:
    """Return the encoding for `values` (batch, time, …), on their device and of their type."""
    return _kept_encoding(values.shape[1], width, values.device, values.dtype)


#: The heads by their names in the configuration.
HEADS: dict[str, type[nn.Module]] = {
    "gru": RecurrentHead,
    "tcn": ConvolutionHead,
    "transformer": AttentionHead,
    "none": NoHead,
}
