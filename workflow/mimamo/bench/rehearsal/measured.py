"""What each rule of a run took: jobs, seconds, memory and disk, with the size of its corpus, in JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from mimamo.errors import InputError
from mimamo.jobs.benchmark_files import Benchmark, read_benchmarks
from mimamo.storage.files import atomic_write


@dataclass(frozen=True)
class Taken:
    """What all jobs of a rule took.

    Attributes
    ----------
    jobs
        Their number.
    seconds, cpu
        From start to end, and of CPU, of all jobs together.
    peak
        Most memory of any of them, in bytes.
    disk
        Bytes of their outputs.
    """

    jobs: int
    seconds: float
    cpu: float
    peak: float
    disk: float


@dataclass(frozen=True)
class Rehearsal:
    """What a run on a stand-in took.

    Attributes
    ----------
    size
        Its size against Aff-Wild2.
    names, crops, labelled
        Number of names, of crops, and of frames that have a crop and an annotation.
    machine
        What it ran on, in words.
    rules
        What each rule took.
    """

    size: float
    names: int
    crops: int
    labelled: int
    machine: str
    rules: dict[str, Taken]

    def write(self, path: Path) -> None:
        """Write it to a JSON file."""
        with atomic_write(path) as fresh:
            fresh.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> Rehearsal:
        """Read it from its JSON file.

        Raises
        ------
        InputError
            Where it is no such file.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            content["rules"] = {rule: Taken(**taken) for rule, taken in content["rules"].items()}
            return cls(**content)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{path}: expected what a rehearsal took, as it writes it itself, found another file "
                f"({type(error).__name__}: {error}); remove it and call make rehearsal with its size again."
            ) from None


def largest_smaller(folder: Path, size: float) -> Rehearsal | None:
    """Return the rehearsal in `folder` of the largest size below `size`; None where there is none."""
    found = [Rehearsal.read(path) for path in folder.glob("*.json")]
    return max((each for each in found if each.size < size), key=lambda each: each.size, default=None)


#: Where rules write that make something for each name, and the filters, which only they read.
BY_NAME = {"audit": "audit", "phase": "phase", "features": "features", "filters": "phase/filters.npz"}


def taken_by_rules(results: Path, outputs: Mapping[str, Sequence[Path]]) -> dict[str, Taken]:
    """Return what each rule of a finished run took, in the order of what took longest.

    Parameters
    ----------
    results
        The run's folder ``results``.
    outputs
        Files and folders that each rule wrote.
    """
    jobs: dict[str, list[Benchmark]] = {}
    for job in read_benchmarks(results / "benchmarks"):
        jobs.setdefault(job.rule, []).append(job)
    taken = {
        rule: Taken(
            jobs=len(group),
            seconds=sum(job.seconds for job in group),
            cpu=sum(job.cpu for job in group),
            peak=max(job.peak for job in group),
            disk=float(sum(map(bytes_in, outputs.get(rule, [])))),
        )
        for rule, group in jobs.items()
    }
    return dict(sorted(taken.items(), key=lambda entry: -entry[1].seconds))


def bytes_in(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def outputs_of_rules(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> dict[str, list]:
    """Return the outputs of each rule, as Snakemake lists them.

    Parameters
    ----------
    command
        The call of Snakemake that made them.
    folder
        The folder that it works in.
    environment
        Of the call.

    Raises
    ------
    InputError
        Where Snakemake refuses.
    """
    process = subprocess.run([*command, "--summary"], capture_output=True, text=True, env=environment)
    if process.returncode:
        lines = (process.stdout + process.stderr).strip().splitlines() or ["nothing"]
        raise InputError(f"expected a summary of {folder} from Snakemake, found: {lines[-1]}")
    # Jobs of batches are not part of a finished run: what they make belongs to names.
    outputs = {rule: [folder / "results" / path] for rule, path in BY_NAME.items()}
    rows = [line.split("\t") for line in process.stdout.splitlines() if line.count("\t") >= 5]
    for path, _, rule, *_ in rows[1:]:
        outputs.setdefault(rule, []).append(folder / path)
    return outputs
