"""What distinguishes a run from others: version and commit of the code, when and where it was computed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path

from mimamo import __version__
from mimamo.html.formats import count
from mimamo.page.run import durations


@dataclass(frozen=True)
class Identity:
    """What distinguishes a run.

    Attributes
    ----------
    version
        Version and commit of the code.
    circumstances
        Date, hosts, GPUs and the memory of the largest job: what another computation of the same differs in.
    caveat
        What predictions of the run have to be shown with; empty where there is nothing, or no provenance yet.
    """

    version: str
    circumstances: list[str]
    caveat: str


def identify(provenance: str | PathLike | None, benchmarks: str | PathLike) -> Identity:
    """Read what distinguishes a run.

    Parameters
    ----------
    provenance
        provenance.json; None where there is none yet.
    benchmarks
        The folder of Snakemake's measurements, the newest of which gives the date.
    """
    chain = json.loads(Path(provenance).read_text(encoding="utf-8")) if provenance else {}
    machines = [stage["machine"] for stage in chain.get("stages", []) if "machine" in stage]
    measured = [path.stat().st_mtime for path in Path(benchmarks).rglob("*.tsv")]
    memory = max((row["memory"] for row in durations(benchmarks, leave_out="")), default=0.0)
    return Identity(
        version=_version(chain),
        circumstances=[
            *([datetime.fromtimestamp(max(measured)).strftime("%Y-%m-%d %H:%M")] if measured else []),
            *_hosts(machines),
            *([f"largest job {count(memory)} MB"] if memory else []),
        ],
        caveat=chain.get("caveat", ""),
    )


def _version(chain: Mapping) -> str:
    """Describe the version of the code, and whether files differ from the commit."""
    if not chain.get("commit"):
        return f"mimamo {__version__}"
    changed = ", with uncommitted changes" if chain["changed"] else ""
    return f"mimamo {__version__}, commit {chain['commit'][:10]}{changed}"


def _hosts(machines: list[Mapping]) -> list[str]:
    """Describe the hosts and their GPUs, or say that there was none."""
    if not machines:
        return []
    hosts = sorted({machine["host"] for machine in machines})
    gpus = sorted({machine["gpu"] for machine in machines if machine["gpu"]})
    return [f"{'host' if len(hosts) == 1 else 'hosts'} {', '.join(hosts)}", ", ".join(gpus) or "no GPU"]
