"""Phase differences: the motion, with its direction, at every pixel of a face since the previous frame.

A complex band-pass filter responds to a moving pattern with a rotating phase, so that the phase difference
between two frames measures motion far below a pixel (Fleet and Jepson 1990; Wadhwa et al. 2013,
"Phase-based video motion processing"). `PhaseDifference` computes the maps of MIMAMO Net's temporal stream
for batches of frames.

How the pyramid becomes a few matrix products
---------------------------------------------
The frame x (48 × 48) is mirrored to the right and downwards to 96 × 96, so that it is continuous across its
borders. The Fourier series of such an image has cosines only,

    a[k, l] = sum_yx  x[y, x] cos(pi k (2y + 1) / 96) cos(pi l (2x + 1) / 96),    k, l = 0 … 47,

the discrete cosine transform of the 48 × 48 pixels themselves (Martucci 1994), with the highest frequency,
48, zero. Band 0 of the pyramid weights a[k, l] with a gain g[k, l], leaves the vertical cosines as they are
and turns each horizontal cosine into the one-sided exp(i pi l (2x + 1) / 96) (see
`mimamo.phase.steerable_pyramid`):

    c[y, x] = -i / 96²  sum_kl  w[k] g[k, l] a[k, l] cos(pi k (2y + 1) / 96) exp(i pi l (2x + 1) / 96)

with w = 4 for k = 0 and 8 else, as -k adds as much as k: the real part of c is a sine series, and minus the
imaginary part the cosine series of the same numbers. Band 1 exchanges the axes. Level 2 takes the
frequencies below 24, every second y and x, and 48² for 96². All of it is separable: a product with a small
cosine or sine table along either axis, with no complex numbers, no FFT, and no pixel outside the quarter
that is needed. A batch is laid out as (y, frame, x), where a product along y and one along x are each one
large matrix product for all frames together. The smoothing is such a product too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from mimamo.phase.steerable_pyramid import SIZE, Filters

ArrayOrTensor = TypeVar("ArrayOrTensor", np.ndarray, Tensor)

#: The Gaussian that smooths amplitude-weighted differences: spread in coefficients, and taps on either side.
BLUR_SIGMA, BLUR_RADIUS = 2.0, 5

#: Smoothed amplitude below which there is no pattern with a defined phase.
FLAT = 1e-6


class PhaseDifference(nn.Module):
    """Phase differences of neighbouring frames in two levels and two orientations.

    Parameters
    ----------
    filters
        The pyramid's filters. The tables built from them are buffers, which move to a device with the module.
    dtype
        Precision of the computation: single, or double for a reference.
    """

    def __init__(self, filters: Filters, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.level1 = Level(filters.level1, step=1, dtype=dtype)
        self.level2 = Level(filters.level2, step=2, dtype=dtype)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return the phase differences between each frame and the next.

        Parameters
        ----------
        frames
            (n, 48, 48) grey frames in [0, 1], n >= 2, in order of time.

        Returns
        -------
        tuple[torch.Tensor, torch.Tensor]
            Level 1 (n - 1, 2, 48, 48) and level 2 (n - 1, 2, 24, 24), in radians, each map with its mean
            subtracted. Row t is about frames t and t + 1. Motion towards +x is negative in band 0, motion
            towards +y in band 1.
        """
        series = self._cosine_series(frames)
        return self.level1(series), self.level2(series)

    def coefficients(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return the complex coefficients, (n, 2, 48, 48) and (n, 2, 24, 24), of `frames` (n, 48, 48)."""
        series = self._cosine_series(frames)
        return self.level1.coefficients(series), self.level2.coefficients(series)

    def raw_differences(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return what `forward` returns, before the mean of each map is subtracted."""
        series = self._cosine_series(frames)
        return self.level1.smoothed(series), self.level2.smoothed(series)

    def _cosine_series(self, frames: Tensor) -> Tensor:
        """Return a[k, frame, l], (48, n, 48), of `frames` (n, 48, 48)."""
        # The bands ignore a frame's mean brightness. Subtracting one pixel's makes a flat frame exactly zero,
        # where the rounding of large sums would leave a pattern.
        frames = frames - frames[:, :1, :1]
        analysis = self.level1.cosine.T
        return along_x(along_y(frames.transpose(0, 1), analysis), analysis)


class Level(nn.Module):
    """One level of the pyramid, and the phase differences of its two bands.

    Parameters
    ----------
    gain
        (f, f): the gains of `Filters` for the f lowest frequencies.
    step
        Pixels from one coefficient to the next; there are p = 48 / `step` along each axis.
    dtype
        Precision of the computation.
    """

    def __init__(self, gain: np.ndarray, step: int, dtype: torch.dtype) -> None:
        super().__init__()
        frequency, position = np.arange(len(gain)), np.arange(0, SIZE, step)
        angle = math.pi * np.outer(frequency, 2 * position + 1) / (2 * SIZE)
        weight = np.where(frequency == 0, 4, 8) / (2 * len(gain)) ** 2
        tap = np.subtract.outer(position, position) // step
        blur = np.where(abs(tap) <= BLUR_RADIUS, np.exp(-(tap**2) / (2 * BLUR_SIGMA**2)), 0)
        for name, table in {
            "gain": gain * weight[:, None],  # (f, f)
            "cosine": np.cos(angle),  # (f, p)
            "sine": np.sin(angle),  # (f, p)
            "blur": blur,  # (p, p): a product with it is the smoothing, with zeros beyond the border
        }.items():
            self.register_buffer(name, torch.from_numpy(table).to(dtype))

    def forward(self, series: Tensor) -> Tensor:
        """Return the centred phase differences (n - 1, 2, p, p) of frames with cosine series (48, n, 48)."""
        maps = self.smoothed(series)
        return maps.sub_(maps.mean((2, 3), keepdim=True))

    def smoothed(self, series: Tensor) -> Tensor:
        """Return the phase differences (n - 1, 2, p, p) before centring."""
        maps = [self._difference(*coefficients) for coefficients in self._bands(series)]
        return torch.stack(maps).permute(2, 0, 1, 3).contiguous()

    def coefficients(self, series: Tensor) -> Tensor:
        """Return the complex coefficients (n, 2, p, p)."""
        bands = [torch.complex(real, imaginary) for real, imaginary in self._bands(series)]
        return torch.stack(bands).permute(2, 0, 1, 3)

    def _bands(self, series: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the real and the imaginary part, (p, n, p) each, of band 0 and then of band 1."""
        frequencies = len(self.gain)
        series = series[:frequencies, :, :frequencies]
        rows = along_y(series * self.gain[:, None], self.cosine)
        yield along_x(rows, self.sine), along_x(rows, -self.cosine)
        columns = along_x(series * self.gain.T[:, None], self.cosine)
        yield along_y(columns, self.sine), along_y(columns, -self.cosine)

    def _difference(self, real: Tensor, imaginary: Tensor) -> Tensor:
        """Return one band's smoothed phase differences (p, n - 1, p) of its coefficients (p, n, p)."""
        real0, real1 = real[:, :-1], real[:, 1:]
        imaginary0, imaginary1 = imaginary[:, :-1], imaginary[:, 1:]
        # The angle of c_t times the conjugate of c_(t-1): a principal value, which needs no unwrapping.
        angle = torch.atan2(
            torch.addcmul(imaginary1 * real0, real1, imaginary0, value=-1),
            torch.addcmul(real1 * real0, imaginary1, imaginary0),
        )
        amplitude = torch.addcmul(real1.square(), imaginary1, imaginary1).sqrt_()
        weighted = self._blurred(angle.mul_(amplitude))
        # Division by infinity sets pixels without a pattern to zero.
        return weighted.div_(nn.functional.threshold(self._blurred(amplitude), FLAT, math.inf))

    def _blurred(self, maps: Tensor) -> Tensor:
        """Smooth maps (p, n, p) with the Gaussian, with zeros beyond the border."""
        return along_x(along_y(maps, self.blur), self.blur)


def along_y(maps: Tensor, table: Tensor) -> Tensor:
    """Multiply `table` (i, o) along the first axis of `maps` (i, n, m): (o, n, m)."""
    return (table.T @ maps.flatten(1)).unflatten(1, maps.shape[1:])


def along_x(maps: Tensor, table: Tensor) -> Tensor:
    """Multiply `table` (i, o) along the last axis of `maps` (m, n, i): (m, n, o)."""
    return maps @ table


def flip(level1: ArrayOrTensor, level2: ArrayOrTensor) -> tuple[ArrayOrTensor, ArrayOrTensor]:
    """Return the phase differences of the left-right mirrored video.

    Parameters
    ----------
    level1, level2
        (…, 2, 48, 48) and (…, 2, 24, 24), NumPy arrays or tensors.

    Returns
    -------
    tuple
        Copies with every map mirrored, and band 0, which responds to horizontal motion, negated. At level 1
        these equal the mirrored video's maps up to rounding. Level 2 has its coefficients at the even
        pixels, which mirroring maps to the odd ones: its maps are close to the mirrored video's, not equal.
    """
    return _mirrored(level1), _mirrored(level2)


def _mirrored(maps: ArrayOrTensor) -> ArrayOrTensor:
    """Return maps (…, 2, p, p) mirrored left-right, with band 0 negated."""
    mirrored = maps.flip(-1) if isinstance(maps, Tensor) else np.flip(maps, -1).copy()
    mirrored[..., 0, :, :] *= -1
    return mirrored


def stream_differences(
    module: PhaseDifference, blocks: Iterable[tuple[np.ndarray, np.ndarray]]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Compute the phase differences of a video given in blocks, in the memory of one block.

    Parameters
    ----------
    module
        Computes on the device and in the precision of its buffers.
    blocks
        Frame numbers (n,), ascending throughout, and their frames (n, 48, 48).

    Yields
    ------
    tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]
        For each block its frame numbers, level 1 (n, 2, 48, 48) and level 2 (n, 2, 24, 24) in half
        precision: the difference of each frame against the frame with the preceding number, zero where
        there is none.
    """
    table = module.level1.cosine
    number, last = -1, None
    for numbers, block in blocks:
        frames = torch.from_numpy(block).to(table)
        with torch.inference_mode():
            levels = module(torch.cat([frames[:1] if last is None else last, frames]))
            alone = torch.from_numpy(np.diff(numbers, prepend=number) != 1).to(table.device)
            level1, level2 = (level.half().masked_fill_(alone[:, None, None, None], 0) for level in levels)
        yield numbers, level1.cpu().numpy(), level2.cpu().numpy()
        number, last = numbers[-1], frames[-1:]
