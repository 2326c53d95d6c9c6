"""A process that has imported Snakemake, and forks for every dry run that it is asked for.

Half of a dry run's time is that import. It is a script, which support/dry_runs.py starts and asks: a request
is a line of JSON with the arguments of `dry_run`, the answer is a line with the exit status.
"""

import json
import os
import runpy
import signal
import sys

import snakemake.cli  # noqa: F401
from snakemake import workflow


def dry_run(
    arguments: list[str], folder: str, environment: dict[str, str], output: str, seconds: int
) -> None:
    """Do what ``python -m snakemake`` does with these arguments, in this process.

    Parameters
    ----------
    arguments
        Of Snakemake's command line.
    folder
        The current one.
    environment
        All variables.
    output
        Where both streams are written to; an empty file.
    seconds
        After so many, SIGALRM ends the process.
    """
    os.setsid()
    signal.alarm(seconds)
    written = os.open(output, os.O_WRONLY)
    for stream, target in ((os.open(os.devnull, os.O_RDONLY), 0), (written, 1), (written, 2)):
        os.dup2(stream, target)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # Snakemake keeps the current folder of its import.
    workflow.Workflow._rundir = folder
    sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv[1:] = arguments
    runpy.run_module("snakemake", run_name="__main__", alter_sys=True)


def serve() -> None:
    """Answer every request before the next one is read, until there is none."""
    for request in sys.stdin:
        child = os.fork()
        if child == 0:
            dry_run(**json.loads(request))
            return
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
