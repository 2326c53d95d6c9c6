"""How busy a GPU is: the time its kernels take, against the time that passes; and rows that may fail."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mimamo.bench.clock import seconds
from mimamo.bench.rows import Row

logger = logging.getLogger("mimamo.bench")

#: Kernels that are logged, those that take longest.
SHOWN = 14


@dataclass(frozen=True)
class Busy:
    """What a call takes of a GPU.

    Attributes
    ----------
    wall
        Seconds that the call takes.
    busy
        Seconds in which at least one kernel or copy runs.
    kernels
        How many there are.
    """

    wall: float
    busy: float
    kernels: int

    @property
    def idle_share(self) -> float:
        """Percent of the time in which the GPU waits."""
        return max(0.0, 100 * (1 - self.busy / self.wall))


def busy_time(call: Callable[[], object], what: str) -> Busy:
    """Measure how long a call keeps the GPU busy, and log the kernels that take longest.

    The call is run twice, since recording kernels delays it: first for the time that passes, then for the
    kernels.
    """
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    wall = seconds(call)
    with profile(activities=[ProfilerActivity.CUDA]) as recorded:
        seconds(call)
    events = [
        (event.time_range.start, event.time_range.end, event.name)
        for event in recorded.events()
        if event.device_type == DeviceType.CUDA
    ]
    busy = covered((start, end) for start, end, _ in events) / 1e6
    taken: Counter[str] = Counter()
    for start, end, name in events:
        taken[name] += end - start
    logger.info("%s: %d kernels, busy %.1f ms of %.1f ms", what, len(events), 1e3 * busy, 1e3 * wall)
    for name, microseconds in taken.most_common(SHOWN):
        logger.info("  %8.2f ms  %s", microseconds / 1e3, name[:110])
    return Busy(wall, busy, len(events))


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of spans (start, end)."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def guarded(what: str, rows: Callable[[], Iterable[Row]]) -> Iterator[Row]:
    """Yield rows; where measuring them fails, say so in a sentence, and let the others be measured."""
    try:
        yield from rows()
    except Exception as error:
        reason = " ".join(str(error).split())[:500]
        logger.warning("Not measured: %s (%s: %s)", what, type(error).__name__, reason)
