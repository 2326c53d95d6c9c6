"""The benchmark's command line."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.errors import InputError
from mimamo.jobs.job import limit_threads, start_logging

if TYPE_CHECKING:
    from mimamo.bench.rows import Row

logger = logging.getLogger("mimamo.bench")


def _phase(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure phase differences."""
    from mimamo.bench import phase
    from mimamo.phase.steerable_pyramid import load_filters

    return phase.measure(load_filters(filters), folder, runs)


def _features(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure features."""
    from mimamo.bench import features

    return features.measure(folder, runs)


def _training(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure training."""
    from mimamo.bench import training

    return training.measure(filters, folder, runs)


def _prediction(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure prediction."""
    from mimamo.bench import prediction

    return prediction.measure(folder, runs)


def _cache(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure the caches of phase differences and features."""
    from mimamo.bench import caches

    return caches.measure(folder, runs)


def _memory(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure the memory that short and long names take."""
    from mimamo.bench import memory

    return memory.measure(filters, folder)


def _start(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure how long jobs and the workflow take to start."""
    from mimamo.bench import start

    return start.measure(folder)


def _videos(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure crops and tables of videos."""
    from mimamo.bench import videos

    return videos.measure(filters, folder)


def _tables(filters: Path, folder: Path, runs: int) -> Iterator[Row]:
    """Measure the steps that go through tables of frames, at a tenth of the size of Aff-Wild2."""
    from mimamo.bench import evaluation_steps

    return evaluation_steps.measure(folder, size=0.1)


#: What measures a stage. Each imports what it needs when it is called: some stages need no torch.
STAGES: dict[str, Callable[[Path, Path, int], Iterator[Row]]] = {
    "phase": _phase,
    "features": _features,
    "training": _training,
    "prediction": _prediction,
    "cache": _cache,
    "memory": _memory,
    "start": _start,
    "videos": _videos,
    "tables": _tables,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the JSON file and print the table.

    Parameters
    ----------
    arguments
        The command line; that of the process by default.

    Returns
    -------
    int
        The exit code: 0 where everything was measured.

    Raises
    ------
    SystemExit
        With code 2 where the usage is wrong.
    """
    options = _parser().parse_args(arguments)
    start_logging()
    limit_threads(options.threads)
    if options.folder is not None:
        options.folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="mimamo-bench-", dir=options.folder) as scratch:
            _measure(options, Path(scratch))
    except InputError as error:
        logger.error("%s", error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the options.

    Of the standard library, unlike that of ``mimamo``: the benchmark is carried to machines with little
    installed.
    """
    parser = argparse.ArgumentParser(prog="python -m mimamo.bench", description=__doc__)
    parser.add_argument("--filters", type=Path, help="the pyramid's filters, where pyrtools is not installed")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="the file to write")
    parser.add_argument("--threads", type=int, default=1, help="as many as a job of the workflow gets")
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES), help="only these")
    parser.add_argument(
        "--folder", type=Path, help="where the generated data goes (default: a temporary one)"
    )
    return parser


def _measure(options: argparse.Namespace, folder: Path) -> None:
    """Measure the stages with data in `folder`, and write and print what was measured."""
    from mimamo.bench.machine import Machine
    from mimamo.bench.table import markdown, write_json
    from mimamo.phase.steerable_pyramid import build_filters, save_filters

    machine, rows = Machine.describe(options.threads), []
    filters = options.filters
    if filters is None:
        filters = folder / "filters.npz"
        save_filters(build_filters(), filters)
    for stage in options.stages:
        logger.info("Measuring: %s", stage)
        for row in STAGES[stage](filters, folder / stage, options.runs):
            logger.info("%s, %s: %.3g %s %s", row.stage, row.what, row.value, row.unit, row.against)
            rows.append(row)
    write_json(machine, rows, options.json)
    print(markdown(machine, rows))


if __name__ == "__main__":
    sys.exit(main())
