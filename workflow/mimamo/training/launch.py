"""Starting the processes of a team with torch's launcher, and hearing what has become of them.

SLURM sends SIGTERM to every process of a job; where only this one gets it, the launcher passes it on.
The processes agree on where to stop, save, and end with `EXIT_CODE`. Where this process is killed, the
others are told by the system and end too.
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

from mimamo.distributed import Team
from mimamo.errors import InputError
from mimamo.jobs.interruption import EXIT_CODE, Interrupted
from mimamo.jobs.job import limit_threads, log_file, start_logging

logger = logging.getLogger(__name__)

#: Seconds for the processes to save and end once they are asked to; SLURM gives 30 by default, others less.
PATIENCE = 9


def run_together(size: int, function: Callable[..., None], **arguments: object) -> None:
    """Call ``function(team=…, **arguments)`` in `size` processes at once; in this one if that is all.

    Parameters
    ----------
    size
        How many. Each gets a GPU of its own where there is any GPU; else they compute on the CPU.
    function, arguments
        What they do: a function of a module and plain values, which can be sent to another process.

    Raises
    ------
    InputError
        As the function does; or where there are GPUs, but fewer than processes.
    Interrupted
        When SIGTERM came.
    RuntimeError
        Where a process ended in another way.
    """
    if size == 1:
        function(**arguments)
        return
    if 0 < (found := torch.cuda.device_count()) < size:
        raise InputError(
            f"training.gpus is {size}, and this job has {found} of them: lower it, or give the job more GPUs"
        )
    with tempfile.TemporaryDirectory() as folder:
        fault = Path(folder) / "fault.json"
        try:
            _launch(size, function, arguments, fault)
        except _Stopped:
            raise Interrupted(f"the {size} processes of the training were asked to stop") from None
        except _Failed as failure:
            raise _told(fault, failure) from None


class _Stopped(Exception):
    """SIGTERM came."""


class _Failed(Exception):
    """A process ended with an error."""


def _launch(size: int, function: Callable[..., None], arguments: dict, fault: Path) -> None:
    """Start the processes and wait for their end."""
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # As torchrun --standalone has it: on this machine alone, at a free port.
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=size,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        local_addr="localhost",
        max_restarts=0,
        shutdown_timeout=PATIENCE,
    )
    threads = max(1, torch.get_num_threads() // size)
    try:
        elastic_launch(config, _work)(function, arguments, threads, log_file(), fault)
    except SignalException:
        raise _Stopped from None
    except ChildFailedError as error:
        codes = {failure.exitcode for failure in error.failures.values()}
        if codes & {EXIT_CODE, -signal.SIGTERM}:
            raise _Stopped from None
        raise _Failed(f"a process of the training ended with the code {min(codes)}") from None


def _told(fault: Path, failure: _Failed) -> Exception:
    """Return the fault that the first process to fail has written down, as what it was there."""
    if not fault.is_file():
        return RuntimeError(str(failure))
    content = json.loads(fault.read_text())
    return InputError(content["said"]) if content["of_data"] else RuntimeError(content["traceback"])


def _work(
    function: Callable[..., None], arguments: dict, threads: int, log: Path | None, fault: Path
) -> None:
    """Be one process of the team."""
    start_logging(log, anew=False)
    limit_threads(threads)
    team = _join()
    if not team.leads:
        logging.getLogger("mimamo").setLevel(logging.WARNING)
    try:
        function(team=team, **arguments)
    except Interrupted as error:
        if team.leads:
            logger.warning("%s", error)
        # At once: all is saved, and a tidy end takes the interpreter seconds that may not be left.
        os._exit(EXIT_CODE)
    except KeyboardInterrupt:
        # So torch tells a process that the one that started it is gone.
        os._exit(128 + signal.SIGINT)
    except Exception as error:
        _write_down(fault, error)
        sys.exit(1)
    dist.destroy_process_group()


def _join() -> Team:
    """Meet the other processes; on GPUs through NCCL, else through gloo."""
    if torch.cuda.is_available():
        # First, or every process would open a context on the first GPU too.
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl")
    else:
        dist.init_process_group("gloo")
    return Team(dist.get_rank(), dist.get_world_size())


def _write_down(fault: Path, error: Exception) -> None:
    """Write down the first fault; those of the other processes only follow from it."""
    content = {
        "of_data": isinstance(error, InputError),
        "said": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    try:
        with open(fault, "x") as handle:
            json.dump(content, handle)
    except FileExistsError:
        pass
