"""Training, against the same network on data in memory; and the two precisions against each other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mimamo.bench.clock import finished
from mimamo.bench.generated import write_caches
from mimamo.bench.rows import Row
from mimamo.dataset.fold_data import FoldData
from mimamo.dataset.recordings import Labels, Recording
from mimamo.device import bfloat16_pays, pick_device
from mimamo.distributed import ALONE
from mimamo.model.network import MimamoNet, NetworkConfig
from mimamo.training.config import TrainingConfig
from mimamo.training.loop import Training

STAGE = "training"

#: Windows in a batch, and frames in a window, as published.
BATCH, WINDOW = 16, 64

#: Steps on the CPU, where one takes seconds, and on a GPU, each after one that does not count.
STEPS, STEPS_ON_GPU = 6, 60


@dataclass(frozen=True)
class Course:
    """Some steps of a training.

    Attributes
    ----------
    each, waiting
        Seconds a step took, and how many of them were spent waiting for data.
    losses
        (steps + 1,)
    """

    each: float
    waiting: float
    losses: np.ndarray


def measure(folder: Path) -> Iterator[Row]:
    """Measure steps at the paper's widths, 16 windows of 64 frames at a time."""
    on_gpu = pick_device().type == "cuda"
    steps = STEPS_ON_GPU if on_gpu else STEPS
    data = fold_of(folder, "bench", frames=BATCH * WINDOW * 2)
    words = f"{BATCH} windows of {WINDOW} frames, paper's widths" + (", on the GPU" if on_gpu else "")
    precisions = ["bfloat16", "float32"] if bfloat16_pays(pick_device()) else ["float32"]
    taken = {precision: take_steps(data, NetworkConfig(), steps, precision) for precision in precisions}
    best, rate = taken[precisions[0]], BATCH * WINDOW / taken[precisions[0]].each
    memory = take_steps(data, NetworkConfig(), steps, precisions[0], from_memory=True)
    yield Row(
        STAGE, words, memory.each / best.each, "×", "the same network on data in memory", ">= 0.9", rate
    )
    yield Row(STAGE, f"{words}: waiting for data", 100 * best.waiting / best.each, "%", target="<= 5")
    if len(precisions) == 2:
        gain = taken["float32"].each / best.each
        exact = taken["float32"].losses
        off = 100 * np.abs(best.losses - exact).mean() / np.abs(exact).mean()
        target = "" if on_gpu else ">= 2"
        yield Row(STAGE, f"{words}, bfloat16", gain, "×", "float32", target, rate)
        yield Row(STAGE, f"{words}, bfloat16: losses off by", off, "%", "float32", "<= 2")
    if on_gpu:
        yield Row(STAGE, words, rate, "frames/s", target=">= 40000", rate=rate)


def fold_of(folder: Path, name: str, frames: int) -> FoldData:
    """Return a fold that trains on one generated name and stops by the same; its labels can be learnt."""
    truth = np.sin(np.arange(frames)[:, None] / [37, 53]).astype(np.float32)
    recording = Recording(name, *write_caches(folder, name, frames, truth=truth))
    labels = Labels(recording.frames, truth)
    return FoldData([name], [name], {name: recording}, {name: labels})


def take_steps(
    data: FoldData,
    sizes: NetworkConfig,
    steps: int,
    precision: str = "auto",
    from_memory: bool = False,
) -> Course:
    """Train for some steps.

    Parameters
    ----------
    data
        What to train on.
    sizes
        The network's sizes.
    steps
        How many; one more is taken before, which does not count.
    precision
        Of the convolutions.
    from_memory
        Whether the first batch is taken again and again instead of reading others.
    """
    config = TrainingConfig(batch_size=BATCH, window=WINDOW, optimiser="adamw", precision=precision)
    training = Training(0, data, sizes, config)
    part = ALONE.part(BATCH)
    order = np.random.default_rng(0).integers(0, len(training.windows), (steps + 1, BATCH)).tolist()
    batches = training.loaded(order[:1] if from_memory else order)
    first = next(batches)
    training.take_step(first, part)
    waiting, start = 0.0, finished()
    for _ in range(steps):
        asked = time.perf_counter()
        batch = first if from_memory else next(batches)
        waiting += time.perf_counter() - asked
        training.take_step(batch, part)
    taken = finished() - start
    return Course(taken / steps, waiting / steps, np.array(training.seen.loss_of_each_step()))


def small_sizes() -> NetworkConfig:
    """Return sizes that are quick where something else than speed is asked."""
    return NetworkConfig(temporal_channels=(4, 4, 8), temporal_width=16, spatial_width=16, fusion_width=16)


def small_network() -> MimamoNet:
    """Return a network of those sizes."""
    torch.manual_seed(0)
    return MimamoNet(small_sizes())
