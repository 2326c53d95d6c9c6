"""Models for crops of one's own, and the command that they predict with."""

from functools import cache
from pathlib import Path

import torch

from mimamo.cli import main
from mimamo.features.extract import load_network
from mimamo.model.checkpoint import save_checkpoint
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import PAPER_STREAMS, NetworkConfig, StreamSizes
from mimamo.streams import PAPER
from support import weights
from support.fold import NETWORK

#: The section ``spatial`` of the configuration, for pictures of 64 pixels.
SPATIAL = {**weights.SPATIAL, "input_size": 64, "resize": 64}
TRAINING = {"window": 8, "hop": 4, "precision": "float32"}

#: Crops by name: two holes and a missing start, for every policy and for a zeroed difference.
NUMBERS = {"105": [1, 2, 3, 4], "my clip": [*range(3, 16), *range(18, 21), 22]}
LENGTHS = {"105": 4, "my clip": 22}


@cache
def features_of_random_weights() -> dict[str, object]:
    """Return the record of the features that random weights give."""
    return load_network(SPATIAL)[1]


def write_model(
    path: Path,
    seed: int,
    bias: float = 0.0,
    features: dict | None = None,
    width: int = 2048,
    phase_energy: dict | None = None,
    demo: bool | None = None,
    brought: dict[str, tuple[int, dict]] | None = None,
    without: str = "",
    records: dict[str, dict] | None = None,
    **spatial,
) -> Path:
    """Write a checkpoint of random numbers, as if trained on these features.

    Beside the paper's streams, but for the one `without` names, it may have `brought` ones, of so many values
    and with these settings; where their kind is backbone, `records` say what their features are of.
    """
    torch.manual_seed(seed)
    added = [StreamSizes(name, inputs=inputs) for name, (inputs, _) in (brought or {}).items()]
    all_sizes = (PAPER_STREAMS[0], *added, PAPER_STREAMS[1])
    described = [vars(stream) for stream in all_sizes if stream.name != without]
    settings = {**PAPER, **{name: given for name, (_, given) in (brought or {}).items()}}
    sizes = NetworkConfig.from_dict({**NETWORK, "pool5_width": width, "streams": described})
    network = MimamoNet(sizes)
    # Outputs that vary from frame to frame; some models leave the labels' range.
    torch.nn.init.constant_(network.output_norm.weight, 3.0)
    torch.nn.init.constant_(network.output_norm.bias, bias)
    section = {**SPATIAL, **spatial}
    record = {
        **features_of_random_weights(),
        "input_size": section["input_size"],
        "resize": section["resize"],
        **(features or {}),
    }
    save_checkpoint(
        path, network.state_dict(), sizes, training=TRAINING, spatial=section,
        features={"appearance": record, **(records or {})},
        origin={"code": ""}, fold=seed, epoch=1, phase_energy=phase_energy, demo=demo,
        streams={name: given for name, given in settings.items() if name != without},
    )  # fmt: skip
    return path


def predict(crops: Path | str, models: list[Path], out: Path, *options: str) -> int:
    """Run the command; return what it ends with."""
    return main(["predict", str(crops), "--models", *map(str, models), "--out", str(out), *options])
