"""The names in the published file of ResNet-50 trained on VGGFace2, then FER+: Caffe's."""

from __future__ import annotations

from collections.abc import Iterable

#: What a block's layers are called here, by torchvision's name.
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
    """Return the name in the published file of each of torchvision's keys.

    Parameters
    ----------
    keys
        Of ResNet-50's state, without classifier: ``layer2.0.downsample.1.bias`` and so on.

    Returns
    -------
    dict[str, str]
        ``conv3_1_1x1_proj_bn.bias`` for that one: stages count from the stem, which is the first, and blocks
        from 1.
    """
    return {key: _name(key) for key in keys}


def _name(key: str) -> str:
    module, _, value = key.rpartition(".")
    if module in _STEM:
        return f"{_STEM[module]}.{value}"
    stage, block, layer = module.removeprefix("layer").split(".", 2)
    return f"conv{int(stage) + 1}_{int(block) + 1}_{_LAYERS[layer]}.{value}"
