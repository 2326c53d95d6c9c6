"""Checks of the configuration's section ``spatial`` that need no network, before any job runs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mimamo.errors import ConfigError, InputError
from mimamo.streams import Settings, backbone_streams, spatial_of

#: The weights that need no path, and the backbone that the published ones are for.
RANDOM, FERPLUS, IMAGENET = "random", "ferplus", "imagenet"
FERPLUS_BACKBONE = "resnet50"
#: What the names of backbones of the package timm begin with.
TIMM = "timm:"


@contextmanager
def settings_of(where: str) -> Iterator[None]:
    """Raise what is said of the section ``spatial`` as of the place where a stream has settings of its own.

    Parameters
    ----------
    where
        Such as ``streams.other``, see `mimamo.streams.section_of_stage`.
    """
    try:
        yield
    except InputError as error:
        raise type(error)(re.sub(r"(?<!\S)spatial\.(?=[a-z])", f"{where}.", str(error))) from error


def check_spatial(spatial: Mapping[str, object]) -> None:
    """Check that the settings of weights and sizes go together, and that a file of weights exists.

    Parameters
    ----------
    spatial
        The section ``spatial`` of the configuration.

    Raises
    ------
    ConfigError
        With the key, what was expected and what was found.
    """
    weights, backbone = str(spatial["weights"]), spatial["backbone"]
    if weights == RANDOM and spatial["sha256"] is not None:
        raise ConfigError(
            "spatial.sha256 is for weights in a file, and spatial.weights is random: set it to null"
        )
    if weights == FERPLUS and backbone != FERPLUS_BACKBONE:
        raise ConfigError(
            f"spatial.weights ferplus is for {FERPLUS_BACKBONE}, and spatial.backbone is {backbone}: set it "
            f"to {FERPLUS_BACKBONE}, or spatial.weights to imagenet or the path of a state dict"
        )
    if weights == IMAGENET and str(backbone).startswith(TIMM):
        raise ConfigError(
            f"spatial.weights imagenet is for torchvision's networks, and spatial.backbone is {backbone}: "
            "set spatial.weights to random or the path of a state dict, because timm's weights are not "
            "downloaded"
        )
    if weights not in (FERPLUS, IMAGENET) and spatial["url"] is not None:
        raise ConfigError(
            f"spatial.url is for the weights ferplus or imagenet, and spatial.weights is {weights}: set it "
            "to null, or spatial.weights to ferplus or imagenet"
        )
    if weights not in (RANDOM, FERPLUS, IMAGENET):
        _check_file(Path(weights).expanduser())
    size, resize = spatial["input_size"], spatial["resize"]
    if size is not None and resize is not None:
        check_sizes(int(size), int(resize))


def check_backbones(streams: Mapping[str, Settings], spatial: Settings) -> None:
    """Check the section ``spatial`` as `check_spatial` does, and what holds for every stream of a backbone.

    Raises
    ------
    ConfigError
        As `check_spatial`, with the key of the stream where that has settings of its own.
    """
    check_spatial(spatial)
    for stream, settings in backbone_streams(streams).items():
        with settings_of(f"streams.{stream}"):
            check_spatial(spatial_of(settings, spatial))


def _check_file(path: Path) -> None:
    """Raise ConfigError where a file of weights is not there or cannot be read."""
    if not path.is_file() or not os.access(path, os.R_OK):
        state = "a folder" if path.is_dir() else "no file that can be read" if path.exists() else "nothing"
        raise ConfigError(
            f"{path} should be a file of weights, found {state} there: set spatial.weights to random, "
            "ferplus, imagenet or the path of a state dict"
        )


def check_sizes(size: int, resize: int) -> None:
    """Raise ConfigError where a crop would be resized to less than what is cut out of it."""
    if resize < size:
        raise ConfigError(
            f"spatial.resize should be at least spatial.input_size, {size}, and is {resize}: set it to the "
            "same, or to null"
        )
