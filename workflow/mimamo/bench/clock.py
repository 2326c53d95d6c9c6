"""Timing: medians of several runs after a warm-up, and ratios of what was run in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch


def finished() -> float:
    """Return the time in seconds when all that was begun is done, also what was left to a GPU."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter()


def seconds(call: Callable[[], object]) -> float:
    """Run `call` once and return how long it took."""
    start = finished()
    call()
    return finished() - start


def medians(calls: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median duration in seconds of each of several calls.

    They take turns, so that whatever else the machine does slows all of them alike, and each is run once
    before it counts.

    Parameters
    ----------
    calls
        What is run, by name.
    runs
        How often each is run.
    """
    for call in calls.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            taken[name].append(seconds(call))
    return {name: statistics.median(durations) for name, durations in taken.items()}
