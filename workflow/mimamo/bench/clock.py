"""Timing of calls: medians of several runs in turns, after a warm-up, synchronised with a GPU."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import torch


def synchronised_time() -> float:
    """Return the time in seconds when all work begun has finished, including that queued on a GPU."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter()


def seconds(call: Callable[[], object]) -> float:
    """Run `call` once and return how long it took."""
    start = synchronised_time()
    call()
    return synchronised_time() - start


def medians(calls: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median duration in seconds of each of several calls.

    They take turns, so that other load on the machine slows all of them alike, and each is run once before it
    counts.

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
