"""Description of the machine that is measured, and matrix products as its limit."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from mimamo.device import has_native_bfloat16


@dataclass(frozen=True)
class Machine:
    """The machine a measurement was made on, in words, and with which versions."""

    processor: str
    cores: int
    threads: int
    gpu: str
    bfloat16: bool
    python: str
    torch: str

    @classmethod
    def describe(cls, threads: int) -> Machine:
        """Describe this machine."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return cls(
            processor=_processor(),
            cores=len(os.sched_getaffinity(0)),
            threads=threads,
            gpu=torch.cuda.get_device_name() if device.type == "cuda" else "",
            bfloat16=has_native_bfloat16(device),
            python=platform.python_version(),
            torch=torch.__version__,
        )


def _processor() -> str:
    """Return the processor's name, from where Linux keeps it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def matrix_product(device: torch.device, dtype: torch.dtype) -> tuple[Callable[[], object], float]:
    """Return a large matrix product, and how many operations it takes.

    The numbers are drawn, not zero: some hardware multiplies zeros faster.
    """
    size = 8192 if device.type == "cuda" else 2048
    left, right = (torch.rand(size, size, device=device).to(dtype) for _ in range(2))
    return lambda: left @ right, 2.0 * size**3
