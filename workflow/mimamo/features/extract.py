"""Extraction of the spatial stream's features: the backbone's pooled activations of every crop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch

from mimamo.corpus.crops import read_crop
from mimamo.corpus.extraction import Block, Crops, find_crops, write_caches
from mimamo.device import (
    HostCopy,
    deterministic_inference,
    pick_device,
    reading_threads,
    to_device,
    use_bfloat16,
)
from mimamo.errors import InputError
from mimamo.features.backbone import Backbone, BackboneVariant, check_backbone
from mimamo.features.record import write_record
from mimamo.features.settings import check_sizes
from mimamo.features.weights import load_weights
from mimamo.storage.ahead import map_ahead
from mimamo.storage.files import atomic_write
from mimamo.storage.frame_cache import all_finite, feature_dtype

logger = logging.getLogger("mimamo.features.extract")

#: Crops that a thread reads at once: with fewer, threads would mostly wait for each other.
CROPS_AT_ONCE = 16


def features_batch(
    names: Iterable[str],
    frames_csv: Path,
    spatial: Mapping[str, object],
    data: Mapping[str, object],
    root: str,
    folder: Path,
) -> None:
    """Write the pooled features of every name of a batch.

    Parameters
    ----------
    names
        The names of the batch.
    frames_csv
        The audit's table ``name,frame`` of usable crops.
    spatial, data
        The sections ``spatial`` and ``data`` of the configuration.
    root
        The data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.feature_dtype` for every name,
        and the record of what they were computed with, see `mimamo.features.record`.

    Raises
    ------
    InputError
        Where the weights, or a crop that the audit could read, cannot be read.
    """
    network, record = load_network(spatial)
    with atomic_write(folder) as fresh:
        fresh.mkdir()
        write_record(fresh, record)
        batch, dtype = find_crops(names, frames_csv, data, root), feature_dtype(network.width)
        write_caches(batch, fresh, dtype, lambda crops: feature_rows(network, crops, spatial))


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
    size, resize = input_sizes(spatial, network.variant)
    read = partial(_read_prepared, crops, size=size, resize=resize, bicubic=network.variant.bicubic)
    blocks = _prepared_blocks(crops, spatial["batch_size"], read, reading_threads(pick_device()))
    previous = None
    for numbers, images in blocks:
        # Begun before the block before it is fetched, so that a GPU always has work.
        begun = numbers, begin_pool5(network, images)
        if previous is not None:
            yield _rows(crops, *previous)
        previous = begun
    if previous is not None:
        yield _rows(crops, *previous)


def _read_prepared(crops: Crops, numbers: np.ndarray, size: int, resize: int, bicubic: bool) -> np.ndarray:
    """Read and prepare the crops of some frames, see `prepare`."""
    return prepare((read_crop(crops.path(int(number))) for number in numbers), size, resize, bicubic)


def _prepared_blocks(
    crops: Crops, size: int, read: Callable[[np.ndarray], np.ndarray], threads: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield frame numbers and prepared crops, `size` at a time, read in `threads` a few at a time."""
    blocks = [crops.frames[start : start + size] for start in range(0, len(crops.frames), size)]
    piece = CROPS_AT_ONCE if threads else size
    pieces = [block[start : start + piece] for block in blocks for start in range(0, len(block), piece)]
    images = map_ahead(read, pieces, threads, ahead=threads + 2 * -(-size // piece))
    # Closed at once where a block fails, or threads would go on reading.
    with closing(images):
        for numbers in blocks:
            parts = list(islice(images, -(-len(numbers) // piece)))
            yield numbers, parts[0] if len(parts) == 1 else np.concatenate(parts)


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
