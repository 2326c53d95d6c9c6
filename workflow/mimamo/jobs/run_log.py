"""Parser of Snakemake's log and its jobs' logs: the state of a run. Nothing is written."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from mimamo.errors import InputError

#: Bytes that are read from the end of a job's log.
TAIL_BYTES = 4096
#: Largest assumed difference between the clocks of two computers.
CLOCK_SLACK = timedelta(seconds=5)

_TIME = re.compile(r"\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]")
_RULE = re.compile(r"(?:local)?rule (\w+):")
_FIELD = re.compile(r"    (\w+): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+) ")
_STATS = re.compile(r"^Job stats:\njob +count\n[ -]+\n(.*?)^total +\d+$", re.MULTILINE | re.DOTALL)
_ENDS = ("Complete log(s): ", "Nothing to be done ")
_HOST = re.compile(r"^  Host: (.+)$", re.MULTILINE)
#: Progress within an epoch of a fold.
_STEP = re.compile(r"epoch (\d+) of (\d+), step (\d+) of (\d+)")
#: Progress in the messages of jobs: epochs of a fold, or names of a batch.
_SHARES = (r"epoch (\d+) of (\d+)", r"(\d+) of (\d+) names", r"^\w+ (\d+)/(\d+) ")
_LEFT = re.compile(r"(\d+) s left")


@dataclass
class Job:
    """A job that was started.

    Attributes
    ----------
    rule, wildcards
        Its rule, and its wildcards, such as the batch or fold, as Snakemake prints them.
    log
        Its log, relative to the folder of the run; empty where it has none.
    started, ended
        Times by Snakemake's log; `ended` is None while it runs.
    failed
        Whether its last attempt failed.
    resources
        What it asks for, as Snakemake prints it.
    """

    rule: str
    wildcards: str
    log: str
    started: datetime
    ended: datetime | None = None
    failed: bool = False
    resources: str = ""

    @property
    def label(self) -> str:
        """Its rule, its run and backbone where they are not the configured ones, its batch or fold."""
        pairs = [pair.partition("=")[::2] for pair in self.wildcards.split(", ") if pair]
        shown = {
            "run": lambda value: value.strip("/"),
            **dict.fromkeys(("stage", "weights"), lambda value: value.rpartition("/")[2]),
        }
        labels = [
            shown[key](value) if key in shown else f"{key} {value}"
            for key, value in pairs
            if value not in ("", self.rule)
        ]
        return " ".join([self.rule, ", ".join(labels)]).strip()


@dataclass
class LastMessage:
    """The last message in a running job's log.

    Attributes
    ----------
    text
        The message; empty where there is none yet, as while the job waits for a node.
    fraction
        Share of the job that is done, from 0 to 1; None where its log does not say.
    left
        Seconds left by its log, less the time since the message; None where its log does not say.
    """

    text: str = ""
    fraction: float | None = None
    left: float | None = None


@dataclass
class RunState:
    """The state of a run.

    Attributes
    ----------
    plan
        Number of jobs by rule, in the order of Snakemake's table.
    jobs
        The started jobs by Snakemake's job id.
    started_at
        When the first job was started; None before.
    last
        When Snakemake last wrote to its log.
    ended
        Whether Snakemake has ended, and has said so.
    broken_off
        Whether Snakemake does not run any more and has not said so, as after a kill.
    """

    plan: dict[str, int]
    jobs: dict[str, Job] = field(default_factory=dict)
    started_at: datetime | None = None
    last: datetime | None = None
    ended: bool = False
    broken_off: bool = False

    def of(self, rule: str) -> list[Job]:
        """Return the started jobs of a rule."""
        return [job for job in self.jobs.values() if job.rule == rule]

    @property
    def finished(self) -> list[Job]:
        """The jobs that succeeded."""
        return [job for job in self.jobs.values() if job.ended is not None and not job.failed]

    @property
    def running(self) -> list[Job]:
        """The jobs that were started and have not ended; none where Snakemake itself has."""
        return [job for job in self.jobs.values() if job.ended is None and not self.over]

    @property
    def failed(self) -> list[Job]:
        """The jobs whose last attempt failed."""
        return [job for job in self.jobs.values() if job.failed]

    @property
    def over(self) -> bool:
        """Whether Snakemake does not run any more."""
        return self.ended or self.broken_off

    @property
    def complete(self) -> bool:
        """Whether Snakemake has ended with everything done."""
        return self.ended and not self.failed and len(self.finished) >= sum(self.plan.values())


def newest_log(folder: Path) -> Path:
    """Find the log of the newest run in a folder.

    Raises
    ------
    InputError
        Where no run was ever started there.
    """
    logs = folder / ".snakemake" / "log"
    for path in sorted(logs.glob("*.snakemake.log"), reverse=True):
        text = path.read_text(encoding="utf-8", errors="replace")
        # Jobs on cluster nodes run Snakemake with logs of their own, and so do --lint and --report.
        if " --mode" not in text[:4000] and (_STATS.search(text) or "Nothing to be done" in text):
            return path
    raise InputError(
        f"{logs}: expected the log of a run, found none; start snakemake there, or give the folder that it "
        "runs in"
    )


def read_run(log: Path) -> RunState:
    """Read the state of a run from Snakemake's log."""
    text = log.read_text(encoding="utf-8", errors="replace")
    table = _STATS.search(text)
    plan = {rule: int(count) for rule, count in map(str.split, table[1].splitlines())} if table else {}
    state = RunState(plan, last=datetime.fromtimestamp(log.stat().st_mtime))
    now, block = state.last, None
    for line in text[table.end() if table else 0 :].splitlines():
        if found := _TIME.fullmatch(line):
            now = datetime.strptime(found[1], "%a %b %d %H:%M:%S %Y")
            state.started_at = state.started_at or now
        elif found := _RULE.fullmatch(line):
            block = Job(found[1], "", "", now)
        elif line.startswith("Error in rule "):
            block = None
        elif found := _FIELD.fullmatch(line):
            _set_field(state, block, found[1], found[2], now)
        elif (found := _FINISHED.match(line)) and found[1] in state.jobs:
            job = state.jobs[found[1]]
            job.ended, job.failed = now, False
        elif line.startswith(_ENDS):
            state.ended = True
    host = _HOST.search(text)
    state.broken_off = not state.ended and host is not None and _is_left(log, host[1])
    return state


def _is_left(log: Path, host: str) -> bool:
    """Whether no process writes to a log any more; False where that cannot be known, as on another host."""
    processes = Path("/proc")
    if host != socket.gethostname() or not (processes / "self/fd").is_dir():
        return False
    if os.geteuid() not in (0, log.stat().st_uid):
        return False
    path = str(log.resolve())
    for number in filter(str.isdigit, os.listdir(processes)):
        try:
            if any(os.readlink(file) == path for file in os.scandir(processes / number / "fd")):
                return False
        except OSError:
            # It has ended, or is another user's.
            continue
    return True


def _set_field(state: RunState, block: Job | None, key: str, value: str, now: datetime) -> None:
    """Set a field of a started job, or, where there is no block, mark a job as failed by its id."""
    if block is None:
        if key == "jobid" and value in state.jobs:
            state.jobs[value].ended, state.jobs[value].failed = now, True
    elif key == "jobid":
        # A retried job has the same id.
        state.jobs[value] = block
    elif key == "log":
        block.log = value
    elif key == "wildcards":
        block.wildcards = value


def last_message(job: Job, folder: Path, now: datetime) -> LastMessage:
    """Read the last message of a running job from the end of its log."""
    path = folder / job.log
    if not job.log or not path.is_file():
        return LastMessage()
    written = datetime.fromtimestamp(path.stat().st_mtime)
    # While a job waits for its node, the log of an earlier run is still there.
    if written < job.started - CLOCK_SLACK:
        return LastMessage()
    with open(path, "rb") as handle:
        handle.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = handle.read().decode("utf-8", errors="replace").splitlines()
    for line in reversed(lines):
        if (fraction := _fraction(line)) is not None:
            left = _LEFT.search(line)
            seconds = None if left is None else max(0.0, float(left[1]) - (now - written).total_seconds())
            return LastMessage(line.partition(" ")[2], fraction, seconds)
    return LastMessage(lines[-1].partition(" ")[2] if lines else "")


def _fraction(line: str) -> float | None:
    """Return the progress from 0 to 1 in a message; None where it does not say."""
    if (found := _STEP.search(line)) is not None:
        epoch, epochs, step, steps = map(int, found.groups())
        return (epoch - 1 + step / steps) / epochs
    progress = next((match for pattern in _SHARES if (match := re.search(pattern, line))), None)
    return None if progress is None or progress[2] == "0" else int(progress[1]) / int(progress[2])
