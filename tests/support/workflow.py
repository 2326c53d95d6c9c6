"""Running the workflow through Snakemake's command line, from a copy of its files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from mimamo.jobs.triggers import TRIGGERS
from support.dry_runs import dry_run
from support.paths import TINY

#: What the workflow is made of; results, environment and tests stay where they are.
PARTS = ("Snakefile", "rules", "workflow", "config.yaml", "presets", "envs", "profiles")


@dataclass(frozen=True)
class Run:
    """A run that has ended: where, how, and everything it wrote to the terminal."""

    folder: Path
    status: int
    text: str

    @property
    def results(self) -> Path:
        return self.folder / "results"

    def said(self, beginning: str) -> list[str]:
        """Give the lines that begin like this."""
        return [line.strip() for line in self.text.splitlines() if line.strip().startswith(beginning)]


#: What a run of a data set on disk is asked for in tests: everything up to what is read of its files.
OWN_TARGETS = (
    "results/doctor.csv",
    "results/predictions/fold0.csv",
    "results/test_predictions/fold0.csv",
    "results/submission_check.csv",
)


@dataclass(frozen=True)
class OwnRun:
    """A finished run up to the submission on the demo's corpus, taken for a data set that no rule makes.

    Everything lies in one folder, which can be copied: the data set as data/, the run as run/, and as later/
    a container of the data set that the run has not seen.
    """

    place: Path

    @property
    def root(self) -> Path:
        """The data set."""
        return self.place / "data"

    @property
    def folder(self) -> Path:
        """Where the run was run."""
        return self.place / "run"

    @property
    def results(self) -> Path:
        return self.folder / "results"

    @property
    def settings(self) -> Path:
        """The file of settings that comes after TINY and names the data set."""
        return self.place / "settings.yaml"

    @property
    def later(self) -> tuple[Path, Path]:
        """The container that the run has not seen, and the path that it belongs to."""
        (container,) = (self.place / "later").glob("batch*/*")
        return container, self.root / container.relative_to(self.place / "later")

    def copy(self, place: Path) -> OwnRun:
        """Copy data set and run, so that both may be changed."""
        return OwnRun(shutil.copytree(self.place, place)).point()

    def point(self) -> OwnRun:
        """Write the settings, which name the data set by its path."""
        self.settings.write_text(yaml.safe_dump({"root": str(self.root)}))
        return self


def run_own(checkout: Path, corpus: Path, place: Path) -> OwnRun:
    """Make that run of a copy of `corpus`, in a new folder."""
    shutil.copytree(corpus, place / "data")
    own = OwnRun(place).point()
    container = min(own.root.glob("batch*/*"))
    later = place / "later" / container.relative_to(own.root)
    later.parent.mkdir(parents=True)
    container.rename(later)
    done = snakemake(checkout, own.folder, *OWN_TARGETS, "--configfile", TINY, own.settings)
    assert done.status == 0, done.text[-4000:]
    return own


def copy_workflow(repo: Path, folder: Path) -> Path:
    """Copy the workflow's files, so that a test may edit them and an edit of the originals spoils no run."""
    folder.mkdir()
    for part in PARTS:
        if (repo / part).is_dir():
            shutil.copytree(repo / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(repo / part, folder / part)
    return folder


def environment(checkout: Path) -> dict[str, str]:
    """Return the environment of a run of the workflow of `checkout`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SNAKEMAKE_")}
    # The environment may have the package of another copy installed.
    return kept | {"PYTHONPATH": str(checkout / "workflow")}


def arguments_of(
    checkout: Path, folder: Path, *arguments: object, cores: int = 2, profile: object = "none"
) -> list[str]:
    """Return Snakemake's arguments for a run of the workflow of `checkout` in `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--snakefile", checkout / "Snakefile", "--directory", folder, "--workflow-profile", profile]
    if profile == "none":
        # Without them the workflow refuses to run, as Snakemake would do finished jobs again.
        options += ["--rerun-triggers", *TRIGGERS]
    return list(map(str, [*arguments, "--cores", cores, *options]))


def start(checkout: Path, folder: Path, *arguments: object, **options) -> subprocess.Popen:
    """Start the workflow of `checkout` in `folder`, in a process group of its own, and do not wait for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *arguments_of(checkout, folder, *arguments, **options)],
        cwd=folder,
        env=environment(checkout),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # No session of its own: Linux shares out the cores among sessions, whatever their niceness.
        process_group=0,
    )


def snakemake(checkout: Path, folder: Path, *arguments: object, **options) -> Run:
    """Run the workflow of `checkout` in `folder`, as a person would but for the profile."""
    if "--dry-run" in arguments:
        given = arguments_of(checkout, folder, *arguments, **options)
        return Run(folder, *dry_run(given, folder, environment(checkout)))
    with start(checkout, folder, *arguments, **options) as process:
        text, _ = process.communicate(timeout=600)
    return Run(folder, process.returncode, text)


def jobs(run: Run) -> dict[str, int]:
    """Read the numbers of jobs of every rule from the table that a run begins, and a dry run ends, with."""
    table = re.search(r"^job +count\n[ -]+\n(.*?)^total +\d+$", run.text, re.MULTILINE | re.DOTALL)
    assert table is not None, run.text
    return {rule: int(count) for rule, count in map(str.split, table[1].splitlines())}


def inputs(run: Run) -> dict[str, set[str]]:
    """Read the inputs of every rule from the jobs that a dry run lists."""
    found: dict[str, set[str]] = {}
    for rule, block in re.findall(r"^(?:local)?rule (\w+):\n((?: +\S.*\n)+)", run.text, re.MULTILINE):
        line = re.search(r"^ +input: (.*)$", block, re.MULTILINE)
        found.setdefault(rule, set()).update(line[1].split(", ") if line else [])
    return found


def products(results: Path) -> dict[str, bytes]:
    """Read every file that a run made but for what tells times: logs, benchmarks, inventory, durations."""
    files = [path for path in sorted(results.rglob("*")) if path.is_file()]
    parts = {path: path.relative_to(results).parts for path in files}
    return {
        "/".join(parts[path]): without_durations(path.read_bytes())
        for path in files
        if parts[path][0] not in ("logs", "benchmarks", "inventory") and "tensorboard" not in parts[path]
    }


def without_durations(content: bytes) -> bytes:
    """Cut out of the page what differs from run to run; all other files are left as they are."""
    return re.sub(rb"<!-- durations -->.*?<!-- /durations -->", b"", content, flags=re.DOTALL)
