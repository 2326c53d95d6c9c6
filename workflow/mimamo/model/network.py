"""MIMAMO Net: a spatial and a temporal stream, fused, and a head over time.

Architecture after Deng et al., "MIMAMO Net: Integrating Micro- and Macro-motion for Video Emotion
Recognition" (AAAI 2020, arXiv 1911.09784), with one difference in use: the GRU recurs over time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from mimamo import DIMENSIONS
from mimamo.model.batch_norm import BatchNorm2d, MaskedBatchNorm
from mimamo.model.heads import HEADS

#: Orientation bands of the phase pyramid.
BANDS = 2

#: What the head may recur over.
RECURRENCES = ("time", "batch")


@dataclass(frozen=True)
class NetworkConfig:
    """The sizes of MIMAMO Net; the defaults are the paper's.

    Attributes
    ----------
    pool5_width
        Values per frame from the spatial backbone.
    differences
        Phase differences the temporal stream sees around each frame.
    spatial_width
        Width of both layers of the spatial stream.
    temporal_channels
        Channels of the three convolution blocks.
    temporal_width
        Width of both linear layers of the temporal stream.
    fusion_width
        Width of the layer that fuses the streams.
    head
        The model of the fused features over time: ``gru`` (the paper's), ``tcn``, ``transformer`` or
        ``none``, see `mimamo.model.heads`.
    recurrent_width
        Width of each direction of the two GRU layers; half the width of the other heads.
    dropout, fusion_dropout, map_dropout
        Dropout of the linear layers and the head, around fusion and head, and of whole phase maps.
    standardise_pool5
        Whether the spatial stream standardises pool5 with the mean and spread of the training frames, which
        are buffers of the network. The published network does not.
    pool5_components
        How many principal components of the standardised pool5, each with unit spread over the training
        frames, the spatial stream sees instead of pool5 itself; None: pool5 itself. The projection is a
        buffer of the network.
    recurrence
        ``time``: the head runs over the frames of each window. ``batch``, only for published checkpoints that
        were trained so: it runs over the windows of a batch, at each position in them separately.
    """

    pool5_width: int = 2048
    differences: int = 12
    spatial_width: int = 256
    temporal_channels: tuple[int, int, int] = (64, 128, 256)
    temporal_width: int = 256
    fusion_width: int = 256
    head: str = "gru"
    recurrent_width: int = 128
    dropout: float = 0.3
    fusion_dropout: float = 0.5
    map_dropout: float = 0.2
    standardise_pool5: bool = True
    pool5_components: int | None = None
    recurrence: str = "time"

    def as_dict(self) -> dict:
        """Return the sizes as plain values, for a checkpoint."""
        return {**asdict(self), "temporal_channels": list(self.temporal_channels)}

    @classmethod
    def from_dict(cls, values: dict) -> NetworkConfig:
        """Create the sizes from plain values, as in a checkpoint or a configuration file."""
        return cls(**{**values, "temporal_channels": tuple(values["temporal_channels"])})


class SpatialStream(nn.Module):
    """Two linear layers over pool5 features: (frames, pool5_width) → (frames, spatial_width).

    Where there are `pool5_components`, the first layer sees ``components @ (pool5 - mean) / spread``.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(config.pool5_width))
        self.register_buffer("spread", torch.ones(config.pool5_width))
        self.reduced = config.pool5_components is not None
        if self.reduced:
            self.register_buffer("components", torch.zeros(config.pool5_components, config.pool5_width))
        self.drop = nn.Dropout(config.dropout)
        self.linear1 = nn.Linear(config.pool5_components or config.pool5_width, config.spatial_width)
        self.norm1 = MaskedBatchNorm(config.spatial_width)
        self.linear2 = nn.Linear(config.spatial_width, config.spatial_width)
        self.norm2 = MaskedBatchNorm(config.spatial_width)

    def forward(self, pool5: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return the spatial features of each frame."""
        pool5 = (pool5 - self.mean) / self.spread
        if self.reduced:
            pool5 = pool5 @ self.components.T
        hidden = self.norm1(self.linear1(self.drop(pool5)), valid).relu()
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

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        channels = BANDS * config.differences
        first, second, third = config.temporal_channels
        self.block1 = ConvBlock(channels, first)
        self.block2 = ConvBlock(first + channels, second)
        self.block3 = ConvBlock(second, third)
        self.drop_maps = nn.Dropout2d(config.map_dropout)
        self.drop = nn.Dropout(config.dropout)
        self.linear1 = nn.Linear(third, config.temporal_width)
        self.norm1 = MaskedBatchNorm(config.temporal_width)
        self.linear2 = nn.Linear(config.temporal_width, config.temporal_width)
        self.norm2 = MaskedBatchNorm(config.temporal_width)

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


class MimamoNet(nn.Module):
    """The two-stream network.

    Parameters
    ----------
    config
        Its sizes.
    streams
        ``both``, ``spatial`` or ``temporal``: the features of the other stream are set to zero.
    """

    def __init__(self, config: NetworkConfig, streams: str = "both") -> None:
        super().__init__()
        self.config, self.streams = config, streams
        self.spatial = SpatialStream(config)
        self.temporal = TemporalStream(config)
        self.fuse = nn.Linear(config.spatial_width + config.temporal_width, config.fusion_width)
        self.fuse_norm = MaskedBatchNorm(config.fusion_width)
        self.drop = nn.Dropout(config.fusion_dropout)
        # Named after the paper's GRU, so that the keys of the weights are the same for every head.
        self.recurrent = HEADS[config.head](config.fusion_width, 2 * config.recurrent_width, config.dropout)
        self.output = nn.Linear(self.recurrent.width, len(DIMENSIONS))
        self.output_norm = MaskedBatchNorm(len(DIMENSIONS))

    def forward(self, pool5: Tensor, level1: Tensor, level2: Tensor, valid: Tensor | None = None) -> Tensor:
        """Estimate valence and arousal for every frame of a batch of windows.

        Parameters
        ----------
        pool5
            (batch, time, pool5_width)
        level1, level2
            (batch, time + differences - 1, bands, 48, 48) and (…, 24, 24), of any float type: one map per
            difference, not yet stacked per frame.
        valid
            (batch, time) bool, or None where every frame is real. Padding may stand at the end of a window
            only.

        Returns
        -------
        torch.Tensor
            (batch, time, 2) in the order of `mimamo.DIMENSIONS`. Values of padded frames are meaningless.
        """
        spatial, temporal = self.stream_features(pool5, level1, level2, valid)
        return self.head(torch.cat([spatial, temporal], dim=-1), valid)

    def stream_features(
        self, pool5: Tensor, level1: Tensor, level2: Tensor, valid: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the spatial and the temporal features, (batch, time, width) each."""
        batch, time = pool5.shape[:2]
        flat = None if valid is None else valid.flatten()
        if self.streams == "temporal":
            spatial = self.fuse.weight.new_zeros(batch, time, self.config.spatial_width)
        else:
            spatial = self.spatial(pool5.flatten(0, 1).float(), flat).unflatten(0, (batch, time))
        if self.streams == "spatial":
            return spatial, spatial.new_zeros(batch, time, self.config.temporal_width)
        wanted = None if valid is None or bool(valid.all()) else valid
        temporal = self.temporal(
            *(
                stack_differences(level.to(self.temporal.dtype), self.config.differences, wanted)
                for level in (level1, level2)
            )
        )
        if wanted is not None:
            padded = temporal.new_zeros(batch * time, temporal.shape[1])
            temporal = padded.masked_scatter(flat[:, None], temporal)
        return spatial, temporal.unflatten(0, (batch, time))

    def head(self, features: Tensor, valid: Tensor | None = None) -> Tensor:
        """Fuse the streams' features (batch, time, width) and estimate: (batch, time, 2)."""
        batch, time = features.shape[:2]
        flat = None if valid is None else valid.flatten()
        fused = self.fuse_norm(self.fuse(features.flatten(0, 1)).relu(), flat)
        fused = self.drop(fused).unflatten(0, (batch, time))
        hidden = self._recur(fused, valid)
        out = self.output(self.drop(hidden)).flatten(0, 1)
        return self.output_norm(out, flat).unflatten(0, (batch, time))

    def _recur(self, fused: Tensor, valid: Tensor | None) -> Tensor:
        """Run the head over the frames of each window, or over the batch at each position in the windows."""
        if self.config.recurrence == "time":
            return self.recurrent(fused, valid)
        if valid is not None and not bool(valid.all()):
            raise ValueError("a head that follows the windows of a batch cannot distinguish padding")
        return self.recurrent(fused.transpose(0, 1)).transpose(0, 1)
