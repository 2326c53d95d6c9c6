"""Launch the processes of a process group with torch's elastic launcher, and collect their errors.

SLURM sends SIGTERM to every process of a job; where only this one receives it, the launcher passes it on.
The processes agree on where to stop, save, and exit with `EXIT_CODE`. Where this process is killed, the
system signals the others, and they exit too.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import tempfile
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist

from mimamo.distributed import ProcessGroup
from mimamo.errors import InputError
from mimamo.jobs.interruption import EXIT_CODE, Interrupted
from mimamo.jobs.job import limit_threads, log_file, start_logging
from mimamo.jobs.verbosity import terminal_level

logger = logging.getLogger(__name__)

#: Seconds for the processes to save and end once they are asked to; SLURM gives 30 by default, others less.
TERMINATE_TIMEOUT = 9


def run_distributed(size: int, function: Callable[..., None], **arguments: object) -> None:
    """Call ``function(process_group=…, **arguments)`` in `size` processes; in this one if `size` is 1.

    Parameters
    ----------
    size
        Number of processes. Each gets a GPU of its own where there is any GPU; else they use the CPU.
    function, arguments
        What each process runs: a module-level function and plain values, all of which can be pickled.

    Raises
    ------
    InputError
        As `function` raises it; or where there are GPUs, but fewer than processes.
    Interrupted
        When SIGTERM came.
    RuntimeError
        Where a process ended with another error.
    """
    if size == 1:
        function(**arguments)
        return
    if 0 < (gpus := torch.cuda.device_count()) < size:
        raise InputError(
            f"training.gpus is {size}, and this job has {gpus} of them: lower it, or give the job more GPUs"
        )
    with tempfile.TemporaryDirectory() as folder:
        error_file = Path(folder) / "error.json"
        try:
            _launch(size, function, arguments, error_file)
        except _Terminated:
            raise Interrupted(f"the {size} processes of the training were asked to stop") from None
        except _Failed as failure:
            raise _first_error(error_file, failure) from None


class _Terminated(Exception):
    """The processes were asked to stop by SIGTERM."""


class _Failed(Exception):
    """A process exited with an error."""


def _launch(size: int, function: Callable[..., None], arguments: dict, error_file: Path) -> None:
    """Start the processes and wait until they exit."""
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # As torchrun --standalone configures it: on this machine alone, at a free port.
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=size,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,
        shutdown_timeout=TERMINATE_TIMEOUT,
    )
    threads = max(1, torch.get_num_threads() // size)
    try:
        elastic_launch(config, _worker)(function, arguments, threads, log_file(), error_file)
    except SignalException:
        raise _Terminated from None
    except ChildFailedError as error:
        codes = {failure.exitcode for failure in error.failures.values()}
        if codes & {EXIT_CODE, -signal.SIGTERM}:
            raise _Terminated from None
        raise _Failed(f"a process of the training ended with the code {min(codes)}") from None


def _first_error(error_file: Path, failure: _Failed) -> Exception:
    """Return the error that the first process to fail wrote to `error_file`, else `failure`."""
    if not error_file.is_file():
        return RuntimeError(str(failure))
    content = json.loads(error_file.read_text())
    if content["is_input_error"]:
        return InputError(content["message"])
    return RuntimeError(content["traceback"])


def _worker(
    function: Callable[..., None], arguments: dict, threads: int, log: Path | None, error_file: Path
) -> None:
    """Run `function` as one process of the group; exit with a code that says how it ended."""
    start_logging(log, anew=False, level=terminal_level())
    limit_threads(threads)
    process_group = _init_process_group()
    if not process_group.is_main:
        logging.getLogger("mimamo").setLevel(logging.WARNING)
    try:
        function(process_group=process_group, **arguments)
    except Interrupted as error:
        if process_group.is_main:
            logger.warning("%s", error)
        # At once: everything is saved, and a regular exit takes seconds that may not be left.
        os._exit(EXIT_CODE)
    except KeyboardInterrupt:
        # torch interrupts a process so when the one that launched it is gone.
        os._exit(128 + signal.SIGINT)
    except Exception as error:
        _write_first_error(error_file, error)
        sys.exit(1)
    dist.destroy_process_group()


def _init_process_group() -> ProcessGroup:
    """Join the process group; with NCCL on GPUs, else with gloo."""
    if torch.cuda.is_available():
        # Before joining, or every process would open a context on the first GPU too.
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl")
    else:
        dist.init_process_group("gloo")
    return ProcessGroup(dist.get_rank(), dist.get_world_size())


def _write_first_error(error_file: Path, error: Exception) -> None:
    """Write the error unless another process has failed first; later errors only follow from the first."""
    content = {
        "is_input_error": isinstance(error, InputError),
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    try:
        with open(error_file, "x") as handle:
            json.dump(content, handle)
    except FileExistsError:
        pass
