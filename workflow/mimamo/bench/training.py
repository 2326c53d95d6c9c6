"""Benchmark of training, against the same network on data in memory; and of the two precisions."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from mimamo.bench.clock import synchronised_time
from mimamo.bench.generated import write_caches, write_stream
from mimamo.bench.gpu import guarded
from mimamo.bench.rows import Row
from mimamo.dataset.fold_data import FoldData
from mimamo.dataset.labels import Labels
from mimamo.dataset.recordings import Recording
from mimamo.device import has_native_bfloat16, pick_device
from mimamo.distributed import SINGLE_PROCESS
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import PAPER_STREAMS, NetworkConfig, StreamSizes
from mimamo.phase.steerable_pyramid import load_filters
from mimamo.training.config import TrainingConfig
from mimamo.training.trainer import Training

logger = logging.getLogger("mimamo.bench")

STAGE = "training"

#: Windows in a batch, and frames in a window, as published.
BATCH, WINDOW = 16, 64

#: Values a frame of the stream that is added.
ADDED = 1024

#: Steps on the CPU, where one takes seconds, and on a GPU, each after one that does not count.
STEPS, STEPS_ON_GPU = 6, 60

#: The published training code at its own widths, which computes a frame's phase differences 13 times. It was
#: measured once, on one core of a machine such as those that the table in docs/speed.md is of.
PUBLISHED_LOOP = "the published training loop: 28 frames/s on one core"


@dataclass(frozen=True)
class StepTimings:
    """How long some steps of a training took.

    Attributes
    ----------
    step_seconds, data_seconds
        Seconds a step took, and how many of them were spent waiting for data.
    cpu_seconds
        Seconds of processor time that a step took, all threads together.
    losses
        (steps + 1,)
    frames
        Frames in the windows of one step.
    """

    step_seconds: float
    data_seconds: float
    cpu_seconds: float
    losses: np.ndarray
    frames: int

    @property
    def frames_per_second(self) -> float:
        """Frames of windows that a second trains."""
        return self.frames / self.step_seconds


def measure(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure steps at the paper's widths, 16 windows of 64 frames at a time.

    Parameters
    ----------
    filters
        The pyramid's filters.
    folder
        Where generated data goes.
    runs
        Runs of which the median is taken, where a run is short.
    """
    from mimamo.bench import gpu_training, phase, resumption

    on_gpu = pick_device().type == "cuda"
    steps = STEPS_ON_GPU if on_gpu else STEPS
    data = generated_fold(folder, "bench", frames=BATCH * WINDOW * 2)
    words = f"{BATCH} windows of {WINDOW} frames, paper's widths" + (", on the GPU" if on_gpu else "")
    precisions = ["bfloat16", "float32"] if has_native_bfloat16(pick_device()) else ["float32"]
    sizes = NetworkConfig()
    taken = {
        precision: take_steps(data, sizes, published_batches(precision), steps) for precision in precisions
    }
    best, rate = taken[precisions[0]], taken[precisions[0]].frames_per_second
    memory = take_steps(data, sizes, published_batches(precisions[0]), steps, from_memory=True)
    yield Row(
        STAGE,
        words,
        memory.step_seconds / best.step_seconds,
        "×",
        "the same network on data in memory",
        ">= 0.9",
        rate,
    )
    yield Row(
        STAGE,
        f"{words}: waiting for data",
        100 * best.data_seconds / best.step_seconds,
        "%",
        target="<= 5",
    )
    yield added_stream(folder, words, sizes, published_batches(precisions[0]), steps, best)
    yield moving_average(data, words, sizes, published_batches(precisions[0]), steps, best)
    if len(precisions) == 2:
        gain = taken["float32"].step_seconds / best.step_seconds
        exact = taken["float32"].losses
        deviation = 100 * np.abs(best.losses - exact).mean() / np.abs(exact).mean()
        target = "" if on_gpu else ">= 2"
        yield Row(STAGE, f"{words}, bfloat16", gain, "×", "float32", target, rate)
        yield Row(STAGE, f"{words}, bfloat16: losses off by", deviation, "%", "float32", "<= 2")
    if on_gpu:
        yield from guarded("steps on the GPU", lambda: gpu_training.measure(data, words))
    else:
        seconds = best.cpu_seconds / best.frames + phase.cpu_seconds_from_disk(load_filters(filters), folder)
        yield published_units(seconds, precisions[0])
        logger.info("Not measured: eager and recorded steps on a GPU; there is none here")
    yield from guarded(
        "a resumed training", lambda: resumption.measure(folder, "paper" if on_gpu else "small")
    )


def added_stream(
    folder: Path, words: str, sizes: NetworkConfig, config: TrainingConfig, steps: int, without: StepTimings
) -> Row:
    """Return the row of what a third stream costs, of `ADDED` values a frame.

    Parameters
    ----------
    folder, words, sizes, config, steps
        As for the steps `without` it.
    without
        The timings of the paper's pair.
    """
    streams = (PAPER_STREAMS[0], StreamSizes("added", inputs=ADDED), PAPER_STREAMS[1])
    data = generated_fold(folder, "added", 2 * config.batch_size * config.window, streams=streams)
    beside = take_steps(data, replace(sizes, streams=streams), config, steps)
    cost = 100 * (beside.step_seconds / without.step_seconds - 1)
    return Row(STAGE, f"{words}: a third stream of {ADDED} values costs", cost, "%", "two streams", "<= 15")


def moving_average(
    data: FoldData, words: str, sizes: NetworkConfig, config: TrainingConfig, steps: int, without: StepTimings
) -> Row:
    """Return the row of what a moving average of the weights costs in every step.

    Parameters
    ----------
    data, words, sizes, config, steps
        As for the steps `without` it.
    without
        The timings of a training without an average.
    """
    averaged = take_steps(data, sizes, replace(config, average="ema"), steps)
    cost = 100 * (averaged.step_seconds / without.step_seconds - 1)
    return Row(STAGE, f"{words}: a moving average of the weights costs", cost, "%", "no average", "<= 5")


def published_units(seconds: float, precision: str) -> Row:
    """Return the row in the published training loop's units: frames a second, phase differences included.

    Parameters
    ----------
    seconds
        Of processor time that a frame takes in training and, once, in the stage of phase differences.
    precision
        Of the convolutions.
    """
    words = f"paper's widths, {precision}, with each frame's phase differences (once, from JPEG), by CPU time"
    return Row(STAGE, words, 1 / seconds, "frames/s", PUBLISHED_LOOP, ">= 28", 1 / seconds)


def published_batches(precision: str) -> TrainingConfig:
    """Return settings with the published batches, and `precision` of the convolutions."""
    return TrainingConfig(batch_size=BATCH, window=WINDOW, optimiser="adamw", precision=precision)


def generated_fold(
    folder: Path,
    name: str,
    frames: int,
    width: int = 2048,
    streams: Sequence[StreamSizes] = PAPER_STREAMS,
) -> FoldData:
    """Return a fold that trains on one generated name and stops by the same; its labels can be learnt.

    Parameters
    ----------
    folder, name
        Where its caches are written to, and for which name.
    frames
        Frames of the name.
    width
        Values per frame of the features of a stream that does not say its own.
    streams
        Its streams.
    """
    truth = np.sin(np.arange(frames)[:, None] / [37, 53]).astype(np.float32)
    paper = write_caches(folder, name, frames, width, truth)
    caches = {stream.name: paper["motion" if stream.phase else "appearance"] for stream in streams}
    for stream in streams:
        if stream.inputs is not None:
            caches[stream.name] = write_stream(folder, stream.name, name, frames, stream.inputs)
    recording = Recording(name, caches)
    labels = Labels(recording.frames, truth)
    return FoldData([name], [name], {name: recording}, {name: labels}, {name: name})


def take_steps(
    data: FoldData,
    sizes: NetworkConfig,
    config: TrainingConfig,
    steps: int,
    from_memory: bool = False,
    eager: bool = False,
) -> StepTimings:
    """Train for some steps, by the loop that trains a fold, and time them.

    Parameters
    ----------
    data
        What to train on.
    sizes
        The network's sizes.
    config
        How to train.
    steps
        How many; one more is taken before them as a warm-up.
    from_memory
        Whether the first batch is taken again and again instead of reading others.
    eager
        Whether a GPU takes eager steps instead of recorded ones.
    """
    training = Training(0, data, sizes, config)
    if eager:
        training.graphed = None
    shard = SINGLE_PROCESS.shard(config.batch_size)
    order = np.random.default_rng(0).integers(0, len(training.windows), (steps + 1, config.batch_size))
    order = order.tolist()
    batches = training.load_batches(order[:1] if from_memory else order)
    first = next(batches)
    training.take_step(first, shard)
    data_seconds, start, cpu_start = 0.0, synchronised_time(), time.process_time()
    for _ in range(steps):
        requested = time.perf_counter()
        batch = first if from_memory else next(batches)
        data_seconds += time.perf_counter() - requested
        training.take_step(batch, shard)
    taken, cpu_taken = synchronised_time() - start, time.process_time() - cpu_start
    losses = np.array(training.epoch_statistics.step_losses())
    return StepTimings(
        taken / steps, data_seconds / steps, cpu_taken / steps, losses, config.batch_size * config.window
    )


def small_sizes() -> NetworkConfig:
    """Return small sizes, for measurements of something else than speed."""
    return NetworkConfig(temporal_channels=(4, 4, 8), temporal_width=16, spatial_width=16, fusion_width=16)


def small_network() -> MimamoNet:
    """Return a network of those sizes."""
    torch.manual_seed(0)
    return MimamoNet(small_sizes())
