"""Ridge regression from the streams of features to the labels, fitted across people.

A network that is trained on few people can tell them apart by their features and learns which level of
valence goes with whom, which says nothing of other people. The regression's penalty is the one that serves
people best who it was not fitted on, and the network learns what it leaves unexplained of such people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
from torch import Tensor

from mimamo import DIMENSIONS
from mimamo.corpus.stretches import split_runs
from mimamo.dataset.balanced_splits import balanced_splits
from mimamo.dataset.fold_data import FoldData
from mimamo.errors import InputError
from mimamo.storage.frame_cache import BLOCK

#: Parts of the people at most, each of which is estimated by a fit on the others.
PARTS = 5
#: The penalties that are tried, a frame, for standardised features: 0.001 to about 3.
PENALTIES = tuple(float(penalty) for penalty in 10.0 ** np.arange(-3, 1, 0.5))


@dataclass(frozen=True)
class RidgeFit:
    """A fit on all training names, and what such fits estimate for people they have not seen.

    Attributes
    ----------
    mean, weight, bias
        (inputs,), (2, inputs) and (2,) float32: the estimate is ``weight @ (values - mean) + bias``.
    penalties
        (2,) the penalty a frame that was chosen for each dimension.
    slope
        (2,) float32: the slope of the labels on the cross-fitted estimates before these were shrunk by it.
    spread
        (2,) float32: the standard deviation of labels minus cross-fitted estimates.
    estimates
        For every training name (n, 2) float32: its labelled frames, by a fit without its part of the people.
    """

    mean: Tensor
    weight: Tensor
    bias: Tensor
    penalties: tuple[float, ...]
    slope: Tensor
    spread: Tensor
    estimates: Mapping[str, np.ndarray]


@dataclass
class _Moments:
    """Sums over frames: of z zᵀ, z yᵀ, z, y y (by dimension) and y, with z standardised; and their number."""

    zz: Tensor
    zy: Tensor
    z: Tensor
    yy: Tensor
    y: Tensor
    frames: int = 0

    @classmethod
    def zeros(cls, inputs: int, device: torch.device) -> _Moments:
        """Return sums over no frame."""
        outputs = len(DIMENSIONS)
        shapes = [(inputs, inputs), (inputs, outputs), (inputs,), (outputs,), (outputs,)]
        return cls(*(torch.zeros(shape, dtype=torch.float64, device=device) for shape in shapes))

    def add(self, z: Tensor, y: Tensor) -> None:
        """Add frames: z (n, inputs) float32, y (n, 2) float64."""
        # The product in single precision, its sum in double: there may be millions of frames.
        self.zz += z.T @ z
        z = z.double()
        self.zy += z.T @ y
        self.z += z.sum(0)
        self.yy += (y * y).sum(0)
        self.y += y.sum(0)
        self.frames += len(z)

    def plus(self, other: _Moments, sign: int = 1) -> _Moments:
        """Return the sums over the frames of both, or with the sign -1 their difference."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return _Moments(*(own + sign * others for own, others in pairs))

    def without(self, other: _Moments) -> _Moments:
        """Return the sums over the frames that `other` does not have."""
        return self.plus(other, sign=-1)

    def fit(self, penalty: float) -> tuple[Tensor, Tensor]:
        """Return weights (inputs, 2) and biases (2,) with the least mean squared error + penalty · |w|²."""
        z, y = self.z / self.frames, self.y / self.frames
        covariance = self.zz / self.frames - torch.outer(z, z)
        covariance.diagonal().add_(penalty)
        weight = torch.cholesky_solve(
            self.zy / self.frames - torch.outer(z, y), torch.linalg.cholesky(covariance)
        )
        return weight, y - z @ weight

    def of_estimates(self, weight: Tensor, bias: Tensor) -> Tensor:
        """Return the sums of e, e², e y, y and y² over the frames, with e the estimates: (5, 2)."""
        linear = self.z @ weight
        squares = (weight * (self.zz @ weight)).sum(0) + 2 * bias * linear + self.frames * bias**2
        products = (weight * self.zy).sum(0) + bias * self.y
        return torch.stack([linear + self.frames * bias, squares, products, self.y, self.yy])


def fit_ridge(
    data: FoldData, statistics: Mapping[str, tuple[Tensor, Tensor]], device: torch.device
) -> RidgeFit:
    """Fit the regression on the labelled frames of a fold's training names.

    The people are split into parts, and each part is estimated by a fit on the others. Of `PENALTIES` that
    with the least squared error of these estimates is taken, for each dimension by itself, and the estimates
    are shrunk by the slope of the labels on them (between 0 and 1), which is 0 where the features say nothing
    of a dimension.

    Parameters
    ----------
    data
        The fold's inputs and labels.
    statistics
        Mean and spread of every stream of features, in the order of the network's, see
        `mimamo.dataset.fold_data.feature_statistics`.
    device
        What computes.

    Raises
    ------
    InputError
        Where all training names show one person.
    """
    part_of = _parts(data)
    mean, spread = (torch.cat(values).to(device) for values in zip(*statistics.values(), strict=True))
    scale = _Scale(list(statistics), mean, spread)
    parts = [_Moments.zeros(len(scale.mean), device) for _ in set(part_of.values())]
    for name in data.train:
        for z, y in _frames(name, data, scale):
            parts[part_of[name]].add(z, y)
    total = reduce(_Moments.plus, parts)
    # By part and penalty; one after the other, as the moments of the others are large.
    tried = [list(map(total.without(part).fit, PENALTIES)) for part in parts]
    sums = [
        sum(part.of_estimates(*fits[number]) for part, fits in zip(parts, tried, strict=True))
        for number in range(len(PENALTIES))
    ]
    errors = torch.stack([estimated - 2 * product + label for _, estimated, product, _, label in sums])
    chosen = errors.argmin(0).tolist()
    best = torch.stack([sums[number][:, i] for i, number in enumerate(chosen)], dim=1)
    slope, intercept, left = _calibration(best / total.frames)

    weight, bias = _calibrated([total.fit(PENALTIES[number]) for number in chosen], slope, intercept)
    crossed = [_calibrated([fits[number] for number in chosen], slope, intercept) for fits in tried]
    return RidgeFit(
        scale.mean.cpu(),
        (weight / scale.spread.double()[:, None]).T.float().cpu(),
        bias.float().cpu(),
        tuple(PENALTIES[number] for number in chosen),
        slope.float().cpu(),
        left.float().cpu(),
        {name: _estimates(name, data, scale, *crossed[part_of[name]]) for name in data.train},
    )


@dataclass(frozen=True)
class _Scale:
    """The streams of features and what all of their values are standardised with, (inputs,) each."""

    streams: Sequence[str]
    mean: Tensor
    spread: Tensor


def _parts(data: FoldData) -> dict[str, int]:
    """Return the part of every training name: no person is in two, and they are alike in labelled frames."""
    groups = sorted({data.groups[name] for name in data.train})
    if len(groups) < 2:
        raise InputError(
            f"network.ridge is true, expected training names of two people at least, found {len(groups)}: "
            f"{', '.join(data.train)}; set network.ridge to false, or add names to the training side"
        )
    frames = dict.fromkeys(groups, 0)
    for name in data.train:
        frames[data.groups[name]] += len(data.labels[name].frames)
    counts = np.array([[frames[group]] for group in groups])
    split = balanced_splits(counts, min(PARTS, len(groups)))
    part_of = dict(zip(groups, split.tolist(), strict=True))
    return {name: part_of[data.groups[name]] for name in data.train}


def _frames(name: str, data: FoldData, scale: _Scale) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the labelled frames of a name in pieces: standardised features (n, inputs), labels (n, 2).

    Where a stream has no features its mean is taken for them.
    """
    recording, labels, done = data.recordings[name], data.labels[name], 0
    for first, length in split_runs(labels.frames, BLOCK):
        pieces = []
        for stream in scale.streams:
            values = torch.from_numpy(recording.values(stream, first, length).astype(np.float32))
            there = recording.present(stream, first, length)
            pieces.append(torch.where(torch.from_numpy(there)[:, None], values, torch.nan))
        z = (torch.cat(pieces, dim=1).to(scale.mean.device) - scale.mean) / scale.spread
        truth = torch.from_numpy(labels.values[done : done + length]).to(z.device, torch.float64)
        yield torch.where(z.isnan(), 0, z), truth
        done += length


def _estimates(name: str, data: FoldData, scale: _Scale, weight: Tensor, bias: Tensor) -> np.ndarray:
    """Return the estimates (n, 2) float32 of the labelled frames of a name."""
    pieces = [z.double() @ weight + bias for z, _ in _frames(name, data, scale)]
    return torch.cat(pieces).float().cpu().numpy()


def _calibrated(
    fits: Sequence[tuple[Tensor, Tensor]], slope: Tensor, intercept: Tensor
) -> tuple[Tensor, Tensor]:
    """Join the fits of the dimensions, each with its own penalty, and shrink their estimates."""
    weight = torch.stack([weight[:, i] for i, (weight, _) in enumerate(fits)], dim=1)
    bias = torch.stack([bias[i] for i, (_, bias) in enumerate(fits)])
    return slope * weight, slope * bias + intercept


def _calibration(means: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return slope and intercept of the labels on estimates, and the standard deviation of what is left.

    Parameters
    ----------
    means
        (5, 2) the means of e, e², e y, y and y² over the frames, with estimates e and labels y.
    """
    estimate, square, product, label, label_square = means
    variance = (square - estimate**2).clamp(min=1e-12)
    covariance = product - estimate * label
    slope = (covariance / variance).clamp(0, 1)
    left = label_square - label**2 - 2 * slope * covariance + slope**2 * variance
    return slope, label - slope * estimate, left.clamp(min=1e-6).sqrt()
