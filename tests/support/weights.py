"""Spatial networks for the tests: settings for small pictures, and weights that nobody has to fetch."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mimamo.features.weights import Weights, load_weights

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
#: What the published file of ResNet-50 is called.
FERPLUS_FILE = "resnet50_ferplus_dag.pth"
#: Blocks of the stages of ResNet-50, as the published file counts them.
BLOCKS = {2: 3, 3: 4, 4: 6, 5: 3}


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


def ferplus_layers():
    """The name, kernel size, and channels in and out of every convolution."""
    yield "conv1_7x7_s2", 7, 3, 64
    wide = 64
    for stage, blocks in BLOCKS.items():
        narrow = 64 * 2 ** (stage - 2)
        for block in range(1, blocks + 1):
            name = f"conv{stage}_{block}"
            if block == 1:
                yield f"{name}_1x1_proj", 1, wide, 4 * narrow
            yield f"{name}_1x1_reduce", 1, wide, narrow
            yield f"{name}_3x3", 3, narrow, narrow
            yield f"{name}_1x1_increase", 1, narrow, 4 * narrow
            wide = 4 * narrow


def ferplus_state() -> dict[str, torch.Tensor]:
    """Random numbers under the published names; norms that do something, and do not let features explode."""
    generator = torch.Generator().manual_seed(5)
    state = {}
    for name, kernel, before, after in ferplus_layers():
        spread = (2 / (before * kernel**2)) ** 0.5
        state[f"{name}.weight"] = torch.randn(after, before, kernel, kernel, generator=generator) * spread
        state[f"{name}_bn.weight"] = 0.3 + 0.5 * torch.rand(after, generator=generator)
        state[f"{name}_bn.bias"] = 0.1 * torch.randn(after, generator=generator)
        state[f"{name}_bn.running_mean"] = 0.1 * torch.randn(after, generator=generator)
        # Small ones too: with them the constant that is added to the variance shows.
        state[f"{name}_bn.running_var"] = 10 ** (4 * torch.rand(after, generator=generator) - 4)
        # Keeps the sums of 16 blocks in bounds.
        state[f"{name}_bn.weight"] *= state[f"{name}_bn.running_var"].sqrt()
    state["classifier.weight"] = torch.randn(8, 2048, 1, 1, generator=generator)
    state["classifier.bias"] = torch.zeros(8)
    return state


def load(weights: str, sha256: str | None = None) -> tuple[dict[str, torch.Tensor], Weights]:
    """Load weights of ResNet-50."""
    return load_weights({**SPATIAL, "weights": weights, "sha256": sha256})


def pictures(count: int, size: int = 64, seed: int = 0) -> np.ndarray:
    """Draw pictures of random pixels."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, 3), np.uint8)


def section(backbone: str, weights: object, size: int | None = 64) -> dict:
    """Return the section ``spatial`` of another backbone, for pictures of `size` pixels."""
    return {**SPATIAL, "backbone": backbone, "weights": str(weights), "input_size": size, "resize": size}
