"""The runs on the tests' own SLURM, which wait for it most of their time: made beside all other tests.

Each is given the checkout that it runs from, a folder of its own and the folder of the demo's run, and
returns what SLURM's accounting has of it as well.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.paths import TINY
from support.slurm import cluster
from support.slurm.runs import Job, SlurmRuns, jobs_of
from support.workflow import Run

#: Of the training that is cancelled: long enough for somebody to come in between.
EPOCHS = 40
#: The file beside the demo's run that tells that it has ended.
ENDED = "ended"
#: Seconds that something is waited for.
PATIENCE = 240

HUNGRY = """
rule hungry:
    output: "results/hungry.txt"
    resources: mem_mb=scaled_by_attempt(600)
    shell: "python3 -c \\"import time; kept = b'1' * (700 << 20); time.sleep(6)\\"; touch {output}"
"""
REFUSED = """
rule slow:
    output: "results/slow.txt"
    shell: "sleep 6; touch {output}"
rule greedy:
    output: "results/greedy{fold}.txt"
    resources: gpu=3, slurm_partition="gpu"
    shell: "touch {output}"
"""


@dataclass(frozen=True)
class SlurmRun:
    """A run that has ended, its jobs, and those that were left in the queue."""

    run: Run
    jobs: list[Job]
    queued: str


@dataclass(frozen=True)
class Scene:
    """Where a run is made, and with what."""

    checkout: Path
    place: Path
    slurm: SlurmRuns
    tiny: Path

    def run(self, *arguments: object, checkout: Path | None = None, meanwhile=lambda: None) -> SlurmRun:
        """Run the workflow on the cluster."""
        run = self.slurm.run(checkout or self.checkout, self.place / "run", *arguments, meanwhile=meanwhile)
        jobs = jobs_of(run) if run.said("SLURM run ID: ") else []
        return SlurmRun(run, jobs, cluster.output("squeue", "--noheader"))

    def copy_tiny(self) -> Path:
        """Copy the demo's finished run, to change something in and run again."""
        wait_for(lambda: (self.tiny.parent / ENDED).exists(), "the demo's run did not end")
        return shutil.copytree(self.tiny, self.place / "run")

    def with_rules(self, rules: str) -> Path:
        """Return a copy of the checkout with more rules."""
        copy = shutil.copytree(self.checkout, self.place / "copy")
        with (copy / "Snakefile").open("a") as snakefile:
            snakefile.write(rules)
        return copy


def wait_for(ready: Callable[[], bool], complaint: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"{complaint} in {PATIENCE} seconds"
        time.sleep(0.02)


def through(scene: Scene) -> tuple[SlurmRun, SlurmRun]:
    """Run the tiny demo from nothing to the end, and once more."""
    return scene.run("--configfile", TINY), scene.run("--configfile", TINY)


def cancelled(scene: Scene) -> SlurmRun:
    """Cancel a long training of one fold on two GPUs when it has saved its state."""
    fold = scene.copy_tiny() / "results/train/fold0"

    def cancel() -> None:
        wait_for(lambda: bool(list((fold / "state").glob("[0-9]*.pt"))), "no state was saved")
        running = cluster.output("squeue", "--noheader", "--states", "RUNNING", "--format", "%A %k")
        (number, rule) = running.split()
        assert rule.startswith("rule_train_wildcards_")
        cluster.output("scancel", number)

    # Typed, not in a file: the numbers arrive as text, here and in the job.
    longer = f"training={{epochs: {EPOCHS}, patience: {EPOCHS}, save_every: 2, gpus: 2}}"
    target = "results/train/fold0/model.pt"
    return scene.run(target, "--configfile", TINY, "--config", longer, meanwhile=cancel)


def hungry(scene: Scene) -> SlurmRun:
    """Run a job that needs more memory than it asks for at first."""
    return scene.run("results/hungry.txt", checkout=scene.with_rules(HUNGRY))


def mended(scene: Scene) -> SlurmRun:
    """Run a job that refuses its input, which is mended before the second try."""
    run = scene.copy_tiny()
    model = run / "results/train/fold0/model.pt"
    shutil.copy2(model, run / "model.pt")
    model.write_bytes(b"no checkpoint")

    def mend() -> None:
        """Between the tries, so that the second would go through if it looked at its input."""
        refused = run / "results/logs/predict/fold0.refused"
        wait_for(refused.exists, "nothing was refused")
        shutil.copy2(run / "model.pt", model)

    # Its key says that the prediction is there, whatever became of the model.
    forced = ["results/predictions/fold0.csv", "--forcerun", "predict", "--configfile", TINY]
    return scene.run(*forced, meanwhile=mend)


def refused(scene: Scene) -> SlurmRun:
    """Run jobs that SLURM does not queue, beside one that it does."""
    targets = ["results/slow.txt", "results/greedy0.txt", "results/greedy1.txt"]
    return scene.run(*targets, checkout=scene.with_rules(REFUSED))


#: By name, in the order in which they are made.
SCENARIOS: dict[str, Callable[[Scene], object]] = {
    "through": through,
    "hungry": hungry,
    "refused": refused,
    "cancelled": cancelled,
    "mended": mended,
}


def play(name: str, scene: Scene) -> object:
    """Make a run by its name, in another process."""
    return SCENARIOS[name](scene)
