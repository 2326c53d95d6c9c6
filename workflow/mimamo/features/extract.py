"""The spatial stream's features: the backbone's pooled activations of every crop."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import torch

from mimamo.corpus.extraction import Block, Crops, find_crops, write_caches
from mimamo.device import pick_device, same_each_time, use_bfloat16
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone, Form
from mimamo.features.record import write_record
from mimamo.features.weights import load_weights
from mimamo.storage.files import written_whole
from mimamo.storage.frame_cache import feature_dtype

logger = logging.getLogger("mimamo.features.extract")


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
        The sections of these names of the configuration.
    root
        The data set's folder.
    folder
        Gets a cache ``<name>.npy`` with rows of `mimamo.storage.frame_cache.feature_dtype` for every name, and the record
        of what they were computed with, see `mimamo.features.record`.

    Raises
    ------
    InputError
        Where the weights, or a crop that the audit could read, cannot be read.
    """
    network, about = load_network(spatial)
    with written_whole(folder) as fresh:
        fresh.mkdir()
        write_record(fresh, about)
        batch, row = find_crops(names, frames_csv, data, root), feature_dtype(network.width)
        write_caches(batch, fresh, row, lambda crops: feature_rows(network, crops, spatial))


def load_network(spatial: Mapping[str, object]) -> tuple[Backbone, dict[str, object]]:
    """Build the network that the section ``spatial`` of the configuration describes, on the device there is.

    Returns
    -------
    tuple[Backbone, dict]
        The network, and all that its features depend on: ``backbone``, name and hash of the weights, the name
        of their `mimamo.features.backbone.Form`, ``input_size``, ``resize`` and ``precision``.

    Raises
    ------
    InputError
        Where the weights cannot be had, or the sizes do not fit together or the backbone.
    """
    device = pick_device()
    state, weights = load_weights(spatial)
    input_size, resize = input_sizes(spatial, weights.form)
    network = Backbone(state, spatial["backbone"], weights.form).to(device)
    if low := use_bfloat16(spatial["precision"], device):
        network.lower_precision()
    _try_size(network, spatial["backbone"], input_size)
    about = {
        "backbone": spatial["backbone"],
        "name": weights.name,
        "sha256": weights.sha256,
        "form": weights.form.name,
        "input_size": input_size,
        "resize": resize,
        "precision": "bfloat16" if low else "float32",
    }
    logger.info(
        "%s with weights %s on %s in %s", spatial["backbone"], weights.name, device, about["precision"]
    )
    return network, about


def _try_size(network: Backbone, backbone: str, size: int) -> None:
    """Find out before any crop is read whether the backbone takes pictures of this size: not all take all."""
    try:
        pool5(network, np.zeros((1, size, size, 3), np.uint8))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ConfigError(
            f"spatial.input_size should be one that {backbone} takes and is {size} "
            f"({' '.join(str(error).split())}): set it to null, which is {network.form.input_size}"
        ) from error


def input_sizes(spatial: Mapping[str, object], form: Form) -> tuple[int, int]:
    """Return ``input_size`` and ``resize`` of the configuration, or what the weights were trained with.

    Where ``input_size`` alone is given, as large a part of a crop is cut out as in training.
    """
    size = spatial["input_size"] or form.input_size
    resize = spatial["resize"] or round(size * form.resize / form.input_size)
    if resize < size:
        raise ConfigError(
            f"spatial.resize should be at least spatial.input_size, {size}, and is {resize}: set it to the "
            "same, or to null"
        )
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
    sizes = input_sizes(spatial, network.form)
    for numbers, images in crops.blocks(spatial["batch_size"]):
        values = pool5(network, prepare(images, *sizes, network.form.cubic))
        if not np.isfinite(values).all() or not values.any():
            raise InputError(
                f"{crops.folder}: the features of the crops {numbers[0]} to {numbers[-1]} should fit in half "
                "precision and do not, or are all zero: the weights in spatial.weights are not those of a "
                "trained network"
            )
        yield numbers, {"pool5": values}


def prepare(crops: Iterable[np.ndarray], size: int, resize: int, cubic: bool = False) -> np.ndarray:
    """Bring crops to the network's input size.

    Parameters
    ----------
    crops
        (height, width, 3) RGB, uint8.
    size
        Width and height of the input.
    resize
        What the shorter side of a crop is brought to before its centre is cut out, at least `size`. Equal
        to it, nothing of a square crop is cut away; 256 for 224 is what most networks were trained with.
    cubic
        Whether crops are enlarged with cubic instead of linear interpolation.

    Returns
    -------
    numpy.ndarray
        (n, size, size, 3) uint8.
    """
    return np.stack([_centre(crop, size, resize, cubic) for crop in crops])


def _centre(crop: np.ndarray, size: int, resize: int, cubic: bool) -> np.ndarray:
    height, width = crop.shape[:2]
    scale = resize / min(height, width)
    shape = (round(width * scale), round(height * scale))
    # Averaging over areas keeps small patterns from turning into false ones; it cannot enlarge.
    enlarging = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    resized = cv2.resize(crop, shape, interpolation=cv2.INTER_AREA if scale < 1 else enlarging)
    left, top = (shape[0] - size) // 2, (shape[1] - size) // 2
    return resized[top : top + size, left : left + size]


def pool5(network: Backbone, images: np.ndarray) -> np.ndarray:
    """Return the features (n, width) float16 of prepared images (n, size, size, 3), always the same."""
    pixels = torch.from_numpy(images).to(next(network.parameters()).device)
    with same_each_time():
        return network(pixels).half().cpu().numpy()
