"""The backbone's weights: fetching, verifying and loading state dicts, and naming them for records."""

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

from mimamo.errors import InputError
from mimamo.features.backbone import (
    RESNET50,
    build_extractor,
    build_network,
    check_backbone,
    classifier_prefixes,
    torchvision_weights,
    variant_of,
)
from mimamo.features.ferplus import names_in_file
from mimamo.features.settings import (
    FERPLUS,
    FERPLUS_BACKBONE,
    IMAGENET,
    RANDOM,
    check_spatial,
    settings_of,
)
from mimamo.features.variants import CAFFE, BackboneVariant
from mimamo.storage.download import fetch
from mimamo.storage.files import atomic_write, file_hash
from mimamo.storage.paths import describe_error
from mimamo.storage.tensors import is_state_dict, load_tensors, nonfinite_entries, state_dict_mismatches
from mimamo.streams import Settings

logger = logging.getLogger("mimamo.features.weights")

#: Random seed of weights ``random``.
SEED = 0

#: Address of the published ResNet-50 trained on VGGFace2, then FER+; often unreachable.
FERPLUS_URL = "http://www.robots.ox.ac.uk/~albanie/models/pytorch-mcn/resnet50_ferplus_dag.pth"

#: Torchvision's former names of layers, which some of its own files still have, and the current names.
_RENAMED = (
    (r"(denselayer\d+\.(?:norm|conv))\.([12]\.)", r"\1\2"),
    (r"(encoder_layer_\d+\.mlp)\.linear_1\.", r"\1.0."),
    (r"(encoder_layer_\d+\.mlp)\.linear_2\.", r"\1.3."),
)


@dataclass(frozen=True)
class Weights:
    """Identity of the weights, for later stages to record.

    Attributes
    ----------
    name
        ``random (seed 0)``, ``ferplus``, the name of torchvision's weights, or the file's name.
    sha256
        Of the file; of the state's keys and values where there is no file.
    variant
        The variant of the network that the weights were trained in.
    """

    name: str
    sha256: str
    variant: BackboneVariant


def load_weights(spatial: Mapping[str, object]) -> tuple[dict[str, Tensor], Weights]:
    """Load the weights that the configuration names, and fetch them first where necessary.

    Parameters
    ----------
    spatial
        The section ``spatial`` of the configuration, of which these keys are read:

        ``backbone``
            Torchvision's name of the network, or ``timm:`` and timm's.
        ``weights``
            ``random``: torchvision's or timm's initialisation, seeded; for ResNet-50 that is He's, with batch
            norms as identities, whose features have values in the tens, from which a linear model can learn
            about faces. They are untrained. ``ferplus``: the published ones, ResNet-50 of Caffe's variant.
            ``imagenet``: torchvision's. Else the path of a state dict under the network's names or, for
            ResNet-50, those of the published file, with or without a classifier.
        ``sha256``
            The SHA-256 that the file must have, or its first digits, or None.
        ``url``, ``cache``
            See `find_file`.

    Returns
    -------
    tuple[dict[str, torch.Tensor], Weights]
        The state for `mimamo.features.backbone.Backbone`, and what to record.

    Raises
    ------
    InputError
        Where a file cannot be fetched or read, has another hash, or has names or shapes other than the
        backbone's.
    """
    check_spatial(spatial)
    weights, backbone, sha256 = spatial["weights"], spatial["backbone"], spatial["sha256"]
    if weights == RANDOM:
        state = _random_state(backbone)
        return state, Weights(f"random (seed {SEED})", _state_hash(state), variant_of(backbone))
    path = find_file(spatial)
    digest = _hash_of(path)
    expected = sha256 or _known_hash(spatial)
    if not digest.startswith(expected.lower()):
        raise InputError(
            f"{path} should have the SHA-256 {expected} and has {digest}: delete it to download it again, or "
            "set spatial.sha256 to the hash of the file you mean"
        )
    state, variant = read_state(path, backbone=backbone)
    if weights == IMAGENET:
        name = str(torchvision_weights(backbone))
    else:
        name = FERPLUS if weights == FERPLUS else path.name
    logger.info("Weights %s from %s, SHA-256 %s", name, path, digest)
    return state, Weights(name, digest, variant)


def check_network(spatial: Settings, where: str = "spatial") -> None:
    """Check before any job that features can be computed by a section ``spatial``.

    Nothing is fetched and no network is run. The default network is not looked at, as it takes any size and
    to build it would take seconds whenever the workflow is called.

    Parameters
    ----------
    spatial
        The section.
    where
        Where it is set, see `mimamo.streams.section_of_stage`.

    Raises
    ------
    InputError
        Where there is no such network, it takes no images of the size, or a state dict does not fit it.
    """
    if spatial["backbone"] == FERPLUS_BACKBONE:
        return
    with settings_of(where):
        check_backbone(spatial["backbone"], spatial["input_size"])
        if spatial["weights"] not in (RANDOM, FERPLUS, IMAGENET):
            read_state(Path(spatial["weights"]).expanduser(), backbone=spatial["backbone"])


def record_weights(spatial: Mapping[str, object], path: Path) -> None:
    """Load the weights that the configuration names, and write their name, hash and variant to a JSON file.

    Parameters
    ----------
    spatial
        As for `load_weights`, which also documents the errors.
    path
        The JSON file.
    """
    _, weights = load_weights(spatial)
    record = {"name": weights.name, "sha256": weights.sha256, "form": weights.variant.name}
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(record, indent=2) + "\n")


# The file -------------------------------------------------------------------------------------------------


def find_file(spatial: Mapping[str, object]) -> Path:
    """Return the path of the configured weights, fetched first where they are published and not there yet.

    Parameters
    ----------
    spatial
        The section ``spatial`` of the configuration: ``url`` is another address, or a path, to fetch
        published weights from; ``cache`` is the folder for those of ``ferplus``. Those of ``imagenet`` are
        stored in torch hub's folder.

    Raises
    ------
    InputError
        Where a published file is not there and cannot be fetched, or the fetched file is not as expected.
    """
    backbone, url = spatial["backbone"], spatial["url"]
    path = weights_path(spatial)
    published = _published_url(spatial)
    if published and not path.exists():
        # A file is only moved to its final path once the backbone can be built from it.
        check = partial(read_state, backbone=backbone)
        fetch(url or published, path, spatial["sha256"] or _known_hash(spatial), check)
    return path


def weights_path(spatial: Mapping[str, object]) -> Path:
    """Return the path of the configured weights, or the one that they are fetched to; see `find_file`."""
    check_spatial(spatial)
    file = _published_url(spatial).rsplit("/", 1)[-1]
    if spatial["weights"] == FERPLUS:
        return Path(spatial["cache"]).expanduser() / file
    if spatial["weights"] == IMAGENET:
        return Path(torch.hub.get_dir()) / "checkpoints" / file
    return Path(spatial["weights"]).expanduser()


def _published_url(spatial: Mapping[str, object]) -> str:
    """Return the address of published weights, or "" for a file of one's own."""
    if spatial["weights"] == FERPLUS:
        return FERPLUS_URL
    return torchvision_weights(spatial["backbone"]).url if spatial["weights"] == IMAGENET else ""


def _known_hash(spatial: Mapping[str, object]) -> str:
    """Return the first digits of the hash of published weights, which end torchvision's file names, or ""."""
    if spatial["weights"] != "imagenet":
        return ""
    return Path(torchvision_weights(spatial["backbone"]).url).stem.split("-")[-1]


def _hash_of(path: Path) -> str:
    """Return the SHA-256 of a file of weights; raise InputError where it cannot be read."""
    try:
        return file_hash(path)
    except OSError as error:
        raise InputError(
            f"{path} should be a file of weights, found {describe_error(path, error)}: set "
            "spatial.weights to random, imagenet, ferplus or the path of such a file"
        ) from error


# The content ---------------------------------------------------------------------------------------------


def read_state(
    path: Path, called: str | None = None, backbone: str = RESNET50
) -> tuple[dict[str, Tensor], BackboneVariant]:
    """Read a state dict without executing any code in it, and make sure that it fits the backbone.

    Parameters
    ----------
    path
        The file.
    called
        The file's name in error messages, where it is not at its final path yet; `path` by default.
    backbone
        The network's name.

    Returns
    -------
    tuple[dict[str, torch.Tensor], BackboneVariant]
        The state under the network's names, without classifier; and the variant of its names.

    Raises
    ------
    InputError
        Where the file holds anything but tensors by name, values that are not finite numbers, or names or
        shapes other than the backbone's.
    """
    called = called or str(path)
    advice = "download it again, or save it with torch.save(model.state_dict(), …)"
    state = load_tensors(path, "a state dict", advice, called)
    if not is_state_dict(state):
        raise InputError(f"{called}: expected a state dict, tensors by name, found other things; {advice}")
    if faulty := nonfinite_entries(state):
        raise InputError(
            f"{called}: expected a state dict of numbers, found others in {len(faulty)} entries, the first "
            f"{faulty[0]}, so the file is damaged or of a training that diverged; {advice}"
        )
    return _match_backbone(called, {current_name(key): value for key, value in state.items()}, backbone)


def current_name(key: str) -> str:
    """Return torchvision's current name of a key, without the prefix of multi-GPU training."""
    key = key.removeprefix("module.")
    for old, new in _RENAMED:
        key = re.sub(old, new, key)
    return key


def _match_backbone(
    called: str, state: dict[str, Tensor], backbone: str
) -> tuple[dict[str, Tensor], BackboneVariant]:
    """Return `state` as `Backbone` expects it, and its variant; raise InputError with all mismatches."""
    wanted = build_extractor(backbone).state_dict()
    variant, names = _match_names(state, wanted, backbone)
    classifier = "classifier." if variant is CAFFE else classifier_prefixes(backbone)
    found = {name: value for name, value in state.items() if not name.startswith(classifier)}
    if mismatches := state_dict_mismatches(found, {name: wanted[key] for key, name in names.items()}):
        raise InputError(
            f"{called} should hold a {backbone} under {variant.name}'s names and does not ({mismatches}): "
            "rename its entries, or set spatial.weights to another file "
            "or spatial.backbone to another network"
        )
    zero = torch.tensor(0)
    return {key: state.get(name, zero).to(wanted[key].dtype) for key, name in names.items()}, variant


def _match_names(
    state: Mapping[str, Tensor], wanted: Mapping[str, Tensor], backbone: str
) -> tuple[BackboneVariant, dict[str, str]]:
    """Return the variant of most names in a state, and the name in the state of every wanted key."""
    if backbone == RESNET50:
        published = names_in_file(wanted)
        if len(state.keys() & set(published.values())) > len(state.keys() & wanted.keys()):
            return CAFFE, published
    return variant_of(backbone), {key: key for key in wanted}


def _random_state(backbone: str) -> dict[str, Tensor]:
    """Return the seeded initialisation of a backbone, without classifier."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        state = build_network(backbone, "cpu").state_dict()
    return {key: state[key] for key in build_extractor(backbone).state_dict()}


def _state_hash(state: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of a state's keys and values."""
    digest = hashlib.sha256()
    for key, value in state.items():
        digest.update(key.encode())
        digest.update(value.numpy().tobytes())
    return digest.hexdigest()
