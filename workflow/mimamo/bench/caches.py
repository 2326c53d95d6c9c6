"""Benchmark of the caches: bytes per frame, and how fast windows are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from mimamo.bench.clock import medians
from mimamo.bench.generated import write_caches
from mimamo.bench.rows import Row
from mimamo.dataset.recordings import DifferenceContext, Recording
from mimamo.storage.frame_cache import feature_dtype, phase_dtype

STAGE = "cache"

FRAMES, WINDOW, DIFFERENCES = 8000, 64, 12


def measure(folder: Path, runs: int) -> Iterator[Row]:
    """Measure what a frame takes on disk, and reading the windows of a name that the system has in memory."""
    yield Row(STAGE, "phase differences of a frame", phase_dtype().itemsize / 1000, "KB", target="<= 12")
    yield Row(STAGE, "features of a frame", feature_dtype(2048).itemsize / 1000, "KB", target="<= 4.1")
    recording = Recording("bench", write_caches(folder, "bench", FRAMES))
    starts = np.arange(1 + DIFFERENCES, FRAMES - WINDOW - DIFFERENCES, WINDOW)
    files = (folder / "phase" / "bench.npy", folder / "features" / "bench.npy")
    calls = {"windows": partial(read_windows, recording, starts), "files": partial(read_files, files)}
    taken = medians(calls, runs)
    window_bytes = (WINDOW + DIFFERENCES - 1) * phase_dtype().itemsize + WINDOW * feature_dtype(2048).itemsize
    gigabytes = len(starts) * window_bytes / taken["windows"] / 1e9
    yield Row(STAGE, "reading windows from page cache", gigabytes, "GB/s", target=">= 1")
    whole_files = FRAMES * (phase_dtype().itemsize + feature_dtype(2048).itemsize) / taken["files"] / 1e9
    yield Row(
        STAGE, "reading windows from page cache", gigabytes / whole_files, "×", "reading the files alone"
    )


def read_windows(recording: Recording, starts: Iterable[int]) -> None:
    """Read the network's inputs of the windows at `starts`."""
    context = DifferenceContext.from_differences(DIFFERENCES)
    for first in starts:
        recording.values("appearance", first, WINDOW)
        context.read(recording, first, WINDOW)


def read_files(paths: Iterable[Path]) -> None:
    """Read files from beginning to end, without using their content."""
    for path in paths:
        np.fromfile(path, np.uint8)
