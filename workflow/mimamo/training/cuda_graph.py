"""Steps on a GPU as one CUDA graph: the launches of forward and backward pass are recorded once and replayed.

At the paper's widths a step is some 2,000 kernels of a few microseconds each, which Python takes longer to
launch than the GPU to run. A graph replays exactly the kernels that were recorded, so it serves full batches
of labelled frames only: in others, shapes depend on the windows. These, and trainings on the CPU or on
several GPUs, take eager steps. Which of the two a step is depends on its batch alone, so that a resumed
training takes each step as it would have been taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from mimamo.distributed import ProcessGroup
from mimamo.model.network import MimamoNet

logger = logging.getLogger(__name__)

#: Eager passes before the recording, in which libraries allocate and choose their kernels.
WARM_UP = 3

#: Computes the gradients of a batch of labelled frames on the device; returns loss and output of all frames.
Backward = Callable[[dict[str, Tensor]], tuple[Tensor, Tensor]]


def records_steps(device: torch.device, process_group: ProcessGroup) -> bool:
    """Return whether a training records its steps: on one GPU."""
    return device.type == "cuda" and process_group.size == 1


class GraphedBackward:
    """Forward and backward pass of full batches, recorded at the first one.

    Parameters
    ----------
    network
        The network; its weights and buffers must stay where they are in memory.
    backward
        The passes to record. Randomness must come from the GPU's default generator alone, which is seeded
        anew before every call: the graph then draws what the eager passes would draw.
    fields
        What a step reads of a batch of labelled frames.
    batch_size
        Windows in a full batch.
    """

    def __init__(
        self, network: MimamoNet, backward: Backward, fields: Sequence[str], batch_size: int
    ) -> None:
        self._network, self._backward, self._batch_size = network, backward, batch_size
        self._fields = fields
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: dict[str, Tensor] = {}
        self._gradients: list[Tensor | None] = []
        self._refused = False

    def serves(self, batch: dict[str, Tensor], complete: bool) -> bool:
        """Return whether a batch is replayed; records the graph where there is none yet."""
        if not complete or len(batch["valid"]) != self._batch_size or self._refused:
            return False
        if self._graph is None:
            self._record(batch)
        return self._graph is not None

    def __call__(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Compute the gradients of a batch that `serves` accepted; return loss and output of all frames."""
        for field, values in self._inputs.items():
            values.copy_(batch[field])
        self._graph.replay()
        for parameter, gradient in zip(self._network.parameters(), self._gradients, strict=True):
            parameter.grad = gradient
        return self._loss.clone(), self._output.clone()

    def _record(self, batch: dict[str, Tensor]) -> None:
        """Record the passes; where a layer cannot be recorded, say so and refuse all batches from then on."""
        seed = torch.cuda.initial_seed()
        saved = [buffer.clone() for buffer in self._network.buffers()]
        self._inputs = {field: batch[field].clone() for field in self._fields}
        try:
            self._warm_up()
            self._capture()
        except RuntimeError as error:
            self._refused, self._graph, self._inputs = True, None, {}
            logger.warning(
                "The steps cannot be recorded as a CUDA graph (%s): they are launched one by one, which "
                "gives the same results but takes longer",
                str(error).split("\n")[0],
            )
        for buffer, values in zip(self._network.buffers(), saved, strict=True):
            buffer.copy_(values)
        torch.cuda.manual_seed(seed)

    def _warm_up(self) -> None:
        """Run the passes a few times on another stream, as a recording demands."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self._backward(self._inputs)
        torch.cuda.current_stream().wait_stream(stream)

    def _capture(self) -> None:
        """Record the passes; the gradients get their places in memory."""
        for parameter in self._network.parameters():
            parameter.grad = None
        graph = torch.cuda.CUDAGraph()
        # Of this thread: another one may be copying the next batch to pinned memory.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            loss, output = self._backward(self._inputs)
        self._graph, self._loss, self._output = graph, loss.detach(), output.detach()
        self._gradients = [parameter.grad for parameter in self._network.parameters()]
