"""Execution of a rule's script: logging, threads, readable errors and the record of provenance."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mimamo.errors import InputError
from mimamo.jobs.interruption import EXIT_CODE, Interrupted
from mimamo.jobs.refusals import Refusal
from mimamo.jobs.verbosity import terminal_level
from mimamo.provenance.record import record_job
from mimamo.storage.files import explain_write_errors

logger = logging.getLogger("mimamo")


@contextmanager
def logged(snakemake) -> Iterator[None]:
    """Run a rule's script with its log file, its threads, readable errors and a record of its provenance.

    Messages go to the rule's log file and to the terminal, see `mimamo.jobs.verbosity`. An `InputError` ends
    the job with its message alone; any other exception ends it with a message on the terminal and the
    traceback in the log.

    Parameters
    ----------
    snakemake
        The object that Snakemake puts into a script.
    """
    path = Path(snakemake.log[0])
    refusal = Refusal(path)
    try:
        # A job without output, as the doctor's, is called for what it says.
        start_logging(path, level=terminal_level() if snakemake.output else logging.INFO)
        limit_threads(snakemake.threads)
        # The SLURM profile, which retries jobs, passes the number of the attempt as a resource.
        refusal.repeat(snakemake.resources.get("attempt", 1))
        yield
        record_job(snakemake)
    except InputError as error:
        refusal.keep(error)
        logger.error("%s", error)
        sys.exit(1)
    except Interrupted as error:
        logger.warning("%s", error)
        sys.exit(EXIT_CODE)
    except Exception as error:
        logging.getLogger("mimamo.file").exception("The job ended with an error that is not about its data:")
        logger.error("%s: %s. The traceback is in %s", type(error).__name__, error, path)
        sys.exit(1)


def start_logging(path: Path | None = None, anew: bool = True, level: int = logging.INFO) -> None:
    """Log to the terminal and, where `path` is given, to that file.

    Parameters
    ----------
    path
        The log file, which gets all messages.
    anew
        Whether the file is overwritten.
    level
        Of messages for the terminal, the lowest.
    """
    formatter = logging.Formatter("%(levelname)s %(message)s")
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setLevel(level)
    # Tracebacks are for the log file only.
    terminal.addFilter(lambda record: record.name != "mimamo.file")
    handlers: list[logging.Handler] = [terminal]
    if path is not None:
        with explain_write_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(logging.FileHandler(path, mode="w" if anew else "a"))
        # On a full disk every message would come with a traceback, which would hide the one that matters.
        logging.raiseExceptions = False
    for handler in handlers:
        handler.setFormatter(formatter)
    logger.handlers[:] = handlers
    logger.setLevel(logging.INFO)
    logger.propagate = False


def log_file() -> Path | None:
    """Return the file that messages go to, if any."""
    files = [handler.baseFilename for handler in logger.handlers if isinstance(handler, logging.FileHandler)]
    return Path(files[0]) if files else None


def limit_threads(threads: int) -> None:
    """Limit the threads of every library that starts its own to `threads`.

    BLAS, OpenMP and torch read the environment when they are first imported, which is after this call.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        os.environ[variable] = str(threads)
    # OpenCV has a thread pool that only its own call limits; modules that decode images make that call.
    os.environ["OPENCV_FOR_THREADS_NUM"] = str(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
