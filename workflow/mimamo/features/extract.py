"""Extraction of the spatial stream's features: the backbone's pooled activations of every crop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch

from mimamo.audit.records import read_usable
from mimamo.corpus.extraction import Block, Crops, cache_records, find_crops, write_caches
from mimamo.device import (
    HostCopy,
    deterministic_inference,
    pick_device,
    reading_threads,
    to_device,
    use_bfloat16,
)
from mimamo.errors import InputError
from mimamo.features.backbone import Backbone, check_backbone
from mimamo.features.preparation import BlockReader, Preparation, block_reader
from mimamo.features.record import ENTRY
from mimamo.features.settings import check_sizes
from mimamo.features.variants import BackboneVariant
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
    others: Iterable[Path] = (),
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
    others
        Such folders of other runs, whose caches with the same keys are taken over.

    Raises
    ------
    InputError
        Where the weights, or a crop that the audit could read, cannot be read.
    """
    records = cache_records(folder)
    records.take_over(keys, others)
    if not (names := records.pending(keys)):
        return
    network, weights = load_network(spatial)
    batch, dtype = find_crops(read_usable(audit, names), data, root), feature_dtype(network.width)
    about = {**(about or {}), ENTRY: weights}
    with block_reader(batch, preparation_of(network, spatial), reading_threads(pick_device())) as read:
        rows = partial(feature_rows, network, spatial=spatial, read=read)
        write_caches(batch, keys, folder, dtype, rows, about)


def load_network(spatial: Mapping[str, object]) -> tuple[Backbone, dict[str, object]]:
    """Build the network that the section ``spatial`` of the configuration describes, on the available device.

    Returns
    -------
    tuple[Backbone, dict]
        The network, and the record of all that its features depend on: ``backbone``, name and hash of the
        weights, the name of their `mimamo.features.variants.BackboneVariant`, ``input_size``, ``resize`` and
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


def feature_rows(
    network: Backbone, crops: Crops, spatial: Mapping[str, object], read: BlockReader | None = None
) -> Iterator[Block]:
    """Yield the features of one name's crops as blocks of rows of `mimamo.storage.frame_cache.feature_dtype`.

    Parameters
    ----------
    network
        The network, from `load_network`.
    crops
        The crops.
    spatial
        The section of the configuration that the network was built from.
    read
        What reads the crops; by default each block is read when it is wanted.

    Raises
    ------
    InputError
        Where a crop cannot be read, or features do not fit in half precision.
    """
    previous = None
    for numbers, images in (read or preparation_of(network, spatial).blocks)(crops):
        # Begun before the block before it is fetched, so that a GPU always has work.
        begun = numbers, begin_pool5(network, images)
        if previous is not None:
            yield _rows(crops, *previous)
        previous = begun
    if previous is not None:
        yield _rows(crops, *previous)


def preparation_of(network: Backbone, spatial: Mapping[str, object]) -> Preparation:
    """Return how crops become the input of a network, from the section that it was built from."""
    size, resize = input_sizes(spatial, network.variant)
    return Preparation(size, resize, network.variant.bicubic, spatial["batch_size"])


def _rows(crops: Crops, numbers: np.ndarray, values: HostCopy) -> Block:
    """Return the rows of a block of crops; raise InputError where they do not fit in half precision."""
    fetched = values.fetch().numpy()
    if fault := _fault(fetched):
        raise InputError(
            f"{crops.folder}: the features of the crops {numbers[0]} to {numbers[-1]} should be numbers "
            f"that fit in half precision, found {fault}, as weights give that are not those of a trained "
            "network: set spatial.weights to others"
        )
    return numbers, {"pool5": fetched}


def _fault(values: np.ndarray) -> str:
    """Return what features in half precision hold that they must not; empty where they are in order."""
    if not all_finite(values):
        return "values that are not numbers" if np.isnan(values).any() else "larger ones"
    return "" if values.any() else "zeros alone"


def begin_pool5(network: Backbone, images: np.ndarray) -> HostCopy:
    """Begin to compute the features (n, width) float16 of prepared images (n, size, size, 3).

    On a GPU this returns while the work is queued; the results do not depend on that.
    """
    pixels = to_device(torch.from_numpy(images), next(network.parameters()).device)
    with deterministic_inference():
        return HostCopy(network(pixels).half())


def pool5(network: Backbone, images: np.ndarray) -> np.ndarray:
    """Return the features (n, width) float16 of prepared images (n, size, size, 3), deterministically."""
    return begin_pool5(network, images).fetch().numpy()
