"""Benchmark of training on a GPU: recorded against eager steps, and the time that the GPU waits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from mimamo.bench.gpu import busy_time, guarded
from mimamo.bench.rows import Row
from mimamo.bench.training import STAGE, STEPS_ON_GPU, StepTimings, published_batches, take_steps
from mimamo.dataset.fold_data import FoldData
from mimamo.distributed import SINGLE_PROCESS
from mimamo.model.sizes import NetworkConfig
from mimamo.training.trainer import Training

#: Steps whose kernels are recorded.
RECORDED = 20


def measure(data: FoldData, words: str) -> Iterator[Row]:
    """Measure steps at the paper's widths, in the precision that is the default on this GPU."""
    taken = {
        name: take_steps(
            data, NetworkConfig(), published_batches("auto"), STEPS_ON_GPU, eager=name == "eager"
        )
        for name in ("eager", "recorded")
    }
    yield from compared(taken, words)
    for name in taken:
        yield from guarded(f"{name} steps: time that the GPU waits", partial(idle, data, words, name))


def compared(taken: dict[str, StepTimings], words: str) -> Iterator[Row]:
    """Compare recorded with eager steps: speed and losses."""
    eager, recorded = taken["eager"], taken["recorded"]
    rate = recorded.frames_per_second
    yield Row(STAGE, f"{words}: eager steps", eager.frames_per_second, "frames/s")
    yield Row(STAGE, words, rate, "frames/s", target=">= 100000", rate=rate)
    off = np.abs(recorded.losses - eager.losses) / np.abs(eager.losses)
    largest = f"{words}: losses of {len(off)} steps, largest difference"
    yield Row(STAGE, largest, 100 * off.max(), "%", "eager steps", "<= 1")
    yield Row(STAGE, f"{words}: loss of the first step", 100 * off[0], "%", "eager steps", "<= 0.01")


def idle(data: FoldData, words: str, name: str) -> Iterator[Row]:
    """Measure how long the GPU waits in a run of steps."""
    training = Training(0, data, NetworkConfig(), published_batches("auto"))
    if name == "eager":
        training.graphed = None
    size = training.config.batch_size
    numbers = np.random.default_rng(0).integers(0, len(training.windows), (RECORDED, size)).tolist()

    def take() -> None:
        """Take the steps."""
        for batch in training.load_batches(numbers):
            training.take_step(batch, SINGLE_PROCESS.shard(size))

    take()
    measured = busy_time(take, f"{RECORDED} {name} steps")
    yield Row(STAGE, f"{words}: {name} steps, the GPU waits", measured.idle_share, "%")
    frames = RECORDED * size * training.config.window
    yield Row(STAGE, f"{words}: {name} steps, if it never did", frames / measured.busy, "frames/s")
