"""Preemption: abort a training step between two layers of the network.

A step may take minutes on a slow machine, but a scheduler that asks a training to stop waits only seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from mimamo.jobs.interruption import StopRequest


class StepAborted(Exception):
    """A step was aborted because of a request to stop."""


@contextmanager
def abort_step_on(networks: Iterable[nn.Module], stop: StopRequest, where: bool = True) -> Iterator[None]:
    """Raise `StepAborted` from a network's forward or backward pass soon after `stop` was received.

    Parameters
    ----------
    networks
        The networks. Every layer checks `stop` after computing its output and after receiving its gradient.
    stop
        The request.
    where
        Whether steps may be aborted: not with several processes, which have to abort together as they wait
        for each other.
    """

    def check(*_: object) -> None:
        """Raise if a stop was requested; a hook of any signature."""
        if stop.received:
            raise StepAborted

    def check_layer(layer: nn.Module, inputs: tuple, output: object) -> None:
        """Check after a layer's forward pass, and again when the gradient of its output arrives."""
        check()
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(check)

    modules = [module for network in networks for module in network.modules()] if where else []
    layers = [module for module in modules if not list(module.children())]
    hooks = [layer.register_forward_hook(check_layer) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
