"""The caches: bytes per frame, and how fast windows are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mimamo.bench.clock import medians
from mimamo.bench.generated import write_caches
from mimamo.bench.rows import Row
from mimamo.dataset.recordings import Context, Recording
from mimamo.storage.frame_cache import feature_dtype, phase_dtype

STAGE = "cache"

FRAMES, WINDOW, DIFFERENCES = 8000, 64, 12


def measure(folder: Path, runs: int) -> Iterator[Row]:
    """Measure what a frame takes on disk, and reading the windows of a name that the system has in memory."""
    yield Row(STAGE, "phase differences of a frame", phase_dtype().itemsize / 1000, "KB", target="<= 12")
    yield Row(STAGE, "features of a frame", feature_dtype(2048).itemsize / 1000, "KB", target="<= 4.1")
    recording = Recording("bench", *write_caches(folder, "bench", FRAMES))
    starts = np.arange(1 + DIFFERENCES, FRAMES - WINDOW - DIFFERENCES, WINDOW)

    def read() -> None:
        context = Context.of(DIFFERENCES)
        for first in starts:
            recording.pool5(first, WINDOW)
            context.read(recording, first, WINDOW)

    def read_alone() -> None:
        for path in (folder / "phase" / "bench.npy", folder / "features" / "bench.npy"):
            np.fromfile(path, np.uint8)

    taken = medians({"windows": read, "files": read_alone}, runs)
    wanted = (WINDOW + DIFFERENCES - 1) * phase_dtype().itemsize + WINDOW * feature_dtype(2048).itemsize
    gigabytes = len(starts) * wanted / taken["windows"] / 1e9
    yield Row(STAGE, "reading windows from page cache", gigabytes, "GB/s", target=">= 1")
    whole = FRAMES * (phase_dtype().itemsize + feature_dtype(2048).itemsize) / taken["files"] / 1e9
    yield Row(STAGE, "reading windows from page cache", gigabytes / whole, "×", "reading the files alone")
