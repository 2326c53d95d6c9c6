"""Measured rates of the networks and durations of a finished run, each with its source."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mimamo.corpus.layout import FROM_VIDEOS
from mimamo.errors import InputError
from mimamo.estimate.workload import Workload
from mimamo.jobs.benchmark_files import read_benchmarks
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import find_caches, open_cache

#: The rules whose speed depends on the configured networks, and what the benchmark calls their stages.
NETWORKS = {"features": "features", "train": "training", "predict": "predict"}


@dataclass(frozen=True)
class Rate:
    """Frames a second of a rule, on a GPU or not, and where it was measured."""

    frames_a_second: float
    on_gpu: bool
    source: str


@dataclass(frozen=True)
class FinishedRun:
    """Measurements of a finished run.

    Attributes
    ----------
    folder
        Its ``results``.
    workload
        Its names and crops.
    seconds
        How long every job of a rule worked, by rule.
    bytes_a_frame
        Of everything but caches, corpus and trainings.
    shipped
        Whether it comes with the project, and `folder` is where it is described.
    """

    folder: Path
    workload: Workload
    seconds: dict[str, list[float]]
    bytes_a_frame: float
    shipped: bool = False

    @property
    def start(self) -> float:
        """Seconds that a job takes to start and end: those of the shortest job."""
        return min(min(durations) for durations in self.seconds.values())

    @classmethod
    def read(cls, folder: Path, sampled: bool = False) -> FinishedRun:
        """Read the benchmarks and the sizes of a finished run.

        Parameters
        ----------
        folder
            Its ``results``.
        sampled
            Whether it is a rehearsal, whose benchmarks count CPU time to the end of a job.

        Raises
        ------
        InputError
            Where the folder holds no finished run.
        """
        seconds: dict[str, list[float]] = {}
        for job in read_benchmarks(folder / "benchmarks"):
            seconds.setdefault(job.rule, []).append(job.work(sampled))
        caches = find_caches([folder / "phase"])
        audit = folder / "audit.csv"
        if not caches or not seconds or not audit.is_file():
            raise InputError(
                f"{folder}: expected the results of a finished run, with benchmarks and caches, found none; "
                "run the demo first (make run), or name another folder with --results"
            )
        subsets = read_csv(audit).set_index("name")["subset"]
        crops = {"fitted": 0, "test": 0}
        for name, path in caches.items():
            crops["test" if subsets.get(name) == "test" else "fitted"] += len(open_cache(path))
        names = {subset: int((subsets == subset).sum()) for subset in ("train", "validation", "test")}
        workload = Workload(names, **crops, source=f"counted in {folder}")
        return cls(folder, workload, seconds, _other_bytes(folder) / workload.crops)


def _other_bytes(folder: Path) -> int:
    """Return the bytes of all results that grow with the crops and are not counted by themselves."""
    # Pictures and pages do not grow with the crops; a rehearsal is another run.
    excluded = {"phase", "features", "demo", "train", "ablations", "logs", "benchmarks", "figures"}
    excluded.add("rehearsal")
    size = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in excluded]
        paths = [Path(place, name) for name in files if not name.endswith(".html")]
        size += sum(path.stat().st_size for path in paths if path.is_file())
    return size


def read_runs(folders: Sequence[Path]) -> list[FinishedRun]:
    """Read finished runs, and the rehearsals that were made beside them.

    Raises
    ------
    InputError
        Where one of the folders holds no finished run.
    """
    # What a rehearsal took is written when it has ended well.
    rehearsals = [path.with_suffix("") for folder in folders for path in folder.glob("rehearsal/*.json")]
    return [
        *(FinishedRun.read(folder) for folder in folders),
        *(FinishedRun.read(path / "results", sampled=True) for path in rehearsals),
    ]


def read_rates(path: Path) -> dict[str, Rate]:
    """Read the rates of a benchmark's JSON file, the slowest of each stage, by rule.

    Where a benchmark did not measure prediction, the rate of training counts: prediction is a part of each of
    its steps, and so no slower.

    Raises
    ------
    InputError
        Where it is no benchmark's JSON file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows, on_gpu = content["rows"], bool(content["machine"].get("gpu"))
        rates = {
            rule: Rate(min(measured), on_gpu, f"{path}, {content['machine'].get('gpu') or 'CPU'}")
            for rule, stage in NETWORKS.items()
            if (measured := [float(row["rate"]) for row in rows if stage in row["stage"] and row.get("rate")])
        }
        return ({"predict": rates["train"]} if "train" in rates else {}) | rates
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: expected the JSON file of a benchmark, with machine and rows, found another "
            f"({type(error).__name__}: {error}); make it with mimamo bench"
        ) from None


def rates_of(config: dict, rates: dict[str, Rate], measure: Callable[[str, dict], Rate]) -> dict[str, Rate]:
    """Return the rate of every rule with a network: the given one, else the one that `measure` returns.

    Where crops are made from videos, the rate of that is among them.
    """
    rules = [*NETWORKS, *(["crops"] if config["data"]["crops"] == FROM_VIDEOS else [])]
    return {rule: rates.get(rule) or measure(rule, config) for rule in rules}
