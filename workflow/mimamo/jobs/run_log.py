"""What Snakemake's log and the logs of its jobs tell about a run. Everything is read, nothing is written."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean

from mimamo.errors import InputError

#: Of a job's log, the end is enough.
TAIL_BYTES = 4096
#: Clocks of two computers may differ by this much.
CLOCK_SLACK = timedelta(seconds=5)

_TIME = re.compile(r"\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\]")
_RULE = re.compile(r"(?:local)?rule (\w+):")
_FIELD = re.compile(r"    (\w+): (.*)")
_FINISHED = re.compile(r"Finished jobid: (\d+) ")
_STATS = re.compile(r"^Job stats:\njob +count\n[ -]+\n(.*?)^total +\d+$", re.MULTILINE | re.DOTALL)
_ENDS = ("Complete log(s): ", "Nothing to be done ")
#: How the jobs say how far they are: names of a batch, or epochs of a fold.
_SHARES = (r"epoch (\d+) of (\d+)", r"(\d+) of (\d+) names", r"^\w+ (\d+)/(\d+) ")
_LEFT = re.compile(r"(\d+) s left")


@dataclass
class Job:
    """A job that was started.

    Attributes
    ----------
    rule, wildcards
        What it is, and for which batch or fold.
    log
        Its log, relative to the folder of the run; empty where it has none.
    started, ended
        When Snakemake said so; `ended` is None while it runs.
    failed
        Whether its last attempt failed.
    """

    rule: str
    wildcards: str
    log: str
    started: datetime
    ended: datetime | None = None
    failed: bool = False


@dataclass
class Word:
    """What a running job said last.

    Attributes
    ----------
    text
        The message; empty where it said nothing yet, as while it waits for a node.
    share
        How much of it is done, from 0 to 1; None where it does not say.
    left
        Seconds it needs, as it said, less the time since then; None where it does not say.
    """

    text: str = ""
    share: float | None = None
    left: float | None = None


@dataclass
class RunState:
    """Where a run stands.

    Attributes
    ----------
    plan
        Number of jobs by rule, in the order of Snakemake's table.
    jobs
        The started jobs by Snakemake's number.
    begun
        When the first job was started; None before.
    last
        When Snakemake wrote its log last.
    ended
        Whether Snakemake has ended.
    """

    plan: dict[str, int]
    jobs: dict[str, Job] = field(default_factory=dict)
    begun: datetime | None = None
    last: datetime | None = None
    ended: bool = False

    def of(self, rule: str) -> list[Job]:
        """Give the started jobs of a rule."""
        return [job for job in self.jobs.values() if job.rule == rule]

    @property
    def finished(self) -> list[Job]:
        """The jobs that ended well."""
        return [job for job in self.jobs.values() if job.ended is not None and not job.failed]

    @property
    def running(self) -> list[Job]:
        """The jobs that were started and have not ended; none where Snakemake itself has."""
        return [job for job in self.jobs.values() if job.ended is None and not self.ended]

    @property
    def failed(self) -> list[Job]:
        """The jobs whose last attempt failed."""
        return [job for job in self.jobs.values() if job.failed]

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
        # Jobs on the nodes of a cluster are Snakemakes of their own, and so are --lint and --report.
        if " --mode" not in text[:4000] and (_STATS.search(text) or "Nothing to be done" in text):
            return path
    raise InputError(
        f"{logs}: expected the log of a run, found none; start snakemake there, or give the folder that it "
        "runs in"
    )


def read_run(log: Path) -> RunState:
    """Read where a run stands from Snakemake's log."""
    text = log.read_text(encoding="utf-8", errors="replace")
    table = _STATS.search(text)
    plan = {rule: int(count) for rule, count in map(str.split, table[1].splitlines())} if table else {}
    state = RunState(plan, last=datetime.fromtimestamp(log.stat().st_mtime))
    now, block = state.last, None
    for line in text[table.end() if table else 0 :].splitlines():
        if found := _TIME.fullmatch(line):
            now = datetime.strptime(found[1], "%a %b %d %H:%M:%S %Y")
            state.begun = state.begun or now
        elif found := _RULE.fullmatch(line):
            block = Job(found[1], "", "", now)
        elif line.startswith("Error in rule "):
            block = None
        elif found := _FIELD.fullmatch(line):
            _take(state, block, found[1], found[2], now)
        elif (found := _FINISHED.match(line)) and found[1] in state.jobs:
            job = state.jobs[found[1]]
            job.ended, job.failed = now, False
        elif line.startswith(_ENDS):
            state.ended = True
    return state


def _take(state: RunState, block: Job | None, key: str, value: str, now: datetime) -> None:
    """Take up a field of a started job, or, where there is no block, of one that has failed."""
    if block is None:
        if key == "jobid" and value in state.jobs:
            state.jobs[value].ended, state.jobs[value].failed = now, True
    elif key == "jobid":
        # A job that is tried again has the same number.
        state.jobs[value] = block
    elif key == "log":
        block.log = value
    elif key == "wildcards":
        block.wildcards = value


def last_word(job: Job, folder: Path, now: datetime) -> Word:
    """Read what a running job said last, from the end of its log."""
    path = folder / job.log
    if not job.log or not path.is_file():
        return Word()
    written = datetime.fromtimestamp(path.stat().st_mtime)
    # A job that waits for its node leaves the log of an earlier run as it was.
    if written < job.started - CLOCK_SLACK:
        return Word()
    with open(path, "rb") as handle:
        handle.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = handle.read().decode("utf-8", errors="replace").splitlines()
    for line in reversed(lines):
        if (share := _share(line)) is not None:
            left = _LEFT.search(line)
            rest = None if left is None else max(0.0, float(left[1]) - (now - written).total_seconds())
            return Word(line.partition(" ")[2], share, rest)
    return Word(lines[-1].partition(" ")[2] if lines else "")


def _share(line: str) -> float | None:
    found = next((match for pattern in _SHARES if (match := re.search(pattern, line))), None)
    return None if found is None or found[2] == "0" else int(found[1]) / int(found[2])


def seconds_left(state: RunState, folder: Path, now: datetime) -> tuple[float, bool]:
    """Estimate how long a run will still take.

    Running jobs are believed what they say. Others are taken for as long as their rule's jobs were in this
    run, or else in an earlier one. As many jobs are thought to run side by side as do now.

    Returns
    -------
    tuple
        Seconds, and whether something was left out because nothing is known of it.
    """
    total, unknown = 0.0, False
    for rule, planned in state.plan.items():
        started = state.of(rule)
        running = [job for job in started if job in state.running]
        typical = _typical(rule, state, folder)
        for job in running:
            word = last_word(job, folder, now)
            spent = (now - job.started).total_seconds()
            if word.left is not None:
                total += word.left
            elif typical is not None:
                total += max(0.0, typical - spent)
            else:
                unknown = True
        waiting = planned - len(started)
        if waiting and typical is None and rule != "all":
            unknown = True
        total += waiting * (typical or 0.0)
    return total / max(1, len(state.running)), unknown


def _typical(rule: str, state: RunState, folder: Path) -> float | None:
    """Give the mean seconds of a rule's jobs; None where none has ever ended."""
    done = [job for job in state.finished if job.rule == rule]
    if done:
        return mean((job.ended - job.started).total_seconds() for job in done)
    benchmarks = folder / "results" / "benchmarks"
    times = [
        float(line["s"])
        for path in [*sorted(benchmarks.rglob(f"{rule}.tsv")), *sorted(benchmarks.rglob(f"{rule}/*.tsv"))]
        for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    ]
    return mean(times) if times else None
