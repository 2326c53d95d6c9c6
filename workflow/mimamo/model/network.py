"""MIMAMO Net: streams of per-frame features, fused, and a head over time.

Architecture after Deng et al., "MIMAMO Net: Integrating Micro- and Macro-motion for Video Emotion
Recognition" (AAAI 2020, arXiv 1911.09784), with one difference in use: the GRU recurs over time. Its two
streams, a spatial one over a backbone's features and a temporal one over phase differences, are two of any
number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn

from mimamo import DIMENSIONS
from mimamo.model.batch_norm import MaskedBatchNorm
from mimamo.model.encoders import FeatureStream, TemporalStream, stack_differences
from mimamo.model.fusion import AttentionFusion
from mimamo.model.heads import HEADS
from mimamo.model.ridge import RidgePath
from mimamo.model.sizes import NetworkConfig, StreamSizes


def module_name(stream: StreamSizes) -> str:
    """Return what the encoder of a stream is called in the network, and so in the keys of its weights."""
    # Those of the paper's pair are older than the streams' names.
    return "temporal" if stream.phase else {"appearance": "spatial"}.get(stream.name, f"stream_{stream.name}")


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
        self.ridge = None
        if config.has_ridge:
            self.ridge = RidgePath([config.sizes_of(stream).inputs for stream in config.feature_streams])

    def encoder(self, stream: StreamSizes) -> FeatureStream | TemporalStream:
        """Return the encoder of one of the network's streams."""
        return getattr(self, module_name(stream))

    def convolve_in_bfloat16(self, bfloat16: bool) -> None:
        """Set whether the convolutions over phase differences, where there are any, compute in bfloat16."""
        if self.temporal is not None:
            self.temporal.bfloat16 = bfloat16

    def forward(
        self,
        *inputs: Tensor,
        valid: Tensor | None = None,
        present: Mapping[str, Tensor] | None = None,
        ridge: Tensor | None = None,
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
        ridge
            (batch, time, 2) what the network's output is added to in place of its own ridge regression, as in
            training: estimates by fits that have not seen the frame's person.

        Returns
        -------
        torch.Tensor
            (batch, time, 2) in the order of `mimamo.DIMENSIONS`. Values of padded frames are meaningless.
        """
        features = self._dropped(self.stream_features(*inputs, valid=valid, present=present))
        if self.ridge is not None:
            features.append(self._ridge_estimates(inputs, present) if ridge is None else ridge)
        return self.head(torch.cat(features, dim=-1), valid)

    def frame_features(self, *inputs: Tensor, present: Mapping[str, Tensor] | None = None) -> Tensor:
        """Return what `head` needs of every frame, each by itself: (batch, time, width).

        The streams' features, and where there is one, the ridge regression's estimates as the last two.
        """
        features = self.stream_features(*inputs, present=present)
        if self.ridge is not None:
            features.append(self._ridge_estimates(inputs, present))
        return torch.cat(features, dim=-1)

    def split_ridge(self, features: Tensor) -> tuple[Tensor, Tensor | None]:
        """Split what `frame_features` returns into the streams' features and the regression's estimates."""
        if self.ridge is None:
            return features, None
        return features.split([sum(self.widths), len(DIMENSIONS)], dim=-1)

    def _ridge_estimates(self, inputs: tuple[Tensor, ...], present: Mapping[str, Tensor] | None) -> Tensor:
        """Return the ridge regression's estimates (batch, time, 2); silent streams count as their mean."""
        values = inputs[: len(self.config.feature_streams)]
        there = []
        for stream, given in zip(self.config.feature_streams, values, strict=True):
            silent = stream.name in self.silent
            nowhere = torch.zeros(given.shape[:2], dtype=torch.bool, device=given.device) if silent else None
            there.append(nowhere if silent else (present or {}).get(stream.name))
        return self.ridge(values, there)

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
        """Fuse the streams' features, see `frame_features`, and estimate: (batch, time, 2)."""
        batch, time = features.shape[:2]
        features, linear = self.split_ridge(features)
        flat = None if valid is None else valid.flatten()
        fused = self.fuse_norm(self.fuse(features.flatten(0, 1)).relu(), flat)
        fused = self.drop(fused).unflatten(0, (batch, time))
        hidden = self._recur(fused, valid)
        out = self.output(self.drop(hidden)).flatten(0, 1)
        estimate = self.output_norm(out, flat).unflatten(0, (batch, time))
        return estimate if linear is None else estimate + linear

    def _recur(self, fused: Tensor, valid: Tensor | None) -> Tensor:
        """Run the head over the frames of each window, or over the batch at each position in the windows."""
        if self.config.recurrence == "time":
            return self.recurrent(fused, valid)
        if valid is not None and not bool(valid.all()):
            raise ValueError("a head that follows the windows of a batch cannot distinguish padding")
        return self.recurrent(fused.transpose(0, 1)).transpose(0, 1)
