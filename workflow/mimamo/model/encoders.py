"""Encoders of the streams: vectors or phase differences of every frame become features of one width."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mimamo.model.batch_norm import BatchNorm2d, MaskedBatchNorm
from mimamo.model.sizes import NetworkConfig, StreamSizes

#: Orientation bands of the phase pyramid.
BANDS = 2


class FeatureStream(nn.Module):
    """Two linear layers over a stream of features: (frames, inputs) → (frames, width).

    Where there are `components`, the first layer sees ``components @ (values - mean) / spread``.
    """

    def __init__(self, sizes: StreamSizes) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(sizes.inputs))
        self.register_buffer("spread", torch.ones(sizes.inputs))
        self.reduced = sizes.components is not None
        if self.reduced:
            self.register_buffer("components", torch.zeros(sizes.components, sizes.inputs))
        self.drop = nn.Dropout(sizes.dropout)
        self.linear1 = nn.Linear(sizes.components or sizes.inputs, sizes.width)
        self.norm1 = MaskedBatchNorm(sizes.width)
        self.linear2 = nn.Linear(sizes.width, sizes.width)
        self.norm2 = MaskedBatchNorm(sizes.width)

    def forward(self, values: Tensor, valid: Tensor | None = None) -> Tensor:
        """Encode the values of each frame."""
        values = (values - self.mean) / self.spread
        if self.reduced:
            values = values @ self.components.T
        hidden = self.norm1(self.linear1(self.drop(values)), valid).relu()
        return self.norm2(self.linear2(self.drop(hidden)), valid).relu()


class ConvBlock(nn.Sequential):
    """Two 3×3 convolutions with batch norm and ReLU; the second halves the map."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, stride=2, padding=1),
            BatchNorm2d(outputs),
            nn.ReLU(),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (frames, outputs, height / 2, width / 2) of maps (frames, inputs, height, width)."""
        return self.without_biases(maps) if maps.is_cuda else super().forward(maps)

    def without_biases(self, maps: Tensor) -> Tensor:
        """Return the same up to rounding, without adding the convolutions' biases.

        On a GPU, adding them and summing their gradients takes a sixth of a training step, and batch norm
        subtracts them again: they change nothing, and get no gradient.
        """
        layers = list(self)
        for convolution, norm, activation in zip(layers[::3], layers[1::3], layers[2::3], strict=True):
            unbiased = convolution._conv_forward(maps, convolution.weight, None)
            maps = activation(norm.shifted(unbiased, convolution.bias))
        return maps


class TemporalStream(nn.Module):
    """PhaseNet: phase differences around each frame → (frames, temporal_width).

    Level 1 enters at 48×48; after the first block has halved it, level 2 is concatenated at 24×24.

    Attributes
    ----------
    bfloat16
        Whether the convolutions compute in bfloat16. The rest of the network is always float32.
    """

    bfloat16: bool = False

    @property
    def dtype(self) -> torch.dtype:
        """The type that the convolutions compute in."""
        return torch.bfloat16 if self.bfloat16 else torch.float32

    def __init__(self, config: NetworkConfig, sizes: StreamSizes) -> None:
        super().__init__()
        channels = BANDS * config.differences
        first, second, third = config.temporal_channels
        self.block1 = ConvBlock(channels, first)
        self.block2 = ConvBlock(first + channels, second)
        self.block3 = ConvBlock(second, third)
        self.drop_maps = nn.Dropout2d(config.map_dropout)
        self.drop = nn.Dropout(sizes.dropout)
        self.linear1 = nn.Linear(third, sizes.width)
        self.norm1 = MaskedBatchNorm(sizes.width)
        self.linear2 = nn.Linear(sizes.width, sizes.width)
        self.norm2 = MaskedBatchNorm(sizes.width)

    def forward(self, level1: Tensor, level2: Tensor) -> Tensor:
        """Return the temporal features of each frame.

        Parameters
        ----------
        level1, level2
            (frames, bands · differences, 48, 48) and (frames, bands · differences, 24, 24): band 0 with its
            differences in time order, then band 1.

        Returns
        -------
        torch.Tensor
            (frames, temporal_width)
        """
        with torch.autocast(level1.device.type, torch.bfloat16, enabled=self.bfloat16):
            maps = torch.cat([self.block1(level1), level2], dim=1)
            maps = self.drop_maps(self.block2(maps))
            maps = self.drop_maps(self.block3(maps))
            pooled = maps.mean(dim=(2, 3))
        pooled = pooled.float()
        hidden = self.drop(self.norm1(self.linear1(pooled).relu()))
        return self.drop(self.norm2(self.linear2(hidden).relu()))


def stack_differences(level: Tensor, differences: int, valid: Tensor | None = None) -> Tensor:
    """Gather the difference maps around each frame from contiguous runs of maps.

    Parameters
    ----------
    level
        (batch, time + differences - 1, bands, height, width): row j of frame t = 0 is the difference between
        the crops t - differences/2 + j and the one before it.
    differences
        How many differences each frame sees: 12 for the 13 frames t - 6 … t + 6.
    valid
        (batch, time) bool: the frames wanted, from the start of each window; all by default.

    Returns
    -------
    torch.Tensor
        (frames, bands · differences, height, width), the wanted frames of all windows one after the other, in
        channels-last memory.

    Notes
    -----
    Every map is copied `differences` times, and this copy is the largest of a training step. With the
    channels last, a pixel's differences lie at equal strides in memory, and one pass copies them to where
    the convolution needs them.
    """
    windows = level.permute(0, 1, 3, 4, 2).contiguous().unfold(1, differences, 1)
    if valid is None:
        kept = windows.flatten(0, 1)
    else:
        kept = torch.cat([run[:count] for run, count in zip(windows, valid.sum(1).tolist(), strict=True)])
    return kept.flatten(3, 4).permute(0, 3, 1, 2)
