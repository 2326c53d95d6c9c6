"""Peak memory of a process, whatever started it."""

import re
import subprocess
import sys

import numpy as np

from mimamo.bench.process import peak_memory, reset_peak

LARGE = 300 * 2**20


def test_the_peak_of_a_small_process_is_small_though_a_large_one_starts_it(repo):
    ballast = np.ones(LARGE, np.uint8)
    child = "from mimamo.bench.process import peak_memory; print(peak_memory())"
    done = subprocess.run(
        [sys.executable, "-c", child],
        env={"PYTHONPATH": str(repo / "workflow")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < LARGE / 3 < len(ballast) < peak_memory()


def test_a_peak_that_was_reset_counts_from_then_on():
    ballast = np.ones(LARGE, np.uint8)
    before = peak_memory()
    del ballast
    reset_peak()
    assert peak_memory() < before - LARGE / 2


def test_nothing_measures_memory_by_a_peak_that_is_inherited(repo):
    sources = [*(repo / "workflow").rglob("*.py"), *(repo / "tests/support").rglob("*.py")]
    assert [path.name for path in sources if re.search(r"\bru_maxrss\b", path.read_text())] == []
