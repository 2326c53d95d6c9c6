"""Small moving pictures, and the pyramid of them by plain Fourier transforms."""

import cv2
import numpy as np
import torch

from mimamo.phase.steerable_pyramid import Filters, transfer_functions

LEVELS = ("level1", "level2")


def random_frames(count: int, seed: int = 0) -> torch.Tensor:
    """Noise with a face's spectrum: large patterns are strong, and nothing jumps between frames."""
    rng = np.random.default_rng(seed)
    fast, slow = rng.normal(size=(count, 48, 48)), rng.normal(size=(48, 48))
    frames = [cv2.GaussianBlur(slow * 4 + picture, (0, 0), 1) for picture in fast]
    return torch.from_numpy(np.clip(np.stack(frames) / 8 + 0.5, 0, 1))


def mirrored(frames: np.ndarray) -> np.ndarray:
    """Put the mirror images of frames beside and below them."""
    frames = np.concatenate([frames, np.flip(frames, -1)], -1)
    return np.concatenate([frames, np.flip(frames, -2)], -2)


def fourier_coefficients(frames: np.ndarray, filters: Filters) -> tuple[np.ndarray, np.ndarray]:
    """The pyramid by Fourier transform of the whole mirrored image, as one would write it down first."""
    spectrum = np.fft.fft2(mirrored(frames))[:, None]
    level1 = np.fft.ifft2(spectrum * transfer_functions(filters.level1))
    kept = np.r_[0:24, 72:96]
    level2 = np.fft.ifft2(spectrum[..., kept[:, None], kept] * transfer_functions(filters.level2))
    return level1[..., :48, :48], level2[..., :24, :24]
