"""Benchmark of prediction at the paper's widths, from caches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from mimamo.bench.clock import medians
from mimamo.bench.generated import write_caches
from mimamo.bench.gpu import busy_time, guarded
from mimamo.bench.rows import Row
from mimamo.dataset.recordings import Recording
from mimamo.device import pick_device, use_bfloat16
from mimamo.model.inference import predict_recording
from mimamo.model.network import MimamoNet
from mimamo.model.sizes import NetworkConfig

logger = logging.getLogger("mimamo.bench")

STAGE = "prediction"

#: Frames of the name: few on the CPU, where one takes milliseconds.
FRAMES, FRAMES_ON_GPU = 512, 60_000

WINDOW, HOP = 64, 32


def measure(folder: Path, runs: int) -> Iterator[Row]:
    """Measure the prediction of one name, whole and with many holes."""
    device = pick_device()
    on_gpu = device.type == "cuda"
    torch.manual_seed(0)
    network = MimamoNet(NetworkConfig()).to(device, memory_format=torch.channels_last)
    network.convolve_in_bfloat16(use_bfloat16("auto", device))
    count = FRAMES_ON_GPU if on_gpu else FRAMES
    recording = Recording("bench", write_caches(folder, "bench", count))
    numbers = recording.frames
    kinds = {"one run": numbers, "a hole every 300 frames": numbers[numbers % 300 > 5]}
    for kind, frames in kinds.items():
        yield from guarded(
            f"prediction, {kind}", lambda f=frames, k=kind: rows(network, recording, f, k, runs)
        )
    if not on_gpu:
        logger.info("Not measured: how long a GPU waits in prediction; there is none here")


def rows(network: MimamoNet, recording: Recording, frames: np.ndarray, kind: str, runs: int) -> Iterator[Row]:
    """Measure the prediction of some frames."""

    def predict() -> None:
        """Predict them."""
        predict_recording(network, recording, WINDOW, HOP, frames)

    on_gpu = next(network.parameters()).is_cuda
    words = f"caches to estimates, paper's widths, {kind}" + (", on the GPU" if on_gpu else "")
    rate = len(frames) / medians({"ours": predict}, min(runs, 3))["ours"]
    yield Row(STAGE, words, rate, "frames/s", rate=rate)
    if on_gpu:
        measured = busy_time(predict, f"prediction, {kind}")
        yield Row(STAGE, f"{words}: it waits", measured.idle_share, "%", target="<= 10")
