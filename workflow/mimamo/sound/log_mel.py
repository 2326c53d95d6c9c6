r"""Log-mel frames of sound.

The mel scale is that of HTK (O'Shaughnessy, Speech Communication, 1987; Young et al., The HTK Book, 2006),

.. math:: m(f) = 2595 \log_{10}(1 + f / 700),

and triangles of height 1 lie with their corners at equal steps of it between the lowest and the highest
frequency, as in torchaudio's ``melscale_fbanks``. With :math:`X_i(k)` the Fourier transform of the samples
around time :math:`i \cdot hop` under a Hann window :math:`w`, padded with zeros to a power of two, log-mel
frame :math:`i` is in band :math:`b`

.. math:: 10 \log_{10} \max(\sum_k F_b(k) \frac{|X_i(k)|^2}{(\sum_n w_n)^2},\; 10^{-10}),

decibels relative to full scale, so that silence is `SILENCE`, -100, in every band. The defaults (64 bands
from 125 to 7500 Hz, 16 kHz, windows of 25 ms every 10 ms) are those of Hershey et al., CNN Architectures for
Large-Scale Audio Classification, ICASSP 2017 (arXiv 1609.09430).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mimamo.sound.settings import band_edges, hop_samples, transform_length, window_samples

#: The value of silence in decibels.
SILENCE = -100.0
#: Frames that are computed at once.
_BLOCK = 4096


def mel_filters(settings: Mapping[str, float]) -> np.ndarray:
    """Return the triangles over the bins of the Fourier transform, (bins, bands) float32."""
    length = transform_length(settings)
    frequencies = np.arange(length // 2 + 1) * settings["sample_rate"] / length
    edges = np.array(band_edges(settings))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (frequencies[:, None] - low) / (middle - low)
    falling = (high - frequencies[:, None]) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def log_mel(samples: np.ndarray, settings: Mapping[str, float]) -> np.ndarray:
    """Return the log-mel frames of sound.

    Parameters
    ----------
    samples
        (n,) float32; full scale is -1 to 1.
    settings
        Of the stream, see `mimamo.streams`.

    Returns
    -------
    numpy.ndarray
        (frame_count(n), bands) float32, in decibels: frame i is around sample ``i * hop``. Before the first
        and after the last sample is silence.
    """
    window, hop = window_samples(settings), hop_samples(settings)
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    filters = mel_filters(settings) / np.float32(taper.sum()) ** 2
    count, before = frame_count(len(samples), settings), window // 2
    padded = np.zeros(max(before + len(samples), (count - 1) * hop) + window, np.float32)
    padded[before : before + len(samples)] = samples
    # A damaged packet may give any number, or none.
    heard = np.clip(np.nan_to_num(padded), -1, 1)
    windows = np.lib.stride_tricks.sliding_window_view(heard, window)[::hop][:count]
    values = np.empty((count, filters.shape[1]), np.float32)
    for start in range(0, count, _BLOCK):
        spectra = np.fft.rfft(windows[start : start + _BLOCK] * taper, transform_length(settings))
        power = (spectra.real**2 + spectra.imag**2) @ filters
        with np.errstate(divide="ignore"):
            values[start : start + _BLOCK] = np.maximum(10 * np.log10(power), SILENCE)
    return values


def frame_count(samples: int, settings: Mapping[str, float]) -> int:
    """Return the number of log-mel frames of so many samples."""
    return samples // hop_samples(settings) + 1


def moving_mean(values: np.ndarray, count: int) -> np.ndarray:
    """Return the mean (n, bands) of each row and those around it, `count` in all; fewer at both ends."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    numbers = np.arange(len(values))
    first = np.maximum(numbers - (count - 1) // 2, 0)
    after = np.minimum(numbers + count // 2 + 1, len(values))
    return (sums[after] - sums[first]) / (after - first)[:, None]
