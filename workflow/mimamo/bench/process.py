"""What a process took: CPU seconds, and the most memory it had."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def cpu_seconds() -> float:
    """Return the seconds that this process has computed, on all cores together, in user and system mode."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mib() -> float:
    """Return the most MiB that this process has had in memory.

    Not what getrusage says: a process starts with the peak of the one that started it there.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024
