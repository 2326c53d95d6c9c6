"""Snakemake's benchmark files of a run, and which rule each belongs to."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: The workflow's folder, which this package lies in.
WORKFLOW = Path(__file__).resolve().parents[3]
#: Seconds between two looks of Snakemake at a job, and after which it looks more seldom.
LOOK, WATCHED = 0.5, 15.0


@dataclass(frozen=True)
class Benchmark:
    """What Snakemake measured of a job.

    Attributes
    ----------
    rule
        Its rule.
    seconds, cpu
        From its start to its end, and of CPU until Snakemake last looked at it.
    peak
        Most memory in bytes (resident, with the processes that the job started).
    """

    rule: str
    seconds: float
    cpu: float
    peak: float

    def work(self, sampled: bool) -> float:
        """Return the seconds that it worked, without those in which it waited for other programs.

        Parameters
        ----------
        sampled
            Whether Snakemake looked at it to its end, see `mimamo.bench.rehearsal.sampled`. It does so for
            `WATCHED` seconds otherwise, and a longer job counts with all its time.
        """
        if self.seconds > WATCHED and not sampled:
            return self.seconds
        # What it did after the last look is not known, and counts as work.
        return min(self.seconds, self.cpu + LOOK)


def rules_text(workflow: Path = WORKFLOW) -> dict[str, str]:
    """Return the text of every rule of the workflow, by its name."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((workflow / "rules").glob("*.smk")))
    parts = re.split(r"^ *rule (\w+):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def read_benchmarks(results: Path) -> Iterator[Benchmark]:
    """Read all benchmark files of a run; those of no rule of the workflow are left out.

    Parameters
    ----------
    results
        The run's folder ``results``.
    """
    folder, rules = results / "benchmarks", set(rules_text())
    for path in sorted(folder.rglob("*.tsv")):
        # A folder of runs such as ablations/ may be called as a rule is: the last part counts.
        parts = path.relative_to(folder).with_suffix("").parts
        if named := [part for part in parts if part in rules]:
            *_, row = csv.DictReader(path.read_text().splitlines(), delimiter="\t")
            seconds, cpu, peak = (_measured(row[column]) for column in ("s", "cpu_time", "max_rss"))
            yield Benchmark(named[-1], seconds, cpu, peak * 2**20)


def _measured(cell: str) -> float:
    """Read a number; 0 where Snakemake writes NA, since a job ended before it was looked at."""
    return 0.0 if cell in ("NA", "-") else float(cell)
