"""The sizes that the settings of a stream of sound mean, and checks of them before any job runs.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from mimamo.errors import ConfigError
from mimamo.streams import AUDIO_DEFAULTS, Settings


def sound_settings(settings: Settings) -> dict[str, object]:
    """Return those settings of a stream that its values depend on."""
    return {key: settings[key] for key in AUDIO_DEFAULTS}


def window_samples(settings: Mapping[str, float]) -> int:
    """Return the samples of a window."""
    return round(settings["window"] * settings["sample_rate"])


def hop_samples(settings: Mapping[str, float]) -> int:
    """Return the samples from one log-mel frame to the next."""
    return round(settings["hop"] * settings["sample_rate"])


def transform_length(settings: Mapping[str, float]) -> int:
    """Return the length of the Fourier transform: the power of two that holds a window."""
    return 1 << (window_samples(settings) - 1).bit_length()


def band_edges(settings: Mapping[str, float]) -> list[float]:
    """Return the corners of the bands in Hz, (bands + 2): those of band b are b, b + 1 and b + 2."""
    low, high = _mel(settings["lowest"]), _mel(settings["highest"])
    steps = int(settings["bands"]) + 1
    return [_hertz(low + (high - low) * step / steps) for step in range(steps + 1)]


def _mel(hertz: float) -> float:
    """Return a frequency on the mel scale of HTK."""
    return 2595 * math.log10(1 + hertz / 700)


def _hertz(mel: float) -> float:
    """Return the frequency of a place on the mel scale of HTK."""
    return 700 * (10 ** (mel / 2595) - 1)


def check_audio(streams: Mapping[str, Settings]) -> None:
    """Check that the settings of streams of sound go together.

    Parameters
    ----------
    streams
        The streams of kind audio, complete.

    Raises
    ------
    ConfigError
        With the key, what was expected and what was found.
    """
    for name, settings in streams.items():
        if fault := _fault(settings):
            raise ConfigError(f"Configuration: streams.{name}{fault}.")


def _fault(settings: Settings) -> str:
    """Return the first fault of the settings of one stream; empty without one."""
    half, lowest, highest = settings["sample_rate"] / 2, settings["lowest"], settings["highest"]
    if highest > half:
        return (
            f".highest is {highest:g} Hz, expected at most {half:g}, half of sample_rate; lower it, or raise "
            "sample_rate"
        )
    if lowest >= highest:
        return f".lowest is {lowest:g} Hz, expected less than highest, {highest:g}"
    if hop_samples(settings) < 1:
        return f".hop is {settings['hop']:g} s, expected at least one sample, {0.5 / half:g} s"
    if settings["hop"] > settings["window"]:
        return (
            f".hop is {settings['hop']:g} s, expected at most window, {settings['window']:g} s, or sound "
            "would be left out; lower it"
        )
    edges, step = band_edges(settings), settings["sample_rate"] / transform_length(settings)
    for band, (low, high) in enumerate(zip(edges, edges[2:], strict=False)):
        # Strictly between its corners, where the triangle is more than zero.
        if (math.floor(low / step) + 1) * step >= high:
            return (
                f".bands is {settings['bands']}, expected bands that hold a frequency each, which are "
                f"{step:g} Hz apart in a window of {settings['window']:g} s, found none in band {band} from "
                f"{low:.0f} to {high:.0f} Hz; lower bands, or raise lowest or window"
            )
    return ""
