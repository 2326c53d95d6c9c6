"""Snakemake with benchmarks that are sampled to a job's end: ``python -m mimamo.bench.rehearsal.sampled …``.

Snakemake looks at a job every half second for 15 s and every 30 s from then on, so that CPU time and peak
memory of what comes after are lost: of a job of 40 s it counts the CPU time of 15.
"""

from __future__ import annotations

import math
import sys


def sample_to_the_end() -> None:
    """Let Snakemake look at its jobs every half second until they end."""
    from snakemake import benchmark

    # How often it looks before it does so more seldom is the last default of a decorated function.
    function = benchmark.benchmarked.__wrapped__
    function.__defaults__ = (*function.__defaults__[:-1], math.inf)


if __name__ == "__main__":
    from snakemake.cli import main

    sample_to_the_end()
    sys.exit(main())
