"""Extraction of the spatial stream's features: the backbone's pooled activations of every crop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch

from mimamo.audit.records import read_usable
from mimamo.corpus.extraction import Block, Crops, cache_records, find_crops, write_caches
from mimamo.device import deterministic_inference, pick_device, use_bfloat16
from mimamo.errors import InputError
from mimamo.features.backbone import Backbone, BackboneVariant, check_backbone
from mimamo.features.record import ENTRY
from mimamo.features.settings import check_sizes
from mimamo.features.weights import load_weights
from mimamo.storage.frame_cache import all_finite, feature_dtype

logger = logging.getLogger("mimamo.features.extract")


def features_batch(
    keys: Mapping[str, str],
    audit: Path,
    spatial: Mapping[str, object],
    data: Mapping[str, object],
    root: str,
    folder: Path,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write the pooled features of those names of a batch that have no cache with their key.

    Parameters
    ----------
    keys
        The key of every name of the batch, see `mimamo.storage.name_records`.
    audit
        The folder of the audit's records, which list the usable crops.
    spatial, data
        The sections ``spatial`` and ``data`` of the configuration.
    root
        The data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.feature_dtype` for every name,
        and its record, with that of what it was computed with (see `mimamo.features.record`).
    about
        What else is recorded: code and settings.

    Raises
    ------
    InputError
        Where the weights, or a crop that the audit could read, cannot be read.
    """
    if not (names := cache_records(folder).pending(keys)):
        return
    network, weights = load_network(spatial)
    batch = find_crops(read_usable(audit, names), data, root)
    rows = partial(feature_rows, network, spatial=spatial)
    write_caches(batch, keys, folder, feature_dtype(network.width), rows, {**(about or {}), ENTRY: weights})


def load_network(spatial: Mapping[str, object]) -> tuple[Backbone, dict[str, object]]:
    """Build the network that the section ``spatial`` of the configuration describes, on the available device.

    Returns
    -------
    tuple[Backbone, dict]
        The network, and the record of all that its features depend on: ``backbone``, name and hash of the
        weights, the name of their `mimamo.features.backbone.BackboneVariant`, ``input_size``, ``resize`` and
        ``precision``.

    Raises
    ------
    InputError
        Where the weights cannot be loaded, or the sizes do not suit each other or the backbone.
    """
    device = pick_device()
    state, weights = load_weights(spatial)
    input_size, resize = input_sizes(spatial, weights.variant)
    check_backbone(spatial["backbone"], input_size)
    network = Backbone(state, spatial["backbone"], weights.variant).to(device)
    if bfloat16 := use_bfloat16(spatial["precision"], device):
        network.lower_precision()
    record = {
        "backbone": spatial["backbone"],
        "name": weights.name,
        "sha256": weights.sha256,
        "form": weights.variant.name,
        "input_size": input_size,
        "resize": resize,
        "precision": "bfloat16" if bfloat16 else "float32",
    }
    logger.info(
        "%s with weights %s on %s in %s", spatial["backbone"], weights.name, device, record["precision"]
    )
    return network, record


def input_sizes(spatial: Mapping[str, object], variant: BackboneVariant) -> tuple[int, int]:
    """Return ``input_size`` and ``resize`` of the configuration, or what the weights were trained with.

    Where only ``input_size`` is set, the same share of a crop is cut out as in training.
    """
    size = spatial["input_size"] or variant.input_size
    resize = spatial["resize"] or round(size * variant.resize / variant.input_size)
    check_sizes(size, resize)
    return size, resize


def feature_rows(network: Backbone, crops: Crops, spatial: Mapping[str, object]) -> Iterator[Block]:
    """Yield the features of one name's crops as blocks of rows of `mimamo.storage.frame_cache.feature_dtype`.

    Parameters
    ----------
    network
        The network, from `load_network`.
    crops
        The crops.
    spatial
        The section of the configuration that the network was built from.

    Raises
    ------
    InputError
        Where a crop cannot be read, or features do not fit in half precision.
    """
    sizes = input_sizes(spatial, network.variant)
    for numbers, images in crops.blocks(spatial["batch_size"]):
        values = pool5(network, prepare(images, *sizes, network.variant.bicubic))
        if fault := _fault(values):
            raise InputError(
                f"{crops.folder}: the features of the crops {numbers[0]} to {numbers[-1]} should be numbers "
                f"that fit in half precision, found {fault}, as weights give that are not those of a trained "
                "network: set spatial.weights to others"
            )
        yield numbers, {"pool5": values}


def _fault(values: np.ndarray) -> str:
    """Return what features in half precision hold that they must not; empty where they are in order."""
    if not all_finite(values):
        return "values that are no numbers" if np.isnan(values).any() else "larger ones"
    return "" if values.any() else "zeros alone"


def prepare(crops: Iterable[np.ndarray], size: int, resize: int, bicubic: bool = False) -> np.ndarray:
    """Resize crops, and cut out their centre at the network's input size.

    Parameters
    ----------
    crops
        (height, width, 3) RGB, uint8.
    size
        Width and height of the input.
    resize
        Length of a crop's shorter side after resizing, before its centre is cut out; at least `size`. Where
        they are equal, nothing of a square crop is cut off; most networks were trained with 256 for 224.
    bicubic
        Whether crops are enlarged with bicubic instead of linear interpolation.

    Returns
    -------
    numpy.ndarray
        (n, size, size, 3) uint8.
    """
    return np.stack([_resize_and_crop(crop, size, resize, bicubic) for crop in crops])


def _resize_and_crop(crop: np.ndarray, size: int, resize: int, bicubic: bool) -> np.ndarray:
    """Resize one crop and cut out its centre: (size, size, 3) uint8, see `prepare`."""
    height, width = crop.shape[:2]
    scale = resize / min(height, width)
    shape = (round(width * scale), round(height * scale))
    # Averaging over areas avoids aliasing; it cannot enlarge.
    enlargement = cv2.INTER_CUBIC if bicubic else cv2.INTER_LINEAR
    resized = cv2.resize(crop, shape, interpolation=cv2.INTER_AREA if scale < 1 else enlargement)
    left, top = (shape[0] - size) // 2, (shape[1] - size) // 2
    return resized[top : top + size, left : left + size]


def pool5(network: Backbone, images: np.ndarray) -> np.ndarray:
    """Return the features (n, width) float16 of prepared images (n, size, size, 3), deterministically."""
    pixels = torch.from_numpy(images).to(next(network.parameters()).device)
    with deterministic_inference():
        return network(pixels).half().cpu().numpy()
