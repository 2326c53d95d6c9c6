"""MIMAMO Net: streams of per-frame features, fused, and a head over time.

Architecture after Deng et al., "MIMAMO Net: Integrating Micro- and Macro-motion for Video Emotion
Recognition" (AAAI 2020, arXiv 1911.09784), with one difference in use: the GRU recurs over time. Its two
streams, a spatial one over a backbone's features and a temporal one over phase differences, are two of any
number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace

import torch
from torch import Tensor, nn

from mimamo import DIMENSIONS
from mimamo.model.batch_norm import BatchNorm2d, MaskedBatchNorm
from mimamo.model.fusion import AttentionFusion
from mimamo.model.heads import HEADS

#: Orientation bands of the phase pyramid.
BANDS = 2

#: What the head may recur over.
RECURRENCES = ("time", "batch")

#: How the features of the streams become one vector a frame.
FUSIONS = ("concat", "attention")


@dataclass(frozen=True)
class StreamSizes:
    """The sizes of one stream's encoder.

    Attributes
    ----------
    name
        The stream's name.
    phase
        Whether it sees phase differences; otherwise one vector a frame.
    inputs
        Values per frame; None: those of the spatial backbone. Of no meaning for phase differences.
    width, dropout
        Width and dropout of its layers; None: those of the network's spatial (or temporal) stream.
    components
        Principal components that it sees instead of its `inputs`; None: as `pool5_components` of the network
        says where `inputs` are those of the backbone, else the inputs themselves.
    """

    name: str
    phase: bool = False
    inputs: int | None = None
    width: int | None = None
    dropout: float | None = None
    components: int | None = None


#: The paper's spatial and temporal stream.
PAPER_STREAMS = (StreamSizes("appearance"), StreamSizes("motion", phase=True))


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
        Width of both layers of a stream of features.
    temporal_channels
        Channels of the three convolution blocks.
    temporal_width
        Width of both linear layers of the temporal stream.
    fusion_width
        Width of the layer that fuses the streams.
    fusion
        How streams are fused: ``concat`` (the paper's: a layer over all of them) or ``attention`` (weighted
        per frame, see `mimamo.model.fusion`).
    head
        The model of the fused features over time: ``gru`` (the paper's), ``tcn``, ``transformer`` or
        ``none``, see `mimamo.model.heads`.
    recurrent_width
        Width of each direction of the two GRU layers; half the width of the other heads.
    dropout, fusion_dropout, map_dropout
        Dropout of the linear layers and the head, around fusion and head, and of whole phase maps.
    standardise_pool5
        Whether the backbone's stream standardises pool5 with the mean and spread of the training frames,
        which are buffers of the network. The published network does not. Other streams of features always do.
    pool5_components
        How many principal components of the standardised pool5, each with unit spread over the training
        frames, the spatial stream sees instead of pool5 itself; None: pool5 itself. The projection is a
        buffer of the network.
    recurrence
        ``time``: the head runs over the frames of each window. ``batch``, only for published checkpoints that
        were trained so: it runs over the windows of a batch, at each position in them separately.
    streams
        The streams in the order of the network's inputs: those of features, then phase differences.
    """

    pool5_width: int = 2048
    differences: int = 12
    spatial_width: int = 256
    temporal_channels: tuple[int, int, int] = (64, 128, 256)
    temporal_width: int = 256
    fusion_width: int = 256
    fusion: str = "concat"
    head: str = "gru"
    recurrent_width: int = 128
    dropout: float = 0.3
    fusion_dropout: float = 0.5
    map_dropout: float = 0.2
    standardise_pool5: bool = True
    pool5_components: int | None = None
    recurrence: str = "time"
    streams: tuple[StreamSizes, ...] = PAPER_STREAMS

    @property
    def feature_streams(self) -> list[StreamSizes]:
        """The streams of features, in order."""
        return [stream for stream in self.streams if not stream.phase]

    @property
    def standardised_streams(self) -> list[StreamSizes]:
        """The streams whose features are standardised."""
        return [s for s in self.feature_streams if s.inputs is not None or self.standardise_pool5]

    @property
    def sees_phase(self) -> bool:
        """Whether a stream sees phase differences."""
        return any(stream.phase for stream in self.streams)

    def sizes_of(self, stream: StreamSizes) -> StreamSizes:
        """Return the sizes of a stream, with the network's own where it says none."""
        width = self.temporal_width if stream.phase else self.spatial_width
        return replace(
            stream,
            inputs=self.pool5_width if stream.inputs is None else stream.inputs,
            width=width if stream.width is None else stream.width,
            dropout=self.dropout if stream.dropout is None else stream.dropout,
            components=self.pool5_components
            if stream.inputs is None and stream.components is None
            else stream.components,
        )

    def as_dict(self) -> dict:
        """Return the sizes as plain values, for a checkpoint.

        What the paper's network does not need is left out, as earlier versions did not write it.
        """
        values = {**asdict(self), "temporal_channels": list(self.temporal_channels)}
        values["streams"] = [asdict(stream) for stream in self.streams]
        paper = {"streams": [asdict(stream) for stream in PAPER_STREAMS], "fusion": FUSIONS[0]}
        return {key: value for key, value in values.items() if key not in paper or value != paper[key]}

    @classmethod
    def from_dict(cls, values: dict) -> NetworkConfig:
        """Create the sizes from plain values, as in a checkpoint or a configuration file."""
        values = {**values, "temporal_channels": tuple(values["temporal_channels"])}
        if "streams" in values:
            values["streams"] = tuple(StreamSizes(**stream) for stream in values["streams"])
        return cls(**values)


def module_name(stream: StreamSizes) -> str:
    """Return what the encoder of a stream is called in the network, and so in the keys of its weights."""
    # Those of the paper's pair are older than the streams' names.
    return "temporal" if stream.phase else {"appearance": "spatial"}.get(stream.name, f"stream_{stream.name}")


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


class MimamoNet(nn.Module):
    """The network of any number of streams.

    Attributes
    ----------
    stream_dropout
        The share of windows of which each stream is dropped in training.

    Parameters
    ----------
    config
        Its sizes.
    silent
        Names of streams whose features are set to zero, in all frames.
    """

    stream_dropout: float = 0.0

    def __init__(self, config: NetworkConfig, silent: Collection[str] = ()) -> None:
        super().__init__()
        self.config, self.silent = config, frozenset(silent)
        self.temporal: TemporalStream | None = None
        self.widths = []
        for stream in config.streams:
            sizes = config.sizes_of(stream)
            encoder = TemporalStream(config, sizes) if stream.phase else FeatureStream(sizes)
            setattr(self, module_name(stream), encoder)
            self.widths.append(sizes.width)
        if config.fusion == "attention":
            self.fuse = AttentionFusion(self.widths, config.fusion_width)
        else:
            self.fuse = nn.Linear(sum(self.widths), config.fusion_width)
        self.fuse_norm = MaskedBatchNorm(config.fusion_width)
        self.drop = nn.Dropout(config.fusion_dropout)
        # Named after the paper's GRU, so that the keys of the weights are the same for every head.
        self.recurrent = HEADS[config.head](config.fusion_width, 2 * config.recurrent_width, config.dropout)
        self.output = nn.Linear(self.recurrent.width, len(DIMENSIONS))
        self.output_norm = MaskedBatchNorm(len(DIMENSIONS))

    def encoder(self, stream: StreamSizes) -> FeatureStream | TemporalStream:
        """Return the encoder of one of the network's streams."""
        return getattr(self, module_name(stream))

    def convolve_in_bfloat16(self, bfloat16: bool) -> None:
        """Set whether the convolutions over phase differences, where there are any, compute in bfloat16."""
        if self.temporal is not None:
            self.temporal.bfloat16 = bfloat16

    def forward(
        self, *inputs: Tensor, valid: Tensor | None = None, present: Mapping[str, Tensor] | None = None
    ) -> Tensor:
        """Estimate valence and arousal for every frame of a batch of windows.

        Parameters
        ----------
        *inputs
            For every stream of features, in the order of the configuration, (batch, time, inputs); and where
            there are phase differences, (batch, time + differences - 1, bands, 48, 48) and (…, 24, 24): one
            map per difference, not yet stacked per frame. Of any float type.
        valid
            (batch, time) bool, or None where every frame is real. Padding may stand at the end of a window
            only.
        present
            (batch, time) bool by stream, for streams of features that lack frames: where they have any. The
            other frames of such a stream are masked.

        Returns
        -------
        torch.Tensor
            (batch, time, 2) in the order of `mimamo.DIMENSIONS`. Values of padded frames are meaningless.
        """
        features = self.stream_features(*inputs, valid=valid, present=present)
        return self.head(torch.cat(self._dropped(features), dim=-1), valid)

    def _dropped(self, features: list[Tensor]) -> list[Tensor]:
        """Return the streams' features; in training, some as zeros in entire windows, but never all."""
        if not self.training or not self.stream_dropout or len(features) < 2:
            return features
        draws = torch.rand(len(features[0]), len(features), device=features[0].device)
        kept = (draws >= self.stream_dropout) | (draws == draws.amax(1, keepdim=True))
        return [values * kept[:, number, None, None] for number, values in enumerate(features)]

    def stream_features(
        self, *inputs: Tensor, valid: Tensor | None = None, present: Mapping[str, Tensor] | None = None
    ) -> list[Tensor]:
        """Return the features of every stream, (batch, time, width) each; zero where a stream is masked."""
        of_frames = len(self.config.feature_streams)
        batch = len(inputs[0])
        time = inputs[0].shape[1] if of_frames else inputs[0].shape[1] - self.config.differences + 1
        encoded, values_of = [], iter(inputs[:of_frames])
        for stream, width in zip(self.config.streams, self.widths, strict=True):
            given = inputs[of_frames:] if stream.phase else [next(values_of)]
            if stream.name in self.silent:
                encoded.append(self.output.weight.new_zeros(batch, time, width))
            elif stream.phase:
                encoded.append(self._encode_phase(*given, valid, (batch, time)))
            else:
                frames = (present or {}).get(stream.name)
                encoded.append(self._encode_features(stream, *given, valid, frames))
        return encoded

    def _encode_features(
        self, stream: StreamSizes, values: Tensor, valid: Tensor | None, present: Tensor | None
    ) -> Tensor:
        """Return a stream's features (batch, time, width) of its values (batch, time, inputs)."""
        counted = valid
        if present is not None:
            counted = present if valid is None else present & valid
            if int(counted.sum()) < 2:
                # No statistics can be taken of them; as they are masked below, any others will do.
                counted = valid
        flat = None if counted is None else counted.flatten()
        encoded = self.encoder(stream)(values.flatten(0, 1).float(), flat).unflatten(0, values.shape[:2])
        return encoded if present is None else encoded.masked_fill(~present[..., None], 0)

    def _encode_phase(
        self, level1: Tensor, level2: Tensor, valid: Tensor | None, shape: tuple[int, int]
    ) -> Tensor:
        """Return the features (batch, time, width) of phase differences; `shape` is (batch, time)."""
        wanted = None if valid is None or bool(valid.all()) else valid
        encoded = self.temporal(
            *(
                stack_differences(level.to(self.temporal.dtype), self.config.differences, wanted)
                for level in (level1, level2)
            )
        )
        if wanted is not None:
            padded = encoded.new_zeros(shape[0] * shape[1], encoded.shape[1])
            encoded = padded.masked_scatter(wanted.flatten()[:, None], encoded)
        return encoded.unflatten(0, shape)

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
