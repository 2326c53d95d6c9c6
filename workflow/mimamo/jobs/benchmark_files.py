"""Snakemake's benchmark files of a run, and which rule each belongs to."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

#: The workflow's folder, which this package lies in.
WORKFLOW = Path(__file__).resolve().parents[3]
#: The folder of a run other than the configured one, see `mimamo.runs`, or of an ensemble and the like.
_RUN = re.compile(r"official/|(?:ablations|ensembles|programs|submissions)/[^/]+/|runs/[^/]+/(?:seed\d+/)?")
#: Rules whose folder is named after what they make.
_FOLDERS = {"backbones": "features"}
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
    stream
        The stream that it made features of, where its rule has jobs for every stream; empty otherwise.
    end
        When it ended, in seconds since 1970: its file is written then.
    """

    rule: str
    seconds: float
    cpu: float
    peak: float
    stream: str = ""
    end: float = field(default=0.0, compare=False)

    @property
    def title(self) -> str:
        """What it did: its rule, and the stream where there is one."""
        return f"{self.rule} ({self.stream})" if self.stream else self.rule

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


def read_benchmarks(folder: Path) -> Iterator[Benchmark]:
    """Read all benchmark files of a run; those of no rule of the workflow are left out.

    Parameters
    ----------
    folder
        The run's folder ``results/benchmarks``, with ``<rule>.tsv`` and ``<rule>/<batch or fold>.tsv``; where
        a rule has jobs for every stream, ``<rule>/<stream>/<batch>.tsv``, for every trial of the search
        ``<rule>/<trial>/<fold>.tsv``; and all in the folders of runs, ensembles and submissions.
    """
    rules = rules_text()
    for path in sorted(Path(folder).rglob("*.tsv")):
        place = path.relative_to(folder).with_suffix("").as_posix()
        # A run, or a stream, may be called as a rule is.
        rule, *rest = place[run.end() if (run := _RUN.match(place)) else 0 :].split("/")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
        rule = _FOLDERS.get(rule, rule)
        if rule in rules and rows:
            seconds, cpu, peaks = ([_measured(row.get(c)) for row in rows] for c in _COLUMNS)
            # What is numbered is a trial of the search.
            stream = "/".join(folder for folder in rest[:-1] if not folder.isdigit())
            yield Benchmark(rule, sum(seconds), sum(cpu), max(peaks) * 2**20, stream, path.stat().st_mtime)


#: Columns of a benchmark file: seconds, seconds of CPU, and memory in MiB.
_COLUMNS = ("s", "cpu_time", "max_rss")


def _measured(cell: str | None) -> float:
    """Read a number; 0 where Snakemake writes NA or a dash, since a job ended before it was looked at."""
    return 0.0 if cell in (None, "NA", "-") else float(cell)
