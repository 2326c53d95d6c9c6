"""ResNet-50 up to its pooled features, with weights whose origin is known.

He et al., "Deep residual learning for image recognition" (2016), in torchvision's form and with its names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import ResNet50_Weights, resnet50

from mimamo.errors import ConfigError, InputError

#: Values per crop.
WIDTH = 2048

#: The mean and spread of red, green and blue in ImageNet, of values from 0 to 1: what torchvision's weights
#: expect.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

#: V1, not V2: training with smoothed labels made V2 a better classifier, and its features less general.
IMAGENET = ResNet50_Weights.IMAGENET1K_V1

#: The seed of random weights.
SEED = 0


@dataclass(frozen=True)
class Weights:
    """What is known about weights, for later stages to record.

    Attributes
    ----------
    name
        ``random (seed 0)``, the name of torchvision's weights, or the file's name.
    sha256
        Of the file; of names and values where they come from no file.
    """

    name: str
    sha256: str


class Pool5(nn.Module):
    """ResNet-50 without its classifier, each batch norm folded into the convolution before it.

    Parameters
    ----------
    state
        Parameters and statistics under torchvision's names, without ``fc.*``.
    """

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        body = _empty_network()
        body.load_state_dict(state, assign=True)
        _fold_batch_norms(body.eval().requires_grad_(False))
        self.body = nn.Sequential(
            *(child for name, child in body.named_children() if name not in ("avgpool", "fc"))
        )
        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
        self.register_buffer("scale", 1 / (255 * std))
        self.register_buffer("offset", -mean / std)
        self.to(memory_format=torch.channels_last)

    def lower_precision(self) -> Pool5:
        """Let the convolutions compute in bfloat16; input and pooling stay in single precision."""
        self.body.to(torch.bfloat16)
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Return the pooled features.

        Parameters
        ----------
        images
            (n, size, size, 3) RGB, uint8.

        Returns
        -------
        torch.Tensor
            (n, 2048) float32: the mean over the last feature map, after its ReLU.
        """
        # This order of axes in memory, channels last, is the one the convolutions are fastest with.
        pixels = images.permute(0, 3, 1, 2) * self.scale + self.offset
        maps = self.body(pixels.to(next(self.body.parameters()).dtype))
        return maps.float().mean((2, 3))


def load_weights(weights: str, sha256: str | None = None) -> tuple[dict[str, Tensor], Weights]:
    """Load the weights that the configuration names.

    Parameters
    ----------
    weights
        ``random``: seeded He initialisation, with batch norms that do nothing. Its features are in the
        tens, and a linear model can read faces from them; no knowledge is in them. ``imagenet``:
        torchvision's weights, fetched once into torch hub's folder. Else the path of a state dict under
        torchvision's names, a classifier ``fc.*`` in it or not.
    sha256
        What the file's hash must be, or None.

    Returns
    -------
    tuple[dict[str, torch.Tensor], Weights]
        The state for `Pool5`, and what to record.

    Raises
    ------
    InputError
        Where a file cannot be had or read, its hash is another one, or names or shapes are not ResNet-50's.
    """
    if weights == "random":
        if sha256 is not None:
            raise ConfigError(
                "spatial.sha256 is for weights in a file, and spatial.weights is random: set it to null"
            )
        state = _random_state()
        return state, Weights(f"random (seed {SEED})", _state_hash(state))
    path = _imagenet_file() if weights == "imagenet" else Path(weights).expanduser()
    found = _file_hash(path)
    # Torchvision's file names end in the first digits of the hash.
    expected = sha256 or (path.stem.split("-")[-1] if weights == "imagenet" else "")
    if not found.startswith(expected.lower()):
        raise InputError(
            f"{path} should have the SHA-256 {expected} and has {found}: fetch the file again, or set "
            "spatial.sha256 to the hash of the file you mean"
        )
    name = str(IMAGENET) if weights == "imagenet" else path.name
    return _read_state(path), Weights(name, found)


def _empty_network() -> nn.Module:
    """Return a ResNet-50 without classifier and without memory for its parameters."""
    with torch.device("meta"):
        network = resnet50(weights=None)
    network.fc = nn.Identity()
    return network


def _fold_batch_norms(module: nn.Module) -> None:
    """Fold every batch norm into the convolution that stands before it, in all submodules.

    In evaluation a batch norm is a scale and an offset per channel, which the convolution can as well do
    itself.
    """
    children = list(module.named_children())
    for (name, convolution), (norm_name, norm) in pairwise(children):
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, name, fuse_conv_bn_eval(convolution, norm))
            setattr(module, norm_name, nn.Identity())
    for _, child in children:
        _fold_batch_norms(child)


def _random_state() -> dict[str, Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        state = resnet50(weights=None).state_dict()
    return {key: value for key, value in state.items() if not key.startswith("fc.")}


def _imagenet_file() -> Path:
    """Return the file of torchvision's weights, fetched if it is not there yet."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(IMAGENET.url).name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(
                IMAGENET.url, str(path), hash_prefix=path.stem.split("-")[-1], progress=False
            )
        except (OSError, RuntimeError) as error:
            raise InputError(
                f"{path} should hold torchvision's weights {IMAGENET} and could not be fetched ({error}): "
                "put the file there by hand, or set spatial.weights to random or to the path of a state dict"
            ) from error
    return path


def _file_hash(path: Path) -> str:
    try:
        with open(path, "rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path} should be a file of weights for ResNet-50 and cannot be read ({error.strerror}): set "
            "spatial.weights to random, imagenet or the path of such a file"
        ) from error


def _state_hash(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for key, value in state.items():
        digest.update(key.encode())
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()


def _read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict, and make sure that it is ResNet-50's."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    # Damaged files fail in zipfile, pickle or torch, each with exceptions of its own.
    except Exception as error:
        raise InputError(
            f"{path} should be a state dict, tensors by name, and cannot be loaded as one "
            f"({type(error).__name__}): fetch it again, or save it with torch.save(model.state_dict(), …)"
        ) from error
    entries = state.items() if isinstance(state, Mapping) else [(None, state)]
    if not all(isinstance(key, str) and isinstance(value, Tensor) for key, value in entries):
        raise InputError(
            f"{path} should be a state dict, tensors by name, and holds other things: save it with "
            "torch.save(model.state_dict(), …)"
        )
    return _matched(path, {key: value for key, value in state.items() if not key.startswith("fc.")})


def _matched(path: Path, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return `state` as `Pool5` wants it, or say everything that does not fit."""
    wanted = _empty_network().state_dict()
    # A count of training batches, which nothing reads in evaluation and older files lack.
    counts = {key: torch.tensor(0) for key in wanted if key.endswith(".num_batches_tracked")}
    state = {**counts, **state}
    faults = {
        "missing": sorted(wanted.keys() - state.keys()),
        "left over": sorted(state.keys() - wanted.keys()),
        "of another shape": sorted(
            key for key in wanted.keys() & state.keys() if wanted[key].shape != state[key].shape
        ),
    }
    if any(faults.values()):
        told = "; ".join(f"{len(keys)} {what}: {', '.join(keys)}" for what, keys in faults.items() if keys)
        raise InputError(
            f"{path} should hold a ResNet-50 under torchvision's names and does not ({told}): rename its "
            "entries, or name another file in spatial.weights"
        )
    return {key: state[key].to(wanted[key].dtype) for key in wanted}
