"""What a run writes to the terminal: a line for every job that ends, and its failures at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from mimamo.jobs.duration import format_duration
from mimamo.jobs.run_log import Job, RunState
from mimamo.jobs.slurm_refusal import slurm_refusal

#: Failed jobs that are listed at the end; of more, the first.
MAX_FAILURES = 20


class RunTerminal:
    """Writes lines about a run as it goes on.

    Parameters
    ----------
    write
        Writes a line.
    profile
        The configuration file of the profile in use; None where it is not known.
    """

    def __init__(self, write: Callable[[str], None], profile: Path | None = None) -> None:
        self.write, self.profile = write, profile
        self.state = RunState({})
        self.reasons: dict[str, str] = {}
        self._refused: set[str] = set()
        self._last: Job | None = None

    def plan(self, counts: Mapping[str, int], now: datetime) -> None:
        """Begin a run with these numbers of jobs by rule."""
        self.state.plan, self.state.started_at = dict(counts), now
        jobs = sum(counts.values())
        self.write(
            f"{jobs} {'job' if jobs == 1 else 'jobs'} to do. For progress: mimamo progress, in another "
            "terminal. For Snakemake's own output: --verbose"
        )

    def start(self, number: str, job: Job) -> None:
        """Note that a job was started, by Snakemake's number; a retried one has the same."""
        self.state.jobs[number] = job

    def finish(self, number: str, now: datetime) -> None:
        """Note that a job has succeeded."""
        job = self.state.jobs[number]
        job.ended, job.failed = now, False
        self._last = job

    def step(self, done: int, total: int, now: datetime) -> None:
        """Write how far the run is, with the job that has succeeded last."""
        if (job := self._last) is None:
            return
        so_far = format_duration((now - (self.state.started_at or now)).total_seconds())
        took = format_duration((job.ended - job.started).total_seconds())
        self.write(
            f"{done:>{len(str(total))}} of {total}  {so_far:>12}  {job.label}, {took}{warnings_of(job)}"
        )

    def fail(self, number: str, message: str, remote: bool, now: datetime) -> None:
        """Write that a job has failed.

        Parameters
        ----------
        number
            Snakemake's number of the job.
        message
            What Snakemake or SLURM said about it; empty where they did not.
        remote
            Whether it ran on a node, so that its own message has not been on this terminal.
        now
            The time.
        """
        job = self.state.jobs[number]
        job.ended, job.failed = now, True
        if (refused := slurm_refusal(job, message, self.profile)) is not None:
            self.reasons[number] = refused
            # All jobs of a rule ask for the same, and each is tried again.
            if refused not in self._refused:
                self.write(f"Error: {refused}")
            self._refused.add(refused)
            return
        self.reasons[number] = last_error(job) or _first_line(message)
        said = f": {self.reasons[number]}" if remote and self.reasons[number] else ""
        self.write(f"Failed: {job.label}{said}{_see(job)}")

    def retry(self, number: str) -> None:
        """Write that a failed job is tried again; not where SLURM refuses it, which costs a second."""
        if self.reasons.get(number) not in self._refused:
            self.write(f"Trying again: {self.state.jobs[number].label}")

    def made(self, rule: str) -> bool:
        """Whether a job of this rule has succeeded."""
        return any(job.rule == rule for job in self.state.finished)

    def close(self) -> None:
        """Write the failures, with the reason and the log of each."""
        failed = {number: job for number, job in self.state.jobs.items() if job.failed}
        if not failed:
            return
        jobs = sum(self.state.plan.values())
        self.write("")
        self.write(
            f"{len(failed)} of {jobs} jobs failed and {len(self.state.finished)} succeeded. Fix the cause "
            "and repeat the same command to resume."
        )
        lines = dict.fromkeys(self._failure(number, job) for number, job in failed.items())
        for line in list(lines)[:MAX_FAILURES]:
            self.write(line)
        if len(lines) > MAX_FAILURES:
            self.write(f"and {len(lines) - MAX_FAILURES} more, see results/logs")

    def _failure(self, number: str, job: Job) -> str:
        """Return the line about a failed job, the same for all that were refused for one reason."""
        reason = self.reasons.get(number, "")
        if reason in self._refused:
            return f"Error: {reason}"
        return f"Error: {job.label}: {reason or 'ended without a message'}{_see(job)}"


def last_error(job: Job) -> str:
    """Return the last error message in a job's log; empty without any."""
    messages = _messages(job)
    starts = [position for position, line in enumerate(messages) if line.startswith("ERROR ")]
    return messages[starts[-1]].removeprefix("ERROR ") if starts else ""


def warnings_of(job: Job) -> str:
    """Return how many warnings are in a job's log, and where that is; empty without any."""
    count = sum(line.startswith("WARNING ") for line in _messages(job))
    return f", {count} {'warning' if count == 1 else 'warnings'}{_see(job)}" if count else ""


def _messages(job: Job) -> list[str]:
    """Return the lines of a job's log; none where it is of an earlier run, or was never written."""
    path = Path(job.log)
    if not job.log or not path.is_file() or path.stat().st_mtime < job.started.timestamp() - 5:
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _see(job: Job) -> str:
    """Return the reference to a job's log; empty where it has none."""
    return f" (see {job.log})" if job.log else ""


def _first_line(message: str) -> str:
    """Return the first line of what Snakemake or SLURM said, without its advice."""
    text = message.partition("For further error details")[0].strip()
    return re.split(r"\n", text)[0].strip() if text else ""
