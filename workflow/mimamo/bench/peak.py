"""Peak memory of this process, by itself.

Not as getrusage says it: there a process starts with the peak of the one that started it, so that a small
process of a large one seems large.
"""

from __future__ import annotations

import re
from pathlib import Path


def peak_memory() -> int:
    """Return the most bytes that this process has had in memory since it began or was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


def reset_peak() -> None:
    """Let the peak begin anew with what this process has in memory now."""
    Path("/proc/self/clear_refs").write_text("5")
