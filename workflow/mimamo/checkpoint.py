"""Checkpoints: a network's weights together with everything needed to use them."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from mimamo.device import use_bfloat16
from mimamo.errors import InputError
from mimamo.files import save_tensors
from mimamo.network import MimamoNet, NetworkConfig

#: Raised when the layout of a checkpoint changes.
FORMAT = 1
_KEYS = {"format", "fold", "epoch", "network", "training", "spatial", "weights"}


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and what it was trained with.

    Attributes
    ----------
    network
        The network, in evaluation mode.
    training, spatial
        The configuration of its training, and of the features it was trained on.
    fold, epoch
        Where the weights come from.
    """

    network: MimamoNet
    training: dict
    spatial: dict
    fold: int
    epoch: int


def save_checkpoint(
    path: Path,
    weights: dict[str, Tensor],
    network: NetworkConfig,
    training: dict,
    spatial: dict,
    fold: int,
    epoch: int,
) -> None:
    """Write a checkpoint of tensors and plain values, whole or not at all."""
    content = {
        "format": FORMAT,
        "fold": fold,
        "epoch": epoch,
        "network": network.as_dict(),
        "training": training,
        "spatial": spatial,
        "weights": {name: value.cpu().contiguous() for name, value in weights.items()},
    }
    save_tensors(content, path)


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint without executing anything in it.

    Raises
    ------
    InputError
        Where the file is missing, is not a checkpoint of this project, or holds more than tensors and plain
        values.
    """
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except FileNotFoundError:
        raise InputError(
            f"{path}: there is no such checkpoint; train the fold first or correct the path"
        ) from None
    except OSError as error:
        raise InputError(
            f"{path}: expected the file of a checkpoint, found {error.strerror or error}; give one such as "
            "results/train/fold0/model.pt"
        ) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise InputError(
            f"{path}: expected a checkpoint of tensors and plain values, found something else "
            f"({(str(error).splitlines() or ['nothing'])[0]}); it was not executed. Train the fold again "
            "or get the file again"
        ) from None
    if not isinstance(content, dict) or not content.keys() >= _KEYS:
        raise InputError(f"{path}: expected a checkpoint with the entries {', '.join(sorted(_KEYS))}")
    if content["format"] != FORMAT:
        raise InputError(f"{path}: has checkpoint format {content['format']}, this version reads {FORMAT}")
    network = MimamoNet(NetworkConfig.from_dict(content["network"]), content["training"]["streams"])
    network.load_state_dict(content["weights"])
    network.to(device, memory_format=torch.channels_last).eval()
    network.temporal.bfloat16 = use_bfloat16(content["training"]["precision"], torch.device(device))
    return Checkpoint(network, content["training"], content["spatial"], content["fold"], content["epoch"])
