"""A run's progress on a terminal, for as long as it lasts."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mimamo.jobs.run_log import Job, RunState, Word, last_word, newest_log, read_run, seconds_left

#: Seconds between two looks at the logs, which may lie on a slow disk that many use.
INTERVAL = 2.0
#: After so long without a line the reader is told that the run may be dead.
QUIET = timedelta(minutes=10)
#: Of more running jobs than these the first are shown.
MOST_JOBS = 20


def watch(folder: Path, once: bool = False, console: Console | None = None) -> bool:
    """Show the newest run of a folder until it ends.

    Parameters
    ----------
    folder
        Where Snakemake runs.
    once
        Show it once and return, as is also done where the output is no terminal.
    console
        Where to write; standard output by default.

    Returns
    -------
    bool
        Whether nothing has failed.

    Raises
    ------
    InputError
        Where no run was ever started in that folder.
    """
    console = console or Console(highlight=False)
    log = newest_log(folder)
    state = read_run(log)
    if once or state.ended or not console.is_terminal:
        console.print(view(state, folder, datetime.now()))
        return not state.failed
    with Live(console=console, auto_refresh=False) as live:
        while True:
            state = read_run(log)
            live.update(view(state, folder, datetime.now()), refresh=True)
            if state.ended:
                return state.complete
            time.sleep(INTERVAL)


def view(state: RunState, folder: Path, now: datetime) -> Group:
    """Lay out where a run stands: a headline, a line for every rule at work, and one for every running job.

    What is done and what is to come share a line each, or a run would not fit on a terminal.
    """
    running = sorted(state.running, key=lambda job: (list(state.plan).index(job.rule), job.wildcards))
    words = {id(job): last_word(job, folder, now) for job in running}
    rules, jobs = Table.grid(padding=(0, 2)), Table.grid(padding=(0, 2))
    stages = _stages(state)
    for rule in stages["at work"]:
        rules.add_row(*_rule_row(rule, state.plan[rule], state, words))
    for job in running[:MOST_JOBS]:
        told = words[id(job)].text or "no word yet"
        jobs.add_row(Text(_which(job), "cyan"), Text(told, overflow="ellipsis", no_wrap=True))
    if len(running) > MOST_JOBS:
        jobs.add_row(Text(f"and {len(running) - MOST_JOBS} more", "dim"), "")
    done, to_come = (_line(stage, stages[stage]) for stage in ("done", "to come"))
    return Group(headline(state, folder, now), *done, rules, jobs, *to_come, *_failures(state))


def _line(stage: str, rules: list[str]) -> list[Text]:
    return [Text(f"{stage}: {', '.join(rules)}", "dim")] if rules else []


def _stages(state: RunState) -> dict[str, list[str]]:
    """Sort the rules, in the order of the plan, by whether they are done, at work, or to come."""
    stages: dict[str, list[str]] = {"done": [], "at work": [], "to come": []}
    for rule, planned in state.plan.items():
        jobs = state.of(rule)
        done = sum(1 for job in jobs if job in state.finished)
        if rule != "all":
            stages["done" if done == planned else "at work" if jobs else "to come"].append(rule)
    return stages


def headline(state: RunState, folder: Path, now: datetime) -> Text:
    """Say in a line how much is done, how long it took, and how long it will take."""
    done, planned = len(state.finished), sum(state.plan.values())
    if not state.plan:
        return Text("Nothing to be done: all files are there and up to date.", style="green")
    end = state.last if state.ended else now
    so_far = duration((end - (state.begun or end)).total_seconds())
    if state.complete:
        return Text(f"Done: {done} of {planned} jobs in {so_far}.", style="bold green")
    if state.ended:
        return Text(f"Ended after {so_far} with {done} of {planned} jobs done.", style="bold red")
    seconds, unknown = seconds_left(state, folder, now)
    left = f"{'at least' if unknown else 'about'} {duration(seconds)} left"
    line = Text(f"{done} of {planned} jobs, {so_far} so far, {left}", style="bold")
    if _quiet(state, folder, now) > QUIET:
        line.append(
            f"  No job has said a word for {duration(_quiet(state, folder, now).total_seconds())}.", "red"
        )
    return line


def _quiet(state: RunState, folder: Path, now: datetime) -> timedelta:
    """How long neither Snakemake nor a running job has written anything."""
    logs = [folder / job.log for job in state.running if job.log and (folder / job.log).is_file()]
    return now - max([state.last, *(datetime.fromtimestamp(path.stat().st_mtime) for path in logs)])


def _rule_row(rule: str, planned: int, state: RunState, words: dict[int, Word]) -> tuple:
    jobs = state.of(rule)
    done = sum(1 for job in jobs if job in state.finished)
    # A job that is half done fills half of its share of the bar.
    share = done + sum(words[id(job)].share or 0.0 for job in jobs if id(job) in words)
    bar = ProgressBar(total=planned, completed=share, width=24, complete_style="cyan", finished_style="green")
    style = "" if any(id(job) in words for job in jobs) else "dim"
    return Text(rule, style), bar, Text(f"{done} of {planned}", style)


def _which(job: Job) -> str:
    """Name a job by its rule, its run where it is not the configured one, and its batch or fold."""
    pairs = [pair.partition("=")[::2] for pair in job.wildcards.split(", ") if pair]
    told = [value.strip("/") if key == "run" else f"{key} {value}" for key, value in pairs if value]
    return " ".join([job.rule, ", ".join(told)]).strip()


def _failures(state: RunState) -> list[Text]:
    return [Text(f"Failed: {_which(job)}, see {job.log}", style="red") for job in state.failed]


def duration(seconds: float) -> str:
    """Write seconds as hours, minutes and seconds, the two largest that are not zero."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
