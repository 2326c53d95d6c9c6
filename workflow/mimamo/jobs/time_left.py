"""Estimate of the time that a run still takes, from its log, its jobs' logs, and earlier runs' benchmarks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import mean, median

from mimamo.jobs.run_log import Job, RunState, last_message


@dataclass(frozen=True)
class TimeLeft:
    """The time that a run still takes.

    Attributes
    ----------
    seconds
        The estimate; None where nothing is known yet.
    unknown
        The rules with jobs to come that never ran here, in the order of the plan. Their jobs are assumed to
        take as long as others, so that the run takes longer where they are the heavy ones.
    """

    seconds: float | None
    unknown: tuple[str, ...] = ()


def time_left(state: RunState, folder: Path, now: datetime) -> TimeLeft:
    """Estimate the remaining time of a run.

    For running jobs it is taken from their logs. Other jobs are assumed to take as long as their rule's jobs
    in this run, or else in an earlier one, or else as long as half of all jobs of this run at most did. They
    are assumed to run side by side as those so far did, and no job to be shorter than it is by itself.
    """
    seconds, unknown = [], []
    fallback = _usual(state)
    for rule, planned in state.plan.items():
        if rule == "all":
            continue
        started = state.of(rule)
        running = [job for job in started if job in state.running]
        left = {id(job): _said(job, folder, now) for job in running}
        typical = _typical(rule, state, folder, left, now)
        waiting = planned - len(started)
        if typical is None and (waiting or None in left.values()):
            unknown.append(rule)
        assumed = fallback if typical is None else typical
        for job in running:
            said = left[id(job)]
            if said is not None:
                seconds.append(said)
            elif assumed is not None:
                seconds.append(max(0.0, assumed - _spent(job, now)))
        seconds += [assumed] * waiting if assumed is not None else []
    if fallback is None and unknown:
        # Not one job has ended yet.
        return TimeLeft(None, tuple(unknown))
    return TimeLeft(max([sum(seconds) / _side_by_side(state, now), *seconds], default=0.0), tuple(unknown))


def _said(job: Job, folder: Path, now: datetime) -> float | None:
    """Return the seconds left by a running job's log, or by the share that is done; None without any."""
    message = last_message(job, folder, now)
    if message.left is not None and message.left >= 1:
        return message.left
    if not message.fraction:
        return None
    # Also where it has taken longer than it said.
    return _spent(job, now) * (1 - message.fraction) / message.fraction


def _spent(job: Job, now: datetime) -> float:
    """Return the seconds since a job was started."""
    return (now - job.started).total_seconds()


def _typical(
    rule: str, state: RunState, folder: Path, left: dict[int, float | None], now: datetime
) -> float | None:
    """Return the usual seconds of a rule's jobs; None where not even a running one says how far it is.

    `left` has the seconds left of its running jobs by their identity, where known.
    """
    jobs = state.of(rule)
    if done := [job for job in jobs if job in state.finished]:
        return mean(_duration(job) for job in done)
    if (measured := _benchmark(rule, folder)) is not None:
        return measured
    totals = [_spent(job, now) + left[id(job)] for job in jobs if left.get(id(job)) is not None]
    return mean(totals) if totals else None


def _duration(job: Job) -> float:
    """Return the seconds that a job took which has ended."""
    return (job.ended - job.started).total_seconds()


def _usual(state: RunState) -> float | None:
    """Return the median seconds of all jobs of this run that succeeded; None without any."""
    durations = [_duration(job) for job in state.finished]
    return median(durations) if durations else None


def _side_by_side(state: RunState, now: datetime) -> float:
    """Return how many jobs run side by side: now, or on the average of the run so far where that is more."""
    spent = [_duration(job) for job in state.finished] + [_spent(job, now) for job in state.running]
    so_far = (now - (state.started_at or now)).total_seconds()
    return max(1.0, len(state.running), sum(spent) / so_far if so_far > 0 else 1.0)


def _benchmark(rule: str, folder: Path) -> float | None:
    """Return the mean seconds of a rule's jobs by the benchmarks of earlier runs; None without any."""
    benchmarks = folder / "results" / "benchmarks"
    times = [
        float(line["s"])
        for path in [*sorted(benchmarks.rglob(f"{rule}.tsv")), *sorted(benchmarks.rglob(f"{rule}/*.tsv"))]
        for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    ]
    return mean(times) if times else None
