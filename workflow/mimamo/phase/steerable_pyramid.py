"""The filters of the complex steerable pyramid, taken from the impulse response of pyrtools' pyramid.

The pyramid (Portilla and Simoncelli, "A parametric texture model based on joint statistics of complex
wavelet coefficients", 2000) is linear, so its response to a unit impulse determines its response to any
image: the Fourier transform of a band's coefficients for the impulse is the band's transfer function. It is
computed here for an image of 96 × 96, two levels and two orientations. Each of the four transfer functions
H[k, l], with k the vertical and l the horizontal frequency in cycles per image, has the following form, which
`build_filters` checks:

- H = -i g with g real and not negative. The factor -i is that of a first derivative, and shifts all phases
  equally.
- Band 0 responds to the horizontal frequencies l > 0 alone (an analytic filter: its real and imaginary parts
  are 90 degrees apart, which gives a coefficient its phase), and equally to k and -k.
- Band 1 is band 0 with rows and columns exchanged.
- The gain is zero at the highest frequency of a level's grid, so that the grid of level 2 can be coarser by
  a factor of two.

One table of g for k, l >= 0 per level therefore determines the pyramid.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo.errors import InputError
from mimamo.storage.files import atomic_write
from mimamo.storage.paths import describe_path

#: Width and height of a frame in pixels.
SIZE = 48

#: Upper limit of the file of filters in bytes; its two levels take some 23,000.
LARGEST = 1024**2

#: Largest deviation of pyrtools' interpolated filters from the form above, where the largest gain is 2.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Filters:
    """The gains g[k, l] of band 0, for vertical and horizontal frequencies from 0 on.

    Attributes
    ----------
    level1
        (48, 48) float64, in cycles per 96 pixels.
    level2
        (24, 24) float64, in the same cycles: the lower half of the frequencies.
    """

    level1: np.ndarray
    level2: np.ndarray


def build_filters() -> Filters:
    """Compute the filters from pyrtools' response to an impulse.

    Raises
    ------
    InputError
        Where pyrtools is not installed, or where its pyramid is not of the form that this module describes.
    """
    try:
        # Imported late, as it takes two seconds and loads matplotlib.
        from pyrtools.pyramids import SteerablePyramidFreq
    except ImportError as error:
        raise InputError(
            "the steerable pyramid's filters come from the package pyrtools, which is not installed here: "
            "install it, or use a file that `save_filters` wrote on a machine that has it"
        ) from error
    impulse = np.zeros((2 * SIZE, 2 * SIZE))
    impulse[0, 0] = 1
    response = SteerablePyramidFreq(impulse, height=2, order=1, is_complex=True).pyr_coeffs
    transfer = {
        band: np.fft.fft2(coefficients) for band, coefficients in response.items() if isinstance(band, tuple)
    }
    return Filters(*(_gain(transfer[level, 0], transfer[level, 1]) for level in (0, 1)))


def _gain(band0: np.ndarray, band1: np.ndarray) -> np.ndarray:
    """Return the gains (n / 2, n / 2) that determine both transfer functions (n, n) of a level."""
    gain = -band0.imag[: len(band0) // 2, : len(band0) // 2]
    expected = transfer_functions(gain)
    if np.abs(expected - [band0, band1]).max() > _TOLERANCE or gain.min() < -_TOLERANCE:
        raise InputError(
            "pyrtools' complex steerable pyramid of order 1 should have one-sided filters in quadrature and "
            "does not: install the version of pyrtools that requirements.txt names"
        )
    return gain


def transfer_functions(gain: np.ndarray) -> np.ndarray:
    """Expand the gains of a level to all frequencies of its grid.

    Parameters
    ----------
    gain
        (n / 2, n / 2): a level of `Filters`.

    Returns
    -------
    numpy.ndarray
        (2, n, n) complex: the transfer functions of both bands, frequencies in the order of `numpy.fft`.
    """
    half = len(gain)
    band0 = np.zeros((2 * half, 2 * half), complex)
    band0[:half, :half] = -1j * gain
    band0[half + 1 :, :half] = -1j * gain[:0:-1]
    return np.stack([band0, band0.T])


def save_filters(filters: Filters, path: str | os.PathLike) -> None:
    """Write filters to a small ``.npz`` file, which `load_filters` reads without pyrtools."""
    with atomic_write(path) as fresh, open(fresh, "xb") as handle:
        np.savez_compressed(handle, level1=filters.level1, level2=filters.level2)


def load_filters(path: str | os.PathLike) -> Filters:
    """Read filters from a file written by `save_filters`.

    Raises
    ------
    InputError
        Where the file is missing, damaged or holds other data.
    """
    path = Path(path)
    shapes = {"level1": (SIZE, SIZE), "level2": (SIZE // 2, SIZE // 2)}
    try:
        with np.load(path, allow_pickle=False) as archive:
            # A small compressed file can expand to a very large array.
            if sum(member.file_size for member in archive.zip.infolist()) > LARGEST:
                raise ValueError(f"more than {LARGEST} bytes when unpacked")
            filters = {level: archive[level] for level in shapes}
    # A damaged archive fails in zipfile, zlib or NumPy, each with exceptions of its own.
    except Exception as error:
        found = describe_path(path)
        found = f"a damaged one ({error})" if found == "a file" else found
        raise InputError(
            f"{path} should be a file of filters that `save_filters` wrote, found {found}: delete it, so "
            "that the workflow recreates it"
        ) from error
    found = {level: gain.shape for level, gain in filters.items()}
    if found != shapes or not all(np.isfinite(gain).all() for gain in filters.values()):
        raise InputError(
            f"{path} should hold filters of {shapes} and holds {found}, or values that are not finite: "
            "delete it, so that the workflow recreates it"
        )
    return Filters(**{level: gain.astype(np.float64) for level, gain in filters.items()})
