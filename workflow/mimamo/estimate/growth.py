"""Growth of a rule's time with the corpus, from finished runs: a part for each job, and a part that grows.

Of one run alone nobody knows how much of a rule's time is its start: all beyond the shortest job's counts as
growing then, which is the most that it can be. Two runs of different sizes tell the parts apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from mimamo.audit.symptoms import pluralise
from mimamo.estimate.rates import FinishedRun
from mimamo.estimate.workload import Workload

#: What the time of a rule grows with, an attribute of `Workload`; None for nothing. By default the crops.
UNITS = {
    **dict.fromkeys(("filters", "weights"), None),
    **dict.fromkeys(("audit_table", "doctor_page", "caches"), "count"),
    **dict.fromkeys(("labels", "folds", "scores", "baseline", "postprocessing", "variants"), "fitted"),
    **dict.fromkeys(("comparison", "gap_prices", "ablation_table"), "fitted"),
    **dict.fromkeys(("programs", "ensemble_weights", "ensemble_scores", "submissions"), "fitted"),
    **dict.fromkeys(("ensemble", "ensemble_members", "gaps", "submission"), "test"),
}
#: Sizes of runs differ if the largest is so many times the smallest.
LEVER = 2.0


@dataclass(frozen=True)
class Growth:
    """How the time of all jobs of a rule grows.

    Attributes
    ----------
    start
        Seconds for each job.
    rate
        Seconds for each unit of `UNITS`.
    at_most
        Whether `rate` is only known to be no more, as all runs are of one size.
    source
        Where it was measured.
    """

    rule: str
    start: float
    rate: float
    at_most: bool
    source: str

    def seconds(self, jobs: int, workload: Workload) -> float:
        """Return the seconds of so many jobs that together work on a corpus."""
        return jobs * self.start + self.rate * units(self.rule, workload)


def units(rule: str, workload: Workload) -> float:
    """Return how much of what a rule's time grows with there is in a corpus."""
    unit = UNITS.get(rule, "crops")
    return 0.0 if unit is None else float(getattr(workload, unit))


def growth_of(rule: str, runs: Sequence[FinishedRun]) -> Growth | None:
    """Return the growth of a rule; None where it is in none of the runs.

    Parameters
    ----------
    rule
        Its name.
    runs
        Finished runs.
    """
    runs = [run for run in runs if rule in run.seconds]
    if not runs:
        return None
    jobs = np.array([len(run.seconds[rule]) for run in runs], float)
    totals = np.array([sum(run.seconds[rule]) for run in runs])
    sizes = np.array([units(rule, run.workload) for run in runs])
    grows = sizes.max() > 0
    if grows and sizes.max() >= LEVER * max(sizes.min(), 1):
        # By relative errors, or the largest run alone would count; neither part is negative.
        (start, rate), _ = nnls(np.stack([jobs, sizes], axis=1) / totals[:, None], np.ones(len(runs)))
        return Growth(rule, float(start), float(rate), False, _sources(runs))
    run = max(runs, key=lambda run: run.workload.crops)
    durations = run.seconds[rule]
    if not grows:
        return Growth(rule, float(np.mean(durations)), 0.0, False, _sources([run]))
    start = min(run.start, min(durations))
    rate = (sum(durations) - len(durations) * start) / units(rule, run.workload)
    return Growth(rule, start, rate, True, f"at most, by {_sources([run])}")


def _sources(runs: Sequence[FinishedRun]) -> str:
    """Say which runs a growth was measured in."""
    if all(run.shipped for run in runs):
        return f"{pluralise(runs, 'rehearsal')} in {runs[0].folder}"
    if len(runs) == 1:
        return f"benchmarks in {runs[0].folder}"
    crops = [run.workload.crops for run in runs]
    return f"benchmarks of {len(runs)} runs, {min(crops):,} to {max(crops):,} crops"
