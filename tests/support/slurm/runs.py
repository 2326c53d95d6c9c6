"""Running the workflow on the tests' own SLURM, and reading back what SLURM says it did."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from support.slurm.cluster import ACCOUNT, output
from support.workflow import Run, environment

#: A run that hangs, as one can that waits for a job nobody reports, must not hang the tests.
LIMIT = 480


@dataclass(frozen=True)
class Job:
    """A job as SLURM's accounting has it, by the rule (and wildcards) it was submitted for."""

    number: str
    rule: str
    state: str
    partition: str
    resources: dict[str, str]
    start: str
    end: str


def make_profile(repo: Path, folder: Path) -> Path:
    """Write the project's profile with what is different here: the account, and how patient it is."""
    settings = yaml.safe_load((repo / "profiles/slurm/config.yaml").read_text())
    settings["default-resources"]["slurm_account"] = ACCOUNT
    settings |= {"slurm-init-seconds-before-status-checks": 1, "latency-wait": 5}
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    return folder


class SlurmRuns:
    """Runs of the workflow with every heavy job submitted.

    Parameters
    ----------
    profile
        Folder of the profile.
    """

    def __init__(self, profile: Path) -> None:
        self.profile = profile

    def run(
        self,
        checkout: Path,
        folder: Path,
        *arguments: object,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Run:
        """Run the workflow of `checkout` in `folder`; `meanwhile` is called once it has begun."""
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--snakefile", checkout / "Snakefile", "--directory", folder]
        polling = Path(__file__).with_name("polling.py")
        command = [sys.executable, polling, *options, "--workflow-profile", self.profile, *arguments]
        said = folder.parent / f"{folder.name}.txt"
        with said.open("w") as written:
            process = subprocess.Popen(
                list(map(str, command)), cwd=folder, env=environment(checkout), stdout=written, stderr=written
            )
            try:
                meanwhile()
                status = process.wait(timeout=LIMIT)
            finally:
                process.kill()
                process.wait()
        return Run(folder, status, said.read_text())


def jobs_of(run: Run) -> list[Job]:
    """Read the jobs of a run from SLURM's accounting, in the order of their submission."""
    (line,) = run.said("SLURM run ID: ")
    columns = ("jobid", "comment", "state", "partition", "alloctres", "start", "end")
    form = ("--allocations", "--parsable2", "--noheader", "--format", ",".join(columns))
    table = output("sacct", *form, "--name", line.removeprefix("SLURM run ID: "))
    jobs = []
    for line in table.splitlines():
        number, rule, state, partition, resources, start, end = line.split("|")
        resources = dict(part.split("=", 1) for part in resources.split(",") if part)
        jobs.append(Job(number, rule.removeprefix("rule_"), state, partition, resources, start, end))
    return sorted(jobs, key=lambda job: int(job.number))
