"""Which device computes, and in which precision it is fastest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def pick_device() -> torch.device:
    """Return the CUDA device that the job was given, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def bfloat16_pays(device: torch.device) -> bool:
    """Tell whether `device` multiplies bfloat16 matrices in hardware; elsewhere it would only be slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def use_bfloat16(precision: str, device: torch.device) -> bool:
    """Resolve a configured precision (``auto``, ``float32`` or ``bfloat16``) for `device`."""
    return precision == "bfloat16" or (precision == "auto" and bfloat16_pays(device))


@contextmanager
def same_each_time() -> Iterator[None]:
    """Compute without gradients, and to the same bits each time.

    Left to itself, cuDNN may choose among algorithms that round differently, and round what it multiplies.
    """
    # This turns off all of cuDNN that it is not told to leave on.
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    with torch.inference_mode(), exact:
        yield
