"""Spatial networks for the tests: settings for small pictures, and weights that nobody has to fetch."""

from __future__ import annotations

import torch
from torch import nn

#: The section ``spatial`` of the configuration, for single precision and pictures of 32 pixels.
SPATIAL = {
    "backbone": "resnet50",
    "weights": "random",
    "sha256": None,
    "url": None,
    "cache": "nowhere",
    "input_size": 32,
    "resize": 32,
    "batch_size": 4,
    "precision": "float32",
}


def stirred(network: nn.Module, seed: int = 3) -> nn.Module:
    """Let a new network tell pictures apart and its norms do something, as those of a trained one do."""
    torch.manual_seed(seed)
    for name, value in network.named_parameters():
        if name.endswith("layer_scale"):
            nn.init.uniform_(value, 0.1, 0.5)
    norms = [module for module in network.modules() if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm))]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.5, 1)
        nn.init.normal_(norm.bias, std=0.1)
    if any(isinstance(norm, nn.BatchNorm2d) for norm in norms):
        for norm in norms:
            norm.momentum = 1.0
        with torch.no_grad():
            network.train()(torch.randn(4, 3, 64, 64))
    return network.eval().requires_grad_(False)
