"""The backbone's weights: where they come from, whether they are the right ones, and what they are called."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import (
    CAFFE,
    RESNET50,
    Form,
    build_network,
    classifier_of,
    torchvision_form,
    torchvision_weights,
)
from mimamo.features.ferplus import names_in_file
from mimamo.storage.download import fetch
from mimamo.storage.files import file_hash, written_whole
from mimamo.storage.tensors import is_state, load_tensors, misfits

logger = logging.getLogger("mimamo.features.weights")

#: The seed of random weights.
SEED = 0

#: Where the ResNet-50 trained on VGGFace2, then FER+, is published; often unreachable.
FERPLUS_URL = "http://www.robots.ox.ac.uk/~albanie/models/pytorch-mcn/resnet50_ferplus_dag.pth"

#: What torchvision once called layers, as some of its own files still do, and what it calls them now.
_RENAMED = (
    (r"(denselayer\d+\.(?:norm|conv))\.([12]\.)", r"\1\2"),
    (r"(encoder_layer_\d+\.mlp)\.linear_1\.", r"\1.0."),
    (r"(encoder_layer_\d+\.mlp)\.linear_2\.", r"\1.3."),
)


@dataclass(frozen=True)
class Weights:
    """What is known about weights, for later stages to record.

    Attributes
    ----------
    name
        ``random (seed 0)``, ``ferplus``, the name of torchvision's weights, or the file's name.
    sha256
        Of the file; of names and values where they come from no file.
    form
        What the weights were trained as.
    """

    name: str
    sha256: str
    form: Form


def load_weights(spatial: Mapping[str, object]) -> tuple[dict[str, Tensor], Weights]:
    """Load the weights that the configuration names, fetched first where they are not there yet.

    Parameters
    ----------
    spatial
        The section of this name of the configuration, of which this reads:

        ``backbone``
            Torchvision's name of the network.
        ``weights``
            ``random``: torchvision's initialisation, seeded; of ResNet-50 He's, with batch norms that do
            nothing, the features are in the tens, and a linear model can read faces from them. No knowledge
            is in them. ``ferplus``: the published ones, ResNet-50 of Caffe's form. ``imagenet``:
            torchvision's. Else the path of a state dict under torchvision's names or, for ResNet-50, those of
            the published file, a classifier in it or not.
        ``sha256``
            What the file's hash must be, or None.
        ``url``, ``cache``
            See `find_file`.

    Returns
    -------
    tuple[dict[str, torch.Tensor], Weights]
        The state for `mimamo.features.backbone.Backbone`, and what to record.

    Raises
    ------
    InputError
        Where a file cannot be had or read, its hash is another one, or names or shapes are not the
        backbone's.
    """
    weights, backbone, sha256 = spatial["weights"], spatial["backbone"], spatial["sha256"]
    if weights == "random":
        if sha256 is not None:
            raise ConfigError(
                "spatial.sha256 is for weights in a file, and spatial.weights is random: set it to null"
            )
        state = _random_state(backbone)
        return state, Weights(f"random (seed {SEED})", _state_hash(state), torchvision_form(backbone))
    path = find_file(spatial)
    found = _hash_of(path)
    expected = sha256 or _known_hash(spatial)
    if not found.startswith(expected.lower()):
        raise InputError(
            f"{path} should have the SHA-256 {expected} and has {found}: delete it to fetch it again, or set "
            "spatial.sha256 to the hash of the file you mean"
        )
    state, form = read_state(path, backbone=backbone)
    published = {"imagenet": str(torchvision_weights(backbone)), "ferplus": "ferplus"}
    name = published.get(weights, path.name)
    logger.info("Weights %s from %s, SHA-256 %s", name, path, found)
    return state, Weights(name, found, form)


def record_weights(spatial: Mapping[str, object], path: Path) -> None:
    """Load the weights that the configuration names, and write their name, hash and form to a JSON file.

    Parameters
    ----------
    spatial
        As for `load_weights`, which also tells what is raised.
    path
        The JSON file.
    """
    _, weights = load_weights(spatial)
    record = {"name": weights.name, "sha256": weights.sha256, "form": weights.form.name}
    with written_whole(path) as fresh:
        fresh.write_text(json.dumps(record, indent=2) + "\n")


# The file -------------------------------------------------------------------------------------------------


def find_file(spatial: Mapping[str, object]) -> Path:
    """Return the file that holds the configured weights, fetched first where it is published and not there.

    Parameters
    ----------
    spatial
        The section of this name of the configuration: ``url`` is another address, or a path, to get published
        weights from; ``cache`` is the folder that keeps those of ``ferplus``. Those of ``imagenet`` are kept
        in torch hub's folder.

    Raises
    ------
    InputError
        Where a published file is not there and cannot be fetched, or what was fetched is something else.
    """
    weights, backbone, url = spatial["weights"], spatial["backbone"], spatial["url"]
    if weights == "ferplus":
        if backbone != RESNET50:
            raise ConfigError(
                f"spatial.weights ferplus is for {RESNET50}, and spatial.backbone is {backbone}: set it to "
                f"{RESNET50}, or spatial.weights to imagenet or the path of a state dict"
            )
        path, published = Path(spatial["cache"]).expanduser() / FERPLUS_URL.rsplit("/", 1)[1], FERPLUS_URL
    elif weights == "imagenet":
        published = torchvision_weights(backbone).url
        path = Path(torch.hub.get_dir()) / "checkpoints" / published.rsplit("/", 1)[1]
    elif url is not None:
        raise ConfigError(
            f"spatial.url is for the weights ferplus or imagenet, and spatial.weights is {weights}: set it "
            "to null, or spatial.weights to ferplus or imagenet"
        )
    else:
        return Path(weights).expanduser()
    if not path.exists():
        # A file that the backbone cannot be built from never gets the name of one that can.
        check = partial(read_state, backbone=backbone)
        fetch(url or published, path, spatial["sha256"] or _known_hash(spatial), check)
    return path


def _known_hash(spatial: Mapping[str, object]) -> str:
    """Return the first digits of the hash of published weights: torchvision's file names end in them."""
    if spatial["weights"] != "imagenet":
        return ""
    return Path(torchvision_weights(spatial["backbone"]).url).stem.split("-")[-1]


def _hash_of(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise InputError(
            f"{path} should be a file of weights and cannot be read ({error.strerror}): set "
            "spatial.weights to random, imagenet, ferplus or the path of such a file"
        ) from error


# Its content ----------------------------------------------------------------------------------------------


def read_state(
    path: Path, called: str | None = None, backbone: str = RESNET50
) -> tuple[dict[str, Tensor], Form]:
    """Read a state dict without running any code in it, and make sure that it is the backbone's.

    Parameters
    ----------
    path
        The file.
    called
        What to call it in a fault, where it does not have its own name yet.
    backbone
        Torchvision's name of the network.

    Returns
    -------
    tuple[dict[str, torch.Tensor], Form]
        The state under torchvision's names, without classifier; and the form that its names in the file tell.

    Raises
    ------
    InputError
        Where the file holds anything but tensors by name, or names or shapes are not the backbone's.
    """
    called = called or str(path)
    advice = "fetch it again, or save it with torch.save(model.state_dict(), …)"
    state = load_tensors(path, "a state dict", advice, called)
    if not is_state(state):
        raise InputError(f"{called}: expected a state dict, tensors by name, found other things; {advice}")
    return _matched(called, {present_name(key): value for key, value in state.items()}, backbone)


def present_name(key: str) -> str:
    """Return what torchvision now calls an entry of a state, on however many GPUs it was trained."""
    key = key.removeprefix("module.")
    for old, new in _RENAMED:
        key = re.sub(old, new, key)
    return key


def _matched(called: str, state: dict[str, Tensor], backbone: str) -> tuple[dict[str, Tensor], Form]:
    """Return `state` as `Backbone` wants it, and its form, or say everything that does not fit."""
    network = build_network(backbone)
    last = f"{classifier_of(network, backbone)}."
    wanted = {key: value for key, value in network.state_dict().items() if not key.startswith(last)}
    form, names = _naming(state, wanted, backbone)
    classifier = "classifier." if form is CAFFE else last
    found = {name: value for name, value in state.items() if not name.startswith(classifier)}
    if told := misfits(found, {name: wanted[key] for key, name in names.items()}):
        raise InputError(
            f"{called} should hold a {backbone} under {form.name}'s names and does not ({told}): rename its "
            "entries, or set spatial.weights to another file or spatial.backbone to another network"
        )
    zero = torch.tensor(0)
    return {key: state.get(name, zero).to(wanted[key].dtype) for key, name in names.items()}, form


def _naming(
    state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], backbone: str
) -> tuple[Form, dict[str, str]]:
    """Return the form that most names in a file belong to, and the name in the file of every wanted key."""
    if backbone == RESNET50:
        published = names_in_file(wanted)
        if len(state.keys() & set(published.values())) > len(state.keys() & wanted.keys()):
            return CAFFE, published
    return torchvision_form(backbone), {key: key for key in wanted}


def _random_state(backbone: str) -> dict[str, Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        network = build_network(backbone, "cpu")
    last = f"{classifier_of(network, backbone)}."
    return {key: value for key, value in network.state_dict().items() if not key.startswith(last)}


def _state_hash(state: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for key, value in state.items():
        digest.update(key.encode())
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()
