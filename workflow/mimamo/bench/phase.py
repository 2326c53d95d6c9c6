"""Benchmark of phase differences, against other packages' pyramids and against decoding alone."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mimamo.bench.clock import medians
from mimamo.bench.generated import write_crops
from mimamo.bench.rows import Row
from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.extraction import Crops, write_cache
from mimamo.corpus.opencv import cv2
from mimamo.phase.cache import FRAMES_AT_ONCE, phase_rows
from mimamo.phase.differences import PhaseDifference
from mimamo.phase.grey import grey48
from mimamo.phase.steerable_pyramid import SIZE, Filters
from mimamo.storage.frame_cache import phase_dtype

STAGE = "phase differences"

#: Frames computed together on a GPU.
FRAMES_ON_GPU = 8192

#: Frames that plenoptic is fastest with: of 32, 128 and 512 on two processors.
FRAMES_FOR_PLENOPTIC = 128


def measure(filters: Filters, folder: Path, runs: int) -> Iterator[Row]:
    """Measure phase differences of frames in memory, and of crops on disk."""
    yield from from_memory(filters, runs)
    yield from from_disk(filters, folder, runs)
    if torch.cuda.is_available():
        yield on_gpu(filters, runs)


def from_memory(filters: Filters, runs: int) -> Iterator[Row]:
    """Compare all steps, on frames in memory, with the peers' pyramids alone."""
    frames = torch.rand(512, SIZE, SIZE)
    module = PhaseDifference(filters)
    calls = {"ours": in_blocks(all_steps(module), frames, FRAMES_AT_ONCE)}
    if installed("plenoptic"):
        calls["plenoptic"] = in_blocks(plenoptic_pyramid(), frames, FRAMES_FOR_PLENOPTIC)
    few = frames[:64]
    if installed("pyrtools"):
        calls["pyrtools"] = pyrtools_pyramid(few)
    taken = medians(calls, runs)
    per_frame = {
        name: duration / (len(few) if name == "pyrtools" else len(frames)) for name, duration in taken.items()
    }
    for peer, target in (("plenoptic", ">= 5"), ("pyrtools", ">= 20")):
        if peer in per_frame:
            yield Row(
                STAGE,
                "from memory, all steps",
                per_frame[peer] / per_frame["ours"],
                "×",
                f"the pyramid of {peer} alone",
                target,
                rate=1 / per_frame["ours"],
            )


def installed(package: str) -> bool:
    """Return whether a package can be imported."""
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


def all_steps(module: PhaseDifference) -> Callable[[Tensor], object]:
    """Return what the stage does with a block of frames: pyramid to centred differences in half precision."""
    return lambda frames: [level.half() for level in module(frames)]


def in_blocks(compute: Callable[[Tensor], object], frames: Tensor, size: int) -> Callable[[], None]:
    """Return a call that computes `frames` in blocks of `size`."""
    return partial(compute_blocks, compute, frames, size)


def compute_blocks(compute: Callable[[Tensor], object], frames: Tensor, size: int) -> None:
    """Compute `frames` in blocks of `size`."""
    with torch.inference_mode():
        for block in frames.split(size):
            compute(block)


def mirrored(frames: Tensor) -> Tensor:
    """Return frames (n, 48, 48) with their mirror images to the right and below, (n, 96, 96)."""
    wide = torch.cat([frames, frames.flip(-1)], -1)
    return torch.cat([wide, wide.flip(-2)], -2)


def plenoptic_pyramid() -> Callable[[Tensor], object]:
    """Return plenoptic's complex steerable pyramid of a block of mirrored frames."""
    from plenoptic.process import SteerablePyramidFreq

    pyramid = SteerablePyramidFreq((2 * SIZE, 2 * SIZE), height=2, order=1, is_complex=True)
    return lambda frames: pyramid(mirrored(frames)[:, None])


def pyrtools_pyramid(frames: Tensor) -> Callable[[], None]:
    """Return a call that computes pyrtools' complex steerable pyramid of one mirrored frame after another."""
    from pyrtools.pyramids import SteerablePyramidFreq

    pyramid = partial(SteerablePyramidFreq, height=2, order=1, is_complex=True)
    return partial(call_each, pyramid, mirrored(frames).double().numpy())


def call_each(function: Callable[[np.ndarray], object], images: np.ndarray) -> None:
    """Call a function with one image after another."""
    for image in images:
        function(image)


def from_disk(filters: Filters, folder: Path, runs: int) -> Iterator[Row]:
    """Compare the stage, from crops to cache, with reading grey and down-scaling alone."""
    crops = Crops("bench", folder / "crops", write_crops(folder / "crops", 480), CropNaming())
    module = PhaseDifference(filters)
    paths = [str(crops.path(int(number))) for number in crops.frames]
    taken = medians(
        {
            "stage": lambda: write_cache(crops, folder, phase_dtype(), phase_rows(module, crops)),
            "pillow": partial(decode_and_reduce, paths, pillow_reduced),
            "ours": partial(decode_and_reduce, paths, grey48),
        },
        runs,
    )
    rate = len(paths) / taken["stage"]
    for limit, words in (("pillow", "Pillow's Lanczos reduction"), ("ours", "this project's reduction")):
        yield Row(
            STAGE,
            "JPEG on disk to cache on disk",
            taken[limit] / taken["stage"],
            "×",
            f"grey JPEG decoding and {words} alone",
            ">= 0.45",
            rate=rate,
        )


def cpu_seconds_from_disk(filters: Filters, folder: Path) -> float:
    """Return the processor time in seconds of a frame in the stage, from JPEG on disk to cache on disk."""
    crops = Crops("bench", folder / "crops", write_crops(folder / "crops", 480), CropNaming())
    module = PhaseDifference(filters)
    start = time.process_time()
    write_cache(crops, folder, phase_dtype(), phase_rows(module, crops))
    return (time.process_time() - start) / len(crops.frames)


def decode_and_reduce(paths: Sequence[str], reduce: Callable[[list[np.ndarray]], object]) -> None:
    """Read crops as grey images and scale them down, a block at a time as the stage does."""
    for start in range(0, len(paths), FRAMES_AT_ONCE):
        reduce([cv2.imread(path, cv2.IMREAD_GRAYSCALE) for path in paths[start : start + FRAMES_AT_ONCE]])


def pillow_reduced(crops: list[np.ndarray]) -> list[np.ndarray]:
    """Reduce crops as the published code does."""
    from PIL import Image

    images = (Image.fromarray(crop) for crop in crops)
    return [np.asarray(image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)) for image in images]


def on_gpu(filters: Filters, runs: int) -> Row:
    """Measure all steps on frames in a GPU's memory."""
    frames = torch.rand(4 * FRAMES_ON_GPU, SIZE, SIZE, device="cuda")
    module = PhaseDifference(filters).to("cuda")
    taken = medians({"ours": in_blocks(all_steps(module), frames, FRAMES_ON_GPU)}, runs)
    rate = len(frames) / taken["ours"]
    return Row(STAGE, "from memory, all steps, on the GPU", rate, "frames/s", target=">= 150000", rate=rate)
