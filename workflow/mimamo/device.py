"""Device and precision: which device computes, and whether bfloat16 is fast on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


def pick_device() -> torch.device:
    """Return the CUDA device that the job was given, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_native_bfloat16(device: torch.device) -> bool:
    """Return whether `device` multiplies bfloat16 matrices in hardware; elsewhere it would only be slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def use_bfloat16(precision: str, device: torch.device) -> bool:
    """Resolve a configured precision (``auto``, ``float32`` or ``bfloat16``) for `device`."""
    return precision == "bfloat16" or (precision == "auto" and has_native_bfloat16(device))


def reading_threads(device: torch.device) -> int:
    """Return how many threads should read ahead for `device`: those of the job for a GPU, which waits.

    None for the CPU, whose threads would only take turns with those that compute.
    """
    return torch.get_num_threads() if device.type == "cuda" else 0


def to_device(values: Tensor, device: torch.device) -> Tensor:
    """Return a tensor of the CPU on `device`, without waiting for the work that is queued there."""
    return host_tensor(values.numpy(), device).to(device, non_blocking=True)


def host_tensor(values: np.ndarray, device: torch.device) -> Tensor:
    """Return values as a tensor of the CPU, for a GPU in pinned memory, from where it copies by itself."""
    tensor = torch.from_numpy(values)
    return tensor.pin_memory() if device.type == "cuda" else tensor


class HostCopy:
    """A tensor on its way to the CPU's memory: the copy is queued at once, and waited for when fetched."""

    def __init__(self, values: Tensor) -> None:
        self._values, self._copied = values, None
        if values.is_cuda:
            self._values = values.to("cpu", non_blocking=True)
            self._copied = torch.cuda.Event()
            self._copied.record()

    def fetch(self) -> Tensor:
        """Return the tensor on the CPU."""
        if self._copied is not None:
            self._copied.synchronize()
        return self._values


def train_deterministically() -> None:
    """Make all later training steps of this process reproducible to the bit, where torch can."""
    # Read when cuBLAS is first used; with more workspaces, streams could take turns in them.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Torch then fills memory before it is used for the first time, to show programming errors; every layer
    # would write its output twice.
    torch.utils.deterministic.fill_uninitialized_memory = False


@contextmanager
def deterministic_inference() -> Iterator[None]:
    """Disable gradients and make results reproducible to the bit.

    By default, cuDNN may choose among algorithms that round differently, and multiply in TF32.
    """
    # flags() disables every cuDNN option that is not enabled explicitly.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    with torch.inference_mode(), exact:
        yield
