"""Backbones of timm (https://github.com/huggingface/pytorch-image-models), where it is installed, by name.

Nothing is ever fetched: weights are those of a state dict, or random.
"""

from __future__ import annotations

import difflib
import math
from functools import cache
from types import ModuleType

import torch
from torch import nn

from mimamo.errors import ConfigError
from mimamo.features.settings import TIMM
from mimamo.features.variants import BackboneVariant


def timm_name(backbone: str) -> str:
    """Return timm's name of a network, without the prefix that says that it is one of timm's.

    Raises
    ------
    ConfigError
        Where timm is not installed, or has no such network.
    """
    timm, name = _import_timm(backbone), backbone.removeprefix(TIMM)
    architecture, _, tag = name.partition(".")
    # Of a tag timm knows how the weights were trained, which says how crops are prepared.
    known = timm.list_pretrained(f"{architecture}.*") if tag else timm.list_models()
    if name not in known:
        everything = known or [*timm.list_models(), *timm.list_pretrained()]
        close = difflib.get_close_matches(name, everything, n=3, cutoff=0.4) or everything[:3]
        raise ConfigError(
            f"spatial.backbone should be {TIMM} and the name of one of timm's networks and is {backbone}: "
            f"set it to another one, such as {', '.join(TIMM + other for other in close)}"
        )
    return name


def _import_timm(backbone: str) -> ModuleType:
    """Return timm; raise ConfigError where it is not installed."""
    try:
        import timm
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"spatial.backbone {backbone} is one of the package timm, which is not installed: run pip "
            "install '.[timm]' in the project's folder, or set it to one of torchvision's classifiers"
        ) from error
    return timm


def timm_network(backbone: str, device: str, classifier: bool) -> nn.Module:
    """Return timm's network with or without its classifier; on the device ``meta`` without values in memory.

    Raises
    ------
    ConfigError
        As for `timm_name`.
    """
    name, options = timm_name(backbone), {} if classifier else {"num_classes": 0}
    with torch.device(device):
        return _import_timm(backbone).create_model(name, pretrained=False, **options)


@cache
def timm_variant(backbone: str) -> BackboneVariant:
    """Return how timm prepares the input of a network.

    Raises
    ------
    ConfigError
        As for `timm_name`, and where the network sees anything but square pictures of three channels.
    """
    network = timm_network(backbone, "meta", classifier=False)
    preset = _import_timm(backbone).data.resolve_data_config({}, model=network)
    channels, height, width = preset["input_size"]
    if channels != 3 or height != width:
        raise ConfigError(
            f"spatial.backbone should be a network of square pictures with three channels, and {backbone} "
            f"sees {channels} × {height} × {width}: set it to another one"
        )
    return BackboneVariant(
        "timm",
        1.0,
        tuple(preset["mean"]),
        tuple(preset["std"]),
        input_size=height,
        resize=math.floor(height / preset["crop_pct"]),
        bicubic=preset["interpolation"] == "bicubic",
    )
