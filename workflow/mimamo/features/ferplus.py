"""Parameter names of the published ResNet-50 trained on VGGFace2, then FER+, which are Caffe's."""

from __future__ import annotations

from collections.abc import Iterable

#: Names of a block's layers in the published file, by torchvision's names.
_LAYERS = {
    "conv1": "1x1_reduce",
    "bn1": "1x1_reduce_bn",
    "conv2": "3x3",
    "bn2": "3x3_bn",
    "conv3": "1x1_increase",
    "bn3": "1x1_increase_bn",
    "downsample.0": "1x1_proj",
    "downsample.1": "1x1_proj_bn",
}
_STEM = {"conv1": "conv1_7x7_s2", "bn1": "conv1_7x7_s2_bn"}


def names_in_file(keys: Iterable[str]) -> dict[str, str]:
    """Map torchvision's parameter names to those in the published file.

    Parameters
    ----------
    keys
        Keys of ResNet-50's state dict, without classifier, such as ``layer2.0.downsample.1.bias``.

    Returns
    -------
    dict[str, str]
        The name by key, for that key ``conv3_1_1x1_proj_bn.bias``: stages are counted from the stem, which is
        the first, and blocks from 1.
    """
    return {key: _name_in_file(key) for key in keys}


def _name_in_file(key: str) -> str:
    """Return the name in the published file of one of torchvision's keys."""
    module, _, parameter = key.rpartition(".")
    if module in _STEM:
        return f"{_STEM[module]}.{parameter}"
    stage, block, layer = module.removeprefix("layer").split(".", 2)
    return f"conv{int(stage) + 1}_{int(block) + 1}_{_LAYERS[layer]}.{parameter}"
