"""Small networks, and what is put into them."""

import torch

from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig

#: Sizes of a network that runs in no time.
SMALL = NetworkConfig(
    pool5_width=16,
    spatial_width=8,
    temporal_channels=(4, 4, 4),
    temporal_width=8,
    fusion_width=8,
    recurrent_width=4,
)


def stream_features(network: MimamoNet, values: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Feed the golden arrays, which hold the maps of each frame already stacked."""
    spatial = network.spatial(values["pool5"].flatten(0, 1)).unflatten(0, (2, 9))
    levels = (values[f"phase_level{level}"].flatten(0, 1) for level in (1, 2))
    return spatial, network.temporal(*levels).unflatten(0, (2, 9))


def inputs(batch: int, time: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Draw what a small network reads: pool5, and both levels of phase differences."""
    rng = torch.Generator().manual_seed(seed)
    return (
        torch.randn(batch, time, 16, generator=rng),
        torch.randn(batch, time + 11, 2, 48, 48, generator=rng),
        torch.randn(batch, time + 11, 2, 24, 24, generator=rng),
    )


def still(head: str) -> MimamoNet:
    """A small network without dropout."""
    off = {"dropout": 0.0, "fusion_dropout": 0.0, "map_dropout": 0.0}
    torch.manual_seed(0)
    return MimamoNet(NetworkConfig.from_dict({**SMALL.as_dict(), **off, "head": head}))
