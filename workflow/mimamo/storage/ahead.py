"""Reading ahead: results of a function in the order of its arguments, computed in threads beforehand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Argument], Result], arguments: Iterable[Argument], threads: int, ahead: int
) -> Iterator[Result]:
    """Yield ``function(argument)`` for every argument, in order, computed in threads before it is wanted.

    An exception is raised where its result would have been yielded, so that of several the first in order is
    seen, as without threads.

    Parameters
    ----------
    function
        Must release Python's interpreter lock for most of its time, or threads are of no use.
    arguments
        The arguments.
    threads
        How many threads; with none, each result is computed when it is wanted.
    ahead
        How many results may be computed or waiting at most, which bounds the memory; at least 1.
    """
    if not threads:
        yield from map(function, arguments)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as executor:
        try:
            for argument in arguments:
                waiting.append(executor.submit(function, argument))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
