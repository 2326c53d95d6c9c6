"""The command line: what a person may want to do without the workflow.

Exit codes: 0 all is well, 1 the work failed (a submission is not valid, a file cannot be read or written), 2
the usage or the configuration is wrong.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mimamo import DIMENSIONS, __version__
from mimamo.errors import ConfigError, InputError
from mimamo.jobs.job import limit_threads, start_logging

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments
        The command line without the program's name; that of the process by default.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    SystemExit
        With code 2 where the usage is wrong, with 0 after ``--help`` and ``--version``.
    """
    chosen = _parser().parse_args(arguments)
    start_logging()
    try:
        return chosen.run(chosen)
    except InputError as error:
        logger.error("%s", error)
        return 2 if isinstance(error, ConfigError) else 1


def _parser() -> argparse.ArgumentParser:
    """Every command adds its own options and names the function that runs it."""
    parser = argparse.ArgumentParser(prog="mimamo", description="Valence-arousal estimation on Aff-Wild2.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_validate(commands)
    _add_predict(commands)
    _add_progress(commands)
    _add_convert(commands)
    _add_provenance(commands)
    _add_estimate(commands)
    return parser


def _add_validate(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "validate",
        help="check a submission",
        description="Check a submission: names, header, order of columns, number of lines, range, numbers, "
        "order of frames. Every problem is told in a sentence with file and line.",
    )
    command.add_argument(
        "submission", type=Path, help="a folder, a zip or a text; one text a name or one for all, or both"
    )
    expected = command.add_mutually_exclusive_group(required=True)
    expected.add_argument(
        "--expected", type=Path, metavar="GAPS_CSV", help="names and lengths: results/gaps.csv"
    )
    expected.add_argument(
        "--frame-list", type=Path, metavar="FILE", help="lines of a name and its number of frames"
    )
    expected.add_argument(
        "--sample-list",
        type=Path,
        metavar="FILE",
        help="the organisers' sample that lists every name/00001.jpg",
    )
    command.add_argument(
        "--check", type=Path, metavar="CSV", help="write a verdict for every name to this file"
    )
    command.set_defaults(run=validate_command)


def validate_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo validate``: 0 for a valid submission, 1 for another."""
    from mimamo.storage.files import write_csv
    from mimamo.submission import validate as validation

    if chosen.expected:
        expected = validation.expected_from_gaps(chosen.expected)
    elif chosen.frame_list:
        expected = validation.expected_from_frame_list(chosen.frame_list)
    else:
        expected = validation.expected_from_sample_list(chosen.sample_list)
    check = validation.validate(chosen.submission, expected)
    check.tell()
    if chosen.check:
        write_csv(check.table, chosen.check)
    return 0 if check.valid else 1


def _add_predict(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "predict",
        help="predict aligned crops of one's own",
        description="Predict valence and arousal of every frame of aligned crops of one's own, without any "
        "lists, as the mean of trained models. The CSV has the columns of results/filled.csv.",
    )
    command.add_argument(
        "crops",
        type=Path,
        metavar="CROPS",
        help="crops 00001.jpg … of one name, or one folder of them per name",
    )
    command.add_argument(
        "--models",
        type=Path,
        nargs="+",
        required=True,
        metavar="MODEL",
        help="checkpoints of one run: results/train/fold*/model.pt",
    )
    command.add_argument("--out", type=Path, required=True, metavar="CSV", help="the table to write")
    command.add_argument(
        "--policy",
        type=_policy,
        help="what frames without a crop get: report (the default: -5 before the first crop, then the "
        "prediction before), previous (the next before the first crop, then the one before) or interpolate",
    )
    command.add_argument("--threads", type=_count, metavar="N", help="threads to compute with")
    command.set_defaults(run=predict_command)


def _policy(text: str) -> str:
    """Check the name of a policy; only where one is given, as it takes a while to import them."""
    from mimamo.postprocessing.gaps import POLICIES

    if text not in POLICIES:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(POLICIES)}, found {text!r}")
    return text


def _count(text: str) -> int:
    """Read a whole number from 1 on."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, found {text!r}")
    return int(text)


def predict_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo predict``: 0 where the table was written."""
    if chosen.threads:
        limit_threads(chosen.threads)
    from mimamo.own_data.crops import predict_own_crops

    options = {"policy": chosen.policy} if chosen.policy else {}
    predict_own_crops(chosen.crops, chosen.models, chosen.out, **options)
    return 0


def _add_progress(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "progress",
        help="watch a run",
        description="Show how far a run is: names done, folds and epochs, time left. It only reads logs, so "
        "it works over ssh and while jobs run on a cluster, and it ends when the run does.",
    )
    command.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=Path(),
        metavar="FOLDER",
        help="where snakemake runs; here by default",
    )
    command.add_argument("--once", action="store_true", help="show it once and end")
    command.set_defaults(run=progress_command)


def progress_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo progress``: 0 where nothing has failed."""
    from mimamo.jobs.progress import watch

    try:
        return 0 if watch(chosen.folder, chosen.once) else 1
    except KeyboardInterrupt:
        # Who has seen enough has not failed.
        return 0


def _add_convert(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "convert",
        help="make a checkpoint of a published one",
        description="Make a checkpoint that mimamo predict takes of one that was published with MIMAMO Net.",
    )
    command.add_argument("published", type=Path, metavar="PUBLISHED", help="a dict with state_dict and epoch")
    command.add_argument("out", type=Path, metavar="OUT", help="the checkpoint to write")
    command.add_argument(
        "--recurrence",
        type=_recurrence,
        default="time",
        help="what the GRU follows: the frames of a window (time, the default), or the windows of a run of "
        "frames, as the published training had it by mistake (batch)",
    )
    command.add_argument(
        "--outputs",
        type=lambda text: text.split(","),
        default=DIMENSIONS,
        metavar="NAMES",
        help="the network's outputs in their order (default: valence,arousal)",
    )
    command.set_defaults(run=convert_command)


def _recurrence(text: str) -> str:
    """Check what the GRU is to follow."""
    from mimamo.model.network import RECURRENCES

    if text not in RECURRENCES:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(RECURRENCES)}, found {text!r}")
    return text


def convert_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo convert``: 0 where the checkpoint was written."""
    from mimamo.own_data.published import convert

    convert(chosen.published, chosen.out, chosen.recurrence, chosen.outputs)
    return 0


def _add_provenance(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "provenance",
        help="tell what a submission was made of",
        description="Tell which weights, settings and code a submission or another result was made with, and "
        "check that all files on the way are still the same.",
    )
    command.add_argument(
        "target", type=Path, metavar="RESULT", help="results/submission, its zip, or any result"
    )
    command.add_argument(
        "--chain", type=Path, metavar="JSON", help="results/provenance.json, where RESULT lies elsewhere now"
    )
    command.add_argument("--caches", action="store_true", help="read phase differences and features as well")
    command.set_defaults(run=provenance_command)


def provenance_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo provenance``: 0 where nothing has changed since."""
    from mimamo.provenance.chain import chain_lines, check_chain, find_chain

    chain = find_chain(chosen.target, chosen.chain)
    states, findings = check_chain(chain, chosen.target, chosen.caches)
    try:
        print(*chain_lines(chain, states), sep="\n", flush=True)
    except BrokenPipeError:
        # Whoever read it has seen enough. Python would try once more to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    for problem in findings.problems:
        logger.error("%s", problem)
    return 1 if findings.problems else 0


def _add_estimate(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "estimate",
        help="estimate what a run takes",
        description="Jobs, hours of CPU and GPU, disk and wall time of a run, from what was measured: a "
        "finished run's benchmarks, and some steps of the configured networks or a benchmark's file.",
    )
    command.add_argument(
        "--configfile", type=Path, nargs="+", default=[], metavar="YAML", help="as snakemake's"
    )
    command.add_argument("--root", help="the data set's folder; Aff-Wild2's numbers where it is not there")
    command.add_argument(
        "--results", type=Path, default=Path("results"), help="a finished run's (default: results)"
    )
    command.add_argument(
        "--rates", type=Path, metavar="JSON", help="rates of the networks: a benchmark's file"
    )
    command.add_argument("--jobs", type=_count, help="jobs at once (default: those of profiles/slurm)")
    command.add_argument("--gpus", type=_count, help="GPUs at once (default: those of all folds)")
    command.set_defaults(run=estimate_command)


def estimate_command(chosen: argparse.Namespace) -> int:
    """Run ``mimamo estimate``: 0 where the estimate was printed."""
    from mimamo.estimate.command import estimate

    print(estimate(chosen.configfile, chosen.root, chosen.results, chosen.rates, chosen.jobs, chosen.gpus))
    return 0
