"""The rehearsal's command line: make the stand-in, run the workflow on it, print what it took."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mimamo.errors import InputError
from mimamo.jobs.benchmark_files import WORKFLOW
from mimamo.jobs.job import start_logging

logger = logging.getLogger("mimamo.bench.rehearsal")

#: Typical length of a rendered clip in frames, as config.yaml has it.
TYPICAL = 220
#: What differs from config.yaml: a small backbone at 32 pixels and a single epoch.
SETTINGS = {
    "spatial": {"backbone": "resnet18", "weights": "random", "input_size": 32, "resize": 32},
    "training": {"epochs": 1},
}


def rehearse(
    size: float,
    folder: Path,
    cores: int,
    seed: int = 0,
    typical: int = TYPICAL,
    settings: Mapping[str, object] = SETTINGS,
) -> str:
    """Make a stand-in, run the workflow on it and return the tables of what it took.

    What is there from an earlier call is not done again.

    Parameters
    ----------
    size
        Size against Aff-Wild2.
    folder
        Where stand-ins of all sizes, their runs and what they took (``SIZE.json``) are.
    cores
        For Snakemake.
    seed
        Lengths, holes and -5 are drawn from it.
    typical
        Typical length of a rendered clip in frames.
    settings
        What differs from config.yaml.

    Raises
    ------
    InputError
        Where the run fails, or its folder holds the stand-in of another seed.
    """
    from mimamo.bench.machine import Machine
    from mimamo.bench.rehearsal.corpus import render_clips, write_config, write_corpus
    from mimamo.bench.rehearsal.measured import Rehearsal, largest_smaller, outputs_of_rules, taken_by_rules
    from mimamo.bench.rehearsal.report import markdown
    from mimamo.bench.rehearsal.stand_in import plan

    run = folder / f"{size:g}"
    _keep_seed(run / "seed.txt", seed)
    videos = plan(size, seed)
    crops = sum(int(video.seen.sum()) for video in videos)
    logger.info("The stand-in and its run are in %s: %d names, %d crops", run, len(videos), crops)
    symbolic = write_corpus(run / "corpus", videos, render_clips(folder / "demo", typical, cores), _tell)
    if symbolic:
        logger.warning("%d crops are symbolic links: the file system of %s refuses hard links", symbolic, run)
    write_config(run / "config.yaml", run / "corpus", settings)
    command = [sys.executable, "-m", "mimamo.bench.rehearsal.sampled", "--snakefile", WORKFLOW / "Snakefile"]
    command += ["--directory", run, "--configfile", run / "config.yaml", "--cores", cores]
    command = list(map(str, command))
    environment = {**os.environ, "PYTHONPATH": str(WORKFLOW / "workflow")}
    if status := subprocess.run(command, env=environment).returncode:
        raise InputError(
            f"{run}: expected a run that ends well, found exit code {status}; see the messages above, and "
            "call make rehearsal again to resume."
        )
    machine = Machine.describe(cores)
    found = Rehearsal(
        size=size,
        names=len(videos),
        crops=crops,
        labelled=sum(int((v.seen & v.annotated).sum()) for v in videos if v.subset != "test"),
        machine=f"{machine.processor}, {cores} of {machine.cores} cores, PyTorch {machine.torch}",
        rules=taken_by_rules(run / "results", outputs_of_rules(command, run, environment)),
    )
    found.write(folder / f"{size:g}.json")
    return markdown(found, largest_smaller(folder, size))


def _keep_seed(path: Path, seed: int) -> None:
    """Write down the seed of a stand-in; refuse to go on with one of another seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.read_text().strip() != str(seed):
        raise InputError(
            f"{path}: expected the stand-in of seed {seed}, found that of {path.read_text().strip()!a}; "
            f"remove {path.parent}, or give another folder."
        )
    path.write_text(f"{seed}\n")


def _tell(done: int, names: int) -> None:
    """Say how many names of the stand-in are there: some twenty times."""
    if done == names or done % max(1, names // 20) == 0:
        logger.info("Made %d of %d names", done, names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse, and print the tables.

    Parameters
    ----------
    arguments
        The command line; that of the process by default.

    Returns
    -------
    int
        The exit code: 0 where the run ended well.
    """
    parser = argparse.ArgumentParser(prog="python -m mimamo.bench.rehearsal", description=__doc__)
    parser.add_argument("--size", type=_size, default=0.05, help="against Aff-Wild2 (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=Path("results/rehearsal"), help="(%(default)s)")
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), help="(all)")
    parser.add_argument("--seed", type=int, default=0, help="(%(default)s)")
    options = parser.parse_args(arguments)
    start_logging()
    try:
        print(rehearse(options.size, options.folder, options.cores, options.seed))
    except InputError as error:
        logger.error("%s", error)
        return 1
    return 0


def _size(text: str) -> float:
    """Read a size, which is above 0."""
    size = float(text)
    if not 0 < size <= 100:
        raise argparse.ArgumentTypeError(f"expected a number above 0, such as 0.05, found {text}")
    return size


if __name__ == "__main__":
    sys.exit(main())
