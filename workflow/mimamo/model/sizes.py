"""The sizes of MIMAMO Net, and of the encoders of its streams."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

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
    ridge
        Whether a ridge regression from all streams of features is fitted before training and added to the
        network's output, so that the network estimates what it leaves (`mimamo.model.ridge`). Without a
        stream of features there is none.
    ridge_level
        Whether that regression alone estimates each video's mean, as far as labels follow its estimates
        (`mimamo.model.inference.without_level`).
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
    ridge: bool = False
    ridge_level: bool = False
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
    def has_ridge(self) -> bool:
        """Whether there is a ridge regression beside the network."""
        return self.ridge and bool(self.feature_streams)

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
        paper = {
            "streams": [asdict(stream) for stream in PAPER_STREAMS],
            "fusion": FUSIONS[0],
            "ridge": False,
            "ridge_level": False,
        }
        return {key: value for key, value in values.items() if key not in paper or value != paper[key]}

    @classmethod
    def from_dict(cls, values: dict) -> NetworkConfig:
        """Create the sizes from plain values, as in a checkpoint or a configuration file."""
        values = {**values, "temporal_channels": tuple(values["temporal_channels"])}
        if "streams" in values:
            values["streams"] = tuple(StreamSizes(**stream) for stream in values["streams"])
        return cls(**values)
