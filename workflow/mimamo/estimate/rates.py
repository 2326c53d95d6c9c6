"""Measured rates of the networks and durations of a finished run, each with its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.files import read_csv
from mimamo.storage.frame_cache import find_caches, open_cache

#: The rules whose speed depends on the configured networks, and what the benchmark calls their stages.
NETWORKS = {"features": "features", "train": "training", "predict": "predict"}


@dataclass(frozen=True)
class Rate:
    """Frames a second of a network, on a GPU or not, and where it was measured."""

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
    crops
        Frames in its caches.
    seconds
        Duration of every job of a rule, by rule.
    bytes_a_frame
        Of everything but caches, corpus and trainings.
    """

    folder: Path
    crops: int
    seconds: dict[str, list[float]]
    bytes_a_frame: float

    @property
    def start(self) -> float:
        """Seconds that a job takes to start and end: those of the shortest job."""
        return min(min(durations) for durations in self.seconds.values())

    @classmethod
    def read(cls, folder: Path) -> FinishedRun:
        """Read the benchmarks and the sizes of a finished run.

        Raises
        ------
        InputError
            Where the folder holds no finished run.
        """
        caches = find_caches(sorted((folder / "phase").glob("[0-9]*")))
        crops = sum(len(open_cache(path)) for path in caches.values())
        seconds: dict[str, list[float]] = {}
        for path in sorted((folder / "benchmarks").rglob("*.tsv")):
            seconds.setdefault(_rule_of(path, folder / "benchmarks"), []).append(
                float(read_csv(path, sep="\t")["s"].iloc[-1])
            )
        if not crops or not seconds:
            raise InputError(
                f"{folder}: expected the results of a finished run, with benchmarks and caches, found none; "
                "run the demo first (make run), or name another folder with --results"
            )
        # Pictures and pages do not grow with the crops; trainings and caches are counted by themselves.
        excluded = {"phase", "features", "demo", "train", "ablations", "logs", "benchmarks", "figures"}
        files = [
            path
            for path in folder.rglob("*")
            if path.suffix != ".html" and excluded.isdisjoint(path.relative_to(folder).parts)
        ]
        size = sum(path.stat().st_size for path in files if path.is_file())
        return cls(folder, crops, seconds, size / crops)


def _rule_of(path: Path, folder: Path) -> str:
    """Return the rule of a benchmark: of ``rule.tsv``, ``rule/batch.tsv`` or ``run/rule/fold0.tsv``."""
    parts = path.relative_to(folder).with_suffix("").parts
    numbered = parts[-1].removeprefix("fold").isdecimal()
    return parts[-2] if numbered else parts[-1]


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
    """Return the rate of every rule with a network: the given one, else the one that `measure` returns."""
    return {rule: rates.get(rule) or measure(rule, config) for rule in NETWORKS}
