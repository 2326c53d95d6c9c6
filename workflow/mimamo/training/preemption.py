"""Breaking off a training step between two layers of the network.

A step may take minutes on a slow machine, and whoever asks a training to stop waits for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from mimamo.jobs.interruption import StopRequest


class BrokenOff(Exception):
    """The work was broken off because of a request to stop."""


@contextmanager
def breaks_off(network: nn.Module, stop: StopRequest, where: bool = True) -> Iterator[None]:
    """Raise `BrokenOff` out of the network, forwards or backwards, soon after `stop` was made.

    Parameters
    ----------
    network
        The network. Every layer looks at `stop` when it has computed its output or has got its gradient.
    stop
        The request.
    where
        False where it must not be: processes that wait for each other can only break off together.
    """

    def check(*_: object) -> None:
        if stop.made:
            raise BrokenOff

    def watch(layer: nn.Module, inputs: tuple, output: object) -> None:
        check()
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(check)

    layers = [module for module in network.modules() if not list(module.children())] if where else []
    hooks = [layer.register_forward_hook(watch) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
