"""What this process took: CPU seconds, and the most memory that it had by itself.

The peak is not what getrusage says: there a process starts with the peak of the one that started it, so that
a small process of a large one seems large.
"""

from __future__ import annotations

import re
import resource
from pathlib import Path


def cpu_seconds() -> float:
    """Return the seconds that this process has computed, on all cores together, in user and system mode."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory since it began or was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


def reset_peak() -> None:
    """Let the peak begin anew with what this process has in memory now."""
    Path("/proc/self/clear_refs").write_text("5")
