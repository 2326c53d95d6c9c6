"""The benchmark's command line."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mimamo.errors import InputError
from mimamo.jobs.job import limit_threads, start_logging

logger = logging.getLogger("mimamo.bench")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the JSON file and print the table; return the exit code."""
    chosen = _parser().parse_args(arguments)
    start_logging()
    limit_threads(chosen.threads)
    try:
        run(chosen)
    except InputError as error:
        logger.error("%s", error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
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


def run(chosen: argparse.Namespace) -> None:
    """Measure the chosen stages."""
    from mimamo.bench.machine import Machine
    from mimamo.bench.table import markdown, write_json
    from mimamo.phase.steerable_pyramid import build_filters, save_filters

    machine, rows = Machine.here(chosen.threads), []
    with tempfile.TemporaryDirectory(prefix="mimamo-bench-", dir=chosen.folder) as folder:
        if chosen.filters is None:
            chosen.filters = Path(folder) / "filters.npz"
            save_filters(build_filters(), chosen.filters)
        for stage in chosen.stages:
            logger.info("Measuring: %s", stage)
            for row in STAGES[stage](chosen, Path(folder) / stage):
                logger.info("%s, %s: %.3g %s %s", row.stage, row.what, row.value, row.unit, row.against)
                rows.append(row)
    write_json(machine, rows, chosen.json)
    print(markdown(machine, rows))


def _phase(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import phase
    from mimamo.phase.steerable_pyramid import load_filters

    return phase.measure(load_filters(chosen.filters), folder, chosen.runs)


def _features(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import features

    return features.measure(chosen.runs)


def _training(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import training

    return training.measure(folder)


def _cache(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import caches

    return caches.measure(folder, chosen.runs)


def _memory(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import memory

    return memory.measure(chosen.filters, folder)


def _start(chosen: argparse.Namespace, folder: Path) -> Iterator:
    from mimamo.bench import start

    return start.measure(folder)


#: What measures a stage. Each imports what it needs when it is called: some stages need no torch.
STAGES: dict[str, Callable[[argparse.Namespace, Path], Iterator]] = {
    "phase": _phase,
    "features": _features,
    "training": _training,
    "cache": _cache,
    "memory": _memory,
    "start": _start,
}


if __name__ == "__main__":
    sys.exit(main())
