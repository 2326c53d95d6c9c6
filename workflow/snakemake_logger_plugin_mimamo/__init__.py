"""Snakemake's logger of profiles/default and profiles/slurm: short lines instead of blocks with every input.

Snakemake finds it by its name. Its log file holds everything in any case, and ``--verbose`` shows that.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from datetime import datetime
from logging import INFO, LogRecord
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

#: Information of Snakemake and its SLURM plugin that nobody has to read in a run that goes well.
CHATTER = (
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Complete log(s): ",
    "Conda environments: ignored",
    "Elapsed time: ",
    "Execute ",
    "Job ",
    "Provided remote nodes",
    "Reasons:",
    "Select jobs to execute",
    "Singularity containers: ignored",
    "Using shell: ",
    "host: ",
)
#: What the failures at the end say better.
SAID_AT_THE_END = (
    "At least one job did not complete successfully",
    "Exiting because a job execution failed",
    "WorkflowError:\nAt least one job did not complete successfully",
)
#: What Snakemake says of a job that it starts once more.
RETRY = re.compile(r"Trying to restart job (\d+)\.")
#: How Snakemake reports the end of a job's process; the job's failure comes next, from the same thread.
PROCESS_ENDED = "RuleException:\nCalledProcessError in file "


class LogHandler(LogHandlerBase):
    """Writes a line for every job that ends; at the end the failures, or what has come out."""

    writes_to_stream = True
    writes_to_file = False
    # Snakemake's own, which follow --quiet and --verbose.
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Prepare for the output settings of this call."""
        # Late: Snakemake imports this module in every job.
        from mimamo.jobs.terminal import RunTerminal
        from mimamo.jobs.verbosity import only_errors

        # The results of a dry run go to standard output.
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.own = None
        if self.common_settings.verbose:
            from snakemake.logging import ColorizingTextHandler

            self.own = ColorizingTextHandler(self.common_settings.nocolor, self.stream)
        else:
            only_errors()
        self.terminal = RunTerminal(self._write, profile_file(sys.argv[1:]))
        # Snakemake changes to the folder of the run later.
        self.called_from = Path.cwd()
        self.endings: dict[int | None, str] = {}
        self.planned = self.ended = False

    def _write(self, line: str) -> None:
        """Write a line at once."""
        print(line, file=self.stream, flush=True)

    def emit(self, record: LogRecord) -> None:
        """Write what is to be said about an event; called from a thread that must not end by an error."""
        try:
            if self.own is not None:
                self.own.setFormatter(self.formatter)
                self.own.emit(record)
            else:
                self._dispatch(record, datetime.fromtimestamp(record.created))
        except Exception:
            self.handleError(record)

    def _dispatch(self, record: LogRecord, now: datetime) -> None:
        """Pass an event on to the terminal's lines."""
        event, terminal = getattr(record, "event", None), self.terminal
        if event == LogEvent.RUN_INFO:
            self._plan(record, now)
        elif event == LogEvent.JOB_INFO:
            terminal.start(str(record.jobid), job_of(record, now))
        elif event == LogEvent.JOB_FINISHED:
            terminal.finish(str(record.job_id), now)
        elif event == LogEvent.PROGRESS:
            terminal.step(record.done, record.total, now)
        elif event == LogEvent.JOB_ERROR:
            remote = record.aux.get("external_jobid") is not None
            message = record.rule_msg or self.endings.pop(record.thread, "")
            terminal.fail(str(record.jobid), message, remote, now)
        elif event in (None, LogEvent.ERROR):
            self._pass_on(record, self.format(record))

    def _pass_on(self, record: LogRecord, message: str) -> None:
        """Write a message of Snakemake's that is none about a job, unless there is no need to."""
        if message.startswith(PROCESS_ENDED):
            self.endings[record.thread] = message.splitlines()[-1]
        elif found := RETRY.fullmatch(message):
            self.terminal.retry(found[1])
        elif message.startswith(SAID_AT_THE_END) or (record.levelno <= INFO and message.startswith(CHATTER)):
            return
        elif message:
            self._write(message)

    def _plan(self, record: LogRecord, now: datetime) -> None:
        """Show the table of jobs in a dry run, which sends it twice, or their number where they begin."""
        if self.common_settings.dryrun:
            if not self.planned:
                self._write(record.getMessage())
        else:
            if (folder := Path.cwd()) != self.called_from:
                self._write(f"Working in {folder}, where the paths below count from.")
            self.terminal.plan({rule: jobs for rule, jobs in record.stats.items() if rule != "total"}, now)
        self.planned = True

    def close(self) -> None:
        """Write what comes last: failures, or a summary of what has come out where everything was made."""
        # Snakemake closes it, and Python once more when it exits.
        if self.own is None and not self.ended:
            self.terminal.close()
            if self.terminal.made("all") and not self.terminal.state.failed:
                self._summarise()
        self.ended = True
        super().close()

    def _summarise(self) -> None:
        """Write what has come out."""
        from mimamo.errors import InputError
        from mimamo.page.summary import summarise

        # Paths that can be opened from where the command was called.
        folder = Path() if Path.cwd() == self.called_from else Path.cwd()
        try:
            self._write("\n".join(["", *summarise(folder / "results")]))
        except InputError as error:
            self._write(f"Error: {error}")


def job_of(record: LogRecord, now: datetime):
    """Return the job that an event is about."""
    from mimamo.jobs.run_log import Job

    wildcards = ", ".join(f"{name}={value}" for name, value in record.wildcards.items())
    resources = {"threads": record.threads, **dict(record.resources.items())}
    asked = ", ".join(f"{name}={value}" for name, value in resources.items() if not name.startswith("_"))
    return Job(record.rule_name, wildcards, record.log[0] if record.log else "", now, resources=asked)


def profile_file(arguments: list[str]) -> Path | None:
    """Find the file of the profile that Snakemake was called with; None where it is not found."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--workflow-profile", type=Path)
    profile = parser.parse_known_args(arguments)[0].workflow_profile
    # Absolute, as Snakemake changes to the folder of the run later.
    profile = None if profile is None else profile.absolute()
    if profile is not None and profile.is_dir():
        return next(iter(sorted(profile.glob("config*.yaml"), reverse=True)), None)
    return profile if profile is not None and profile.is_file() else None
