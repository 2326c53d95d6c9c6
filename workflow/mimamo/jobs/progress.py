"""Live display of a run's progress on a terminal."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mimamo.jobs.duration import format_duration
from mimamo.jobs.run_log import LastMessage, RunState, last_message, newest_log, read_run
from mimamo.jobs.time_left import TimeLeft, time_left

#: Seconds between two reads of the logs, which may be on a slow shared disk.
INTERVAL = 2.0
#: Time without any output after which the display warns that the run may be dead.
QUIET_TIMEOUT = timedelta(minutes=10)
#: Number of running jobs that are shown; of more, the first.
MAX_JOBS = 20


def watch(folder: Path, once: bool = False, console: Console | None = None) -> bool:
    """Show the progress of the newest run in a folder until the run ends.

    Parameters
    ----------
    folder
        The folder in which Snakemake runs.
    once
        Show it once and return, which is also done where the output is no terminal.
    console
        The console to write to; standard output by default.

    Returns
    -------
    bool
        Whether the run is complete or, where it is shown once and still goes on, no job has failed.

    Raises
    ------
    InputError
        Where no run was ever started in that folder.
    """
    console = console or Console(highlight=False)
    log = newest_log(folder)
    state = read_run(log)
    if once or state.over or not console.is_terminal:
        console.print(view(state, folder, datetime.now()))
        return state.complete if state.over else not state.failed
    with Live(console=console, auto_refresh=False) as live:
        while True:
            state = read_run(log)
            live.update(view(state, folder, datetime.now()), refresh=True)
            if state.over:
                return state.complete
            time.sleep(INTERVAL)


def view(state: RunState, folder: Path, now: datetime) -> Group:
    """Lay out the state of a run: a headline, a line for every active rule, and one for every running job.

    Finished rules share one line and rules to come another, as a run would not fit on a terminal otherwise.
    """
    running = sorted(state.running, key=lambda job: (list(state.plan).index(job.rule), job.wildcards))
    messages = {id(job): last_message(job, folder, now) for job in running}
    rules, jobs = Table.grid(padding=(0, 2)), Table.grid(padding=(0, 2))
    stages = _stages(state)
    for rule in stages["at work"]:
        rules.add_row(*_rule_row(rule, state.plan[rule], state, messages))
    for job in running[:MAX_JOBS]:
        message = messages[id(job)].text or "no message yet"
        jobs.add_row(Text(job.label, "cyan"), Text(message, overflow="ellipsis", no_wrap=True))
    if len(running) > MAX_JOBS:
        jobs.add_row(Text(f"and {len(running) - MAX_JOBS} more", "dim"), "")
    done, to_come = (_stage_line(stage, stages[stage]) for stage in ("done", "to come"))
    return Group(headline(state, folder, now), *done, rules, jobs, *to_come, *_failures(state))


def _stage_line(stage: str, rules: list[str]) -> list[Text]:
    """Return the line that lists the rules of a stage; empty without any."""
    return [Text(f"{stage}: {', '.join(rules)}", "dim")] if rules else []


def _stages(state: RunState) -> dict[str, list[str]]:
    """Return the rules that are done, at work and to come, in the order of the plan."""
    stages: dict[str, list[str]] = {"done": [], "at work": [], "to come": []}
    for rule, planned in state.plan.items():
        jobs = state.of(rule)
        done = sum(1 for job in jobs if job in state.finished)
        if rule != "all":
            stages["done" if done == planned else "at work" if jobs else "to come"].append(rule)
    return stages


def headline(state: RunState, folder: Path, now: datetime) -> Text:
    """Summarise in a line how much is done, how long it took, and how long it will take."""
    done, planned = len(state.finished), sum(state.plan.values())
    if not state.plan:
        return Text("Nothing to be done: all files are there and up to date.", style="green")
    end = state.last if state.over else now
    so_far = format_duration((end - (state.started_at or end)).total_seconds())
    if state.complete:
        return Text(f"Done: {done} of {planned} jobs in {so_far}.", style="bold green")
    if state.ended:
        return Text(f"Ended after {so_far} with {done} of {planned} jobs done.", style="bold red")
    if state.broken_off:
        what = f"Broken off after {so_far} with {done} of {planned} jobs done"
        return Text(f"{what}; repeat the same command to resume.", style="bold red")
    left = _describe(time_left(state, folder, now))
    line = Text(f"{done} of {planned} jobs, {so_far} so far, {left}", style="bold")
    if _silence(state, folder, now) > QUIET_TIMEOUT:
        silence = format_duration(_silence(state, folder, now).total_seconds())
        line.append(f"  No job has logged anything for {silence}.", "red")
    return line


def _describe(left: TimeLeft) -> str:
    """Describe the time left, and how sure it is."""
    if left.seconds is None:
        return "time left not known before the first job has ended"
    if not left.unknown:
        return f"about {format_duration(left.seconds)} left"
    first = f" and {len(left.unknown) - 1} more" if len(left.unknown) > 1 else ""
    return f"at least {format_duration(left.seconds)} left: {left.unknown[0]}{first} never ran here"


def _silence(state: RunState, folder: Path, now: datetime) -> timedelta:
    """Return the time since Snakemake or a running job last wrote anything."""
    logs = [folder / job.log for job in state.running if job.log and (folder / job.log).is_file()]
    return now - max([state.last, *(datetime.fromtimestamp(path.stat().st_mtime) for path in logs)])


def _rule_row(rule: str, planned: int, state: RunState, messages: dict[int, LastMessage]) -> tuple:
    """Return the cells of a rule at work: its name, progress bar, and number of jobs done."""
    jobs = state.of(rule)
    done = sum(1 for job in jobs if job in state.finished)
    # A job that is half done fills half of its share of the bar.
    completed = done + sum(messages[id(job)].fraction or 0.0 for job in jobs if id(job) in messages)
    bar = ProgressBar(
        total=planned, completed=completed, width=24, complete_style="cyan", finished_style="green"
    )
    style = "" if any(id(job) in messages for job in jobs) else "dim"
    return Text(rule, style), bar, Text(f"{done} of {planned}", style)


def _failures(state: RunState) -> list[Text]:
    """Return a line for every failed job, with its log."""
    return [Text(f"Failed: {job.label}, see {job.log}", style="red") for job in state.failed]
