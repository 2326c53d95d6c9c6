"""Benchmark of ResNet-50's features, against the rate at which the machine multiplies matrices."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from mimamo.bench.clock import medians
from mimamo.bench.generated import write_crops
from mimamo.bench.gpu import busy_time, guarded
from mimamo.bench.machine import matrix_product
from mimamo.bench.rows import Row
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import limit_threads
from mimamo.corpus.extraction import Crops, write_cache
from mimamo.device import deterministic_inference, has_native_bfloat16, pick_device
from mimamo.features.backbone import Backbone
from mimamo.features.extract import feature_rows, load_network, preparation_of
from mimamo.features.preparation import block_reader
from mimamo.storage.frame_cache import feature_dtype

logger = logging.getLogger("mimamo.bench")

STAGE = "ResNet-50 features"

#: Operations that one crop of 224 × 224 takes in torchvision's ResNet-50.
OPERATIONS = 8.2e9

SIZE = 224

#: Crops on disk that the stage is measured on, and how many of them a GPU gets at once.
CROPS, CROPS_ON_GPU = 12_000, 256


def measure(folder: Path, runs: int) -> Iterator[Row]:
    """Measure the network on crops in memory and, on a GPU, the stage from crops to cache."""
    yield from from_memory(runs)
    if pick_device().type == "cuda":
        yield from guarded("features from crops on disk, on the GPU", lambda: from_disk(folder))
    else:
        logger.info("Not measured: how long a GPU waits for crops; there is none here")


def from_disk(folder: Path) -> Iterator[Row]:
    """Measure the stage on a GPU: crops on disk to cache on disk, and how long the GPU waits."""
    limit_threads(1)
    crops = Crops("bench", folder / "crops", write_crops(folder / "crops", CROPS), CropNaming())
    spatial = spatial_of("auto", SIZE, CROPS_ON_GPU)
    network, _ = load_network(spatial)
    dtype = feature_dtype(network.width)

    def stage() -> None:
        """Run the stage."""
        with block_reader([crops], preparation_of(network, spatial), torch.get_num_threads()) as read:
            write_cache(crops, folder, dtype, feature_rows(network, crops, spatial, read))

    stage()
    measured = busy_time(stage, "features from disk")
    words = f"at {SIZE}, JPEG on disk to cache on disk, on the GPU"
    yield Row(STAGE, words, CROPS / measured.wall, "crops/s", rate=CROPS / measured.wall)
    yield Row(STAGE, f"{words}: it waits", measured.idle_share, "%", target="<= 10")


def from_memory(runs: int) -> Iterator[Row]:
    """Measure the network on crops in memory, in the precisions that the device is good at."""
    device = pick_device()
    size = 256 if device.type == "cuda" else 8
    images = torch.randint(0, 256, (size, SIZE, SIZE, 3), dtype=torch.uint8, device=device)
    precisions = {"float32": torch.float32}
    if has_native_bfloat16(device):
        precisions["bfloat16"] = torch.bfloat16
    calls, operations = {}, {}
    for precision, dtype in precisions.items():
        calls[precision] = forward(precision, images)
        calls[f"product {precision}"], operations[precision] = matrix_product(device, dtype)
    taken = medians(calls, runs)
    rates = {precision: size / taken[precision] for precision in precisions}
    best = "bfloat16" if "bfloat16" in rates else "float32"
    limit = operations[best] / taken[f"product {best}"] / OPERATIONS
    words = f"at 224, {best}, on the GPU" if device.type == "cuda" else f"at 224, {best}"
    yield Row(
        STAGE,
        words,
        rates[best] / limit,
        "×",
        "matrix products of as many operations",
        "" if device.type == "cuda" or best == "float32" else ">= 0.75",
        rates[best],
    )
    if best == "bfloat16":
        target = "" if device.type == "cuda" else ">= 2.3"
        yield Row(STAGE, words, rates[best] / rates["float32"], "×", "float32", target, rates[best])
    if device.type == "cuda":
        yield Row(STAGE, words, rates[best], "crops/s", target=">= 5000", rate=rates[best])


def spatial_of(precision: str, size: int, batch_size: int) -> dict[str, object]:
    """Return the section ``spatial`` of a configuration with random weights."""
    sizes = {"input_size": size, "resize": size, "batch_size": batch_size}
    source = {"backbone": "resnet50", "weights": "random", "sha256": None, "url": None, "cache": ""}
    return {**source, **sizes, "precision": precision}


def forward(precision: str, images: Tensor) -> Callable[[], None]:
    """Return a call of the network on `images`, which the stage would have read from disk."""
    network, _ = load_network(spatial_of(precision, SIZE, len(images)))
    return partial(infer, network, images)


def infer(network: Backbone, images: Tensor) -> None:
    """Run the network on `images` (crops, side, side, 3) as the stage does."""
    with deterministic_inference():
        network(images)
