"""Runs of the workflow that take most of a minute, begun before the tests that ask for them.

A process of its own makes them, one after the other, on the core that all other tests leave idle. It is no
thread: what a test does to its own process, such as a limit or a variable, must reach no run.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import yaml

from mimamo.demo.cast import CROPS
from support.documentation import commands, section
from support.imports import write_afew_va, write_images, write_table
from support.kills import run_and_kill
from support.paths import REPO, TINY
from support.raw_videos import PEOPLE_ALONE, make_raw_corpus, write_settings
from support.slurm import cluster
from support.slurm.runs import SlurmRuns, make_profile
from support.slurm.scenarios import ENDED, SCENARIOS, Scene, play
from support.workflow import OwnRun, Run, environment, run_own, snakemake

#: The page whose commands two runs are.
OWN_DATA = "docs/own-data.md"
#: Names of the documentation's data set.
NAMES = 6
#: Size of the rehearsal.
REHEARSED_SIZE = 0.002
SETTINGS = yaml.safe_load(TINY.read_text()) | {
    "spatial": {"weights": "random", "input_size": 32, "resize": 32}
}
PREDICTED = "data={train: null, validation: null}"
SHARED = REPO.parent / "shared"


class WholeRuns:
    """The runs of RUNS that some test asks for.

    Parameters
    ----------
    wanted
        Their names, perhaps among others.
    checkout
        The copy of the workflow that they are run from.
    folder
        Each run gets a folder of its own there.
    kills
        How often runs are killed, all together.
    """

    def __init__(self, wanted: set[str], checkout: Path, folder: Path, kills: int) -> None:
        # The tests, one after the other, take longer than these runs, and should not wait for a core.
        nice = {"initializer": os.nice, "initargs": (5,)}
        self.folder, self.pool = folder, ProcessPoolExecutor(1, mp_context=get_context("spawn"), **nice)
        given = {"killed": {"kills": kills}}
        self.made = {
            name: self.pool.submit(make, checkout, folder / name, **given.get(name, {}))
            for name, make in RUNS.items()
            if name in wanted
        }

    def __getitem__(self, name: str) -> object:
        """Wait for a run, which must have succeeded, and return what its function returned."""
        run = self.made[name].result()
        assert not isinstance(run, Run) or run.status == 0, run.text[-4000:]
        return run

    def close(self) -> None:
        """Begin no other run, and wait for the end of the present one."""
        self.pool.shutdown(cancel_futures=True)


class ClusterRuns:
    """The runs of SCENARIOS on a SLURM of their own, one after the other in one process.

    Attributes
    ----------
    profile
        The folder of the profile.

    Parameters
    ----------
    checkout
        The copy of the workflow that they are run from.
    folder
        Cluster, profile and each run get a folder of their own there.
    tiny
        The folder of the demo's run, which need not have ended.
    """

    def __init__(self, checkout: Path, folder: Path, tiny: Path) -> None:
        self.cluster = folder / "cluster"
        self.cluster.mkdir()
        self.profile = make_profile(REPO, folder / "profile")
        self.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        cluster.start(self.cluster)
        self.made = {}
        for name in SCENARIOS:
            (folder / name).mkdir()
            scene = Scene(checkout, folder / name, SlurmRuns(self.profile), tiny)
            self.made[name] = self.pool.submit(play, name, scene)

    def __getitem__(self, name: str) -> object:
        """Wait for a run, and return what its function returned."""
        return self.made[name].result()

    def close(self) -> None:
        """Begin no other run, wait for the end of the present one, and stop the cluster."""
        self.pool.shutdown(cancel_futures=True)
        cluster.stop(self.cluster)


def tiny_of(place: Path) -> Path:
    """Return the folder of the demo's run, which lies beside the others."""
    return place.parent / "tiny/run"


def tiny(checkout: Path, place: Path) -> Run:
    """Run everything on a tiny demo."""
    run = snakemake(checkout, place / "run", "--configfile", TINY)
    (place / ENDED).touch()
    return run


def own_run(checkout: Path, place: Path) -> OwnRun:
    """Run the stages that read a data set on the demo's corpus, taken for a data set on disk."""
    return run_own(checkout, tiny_of(place) / "results/demo/corpus", place)


def own_annotations(checkout: Path, place: Path) -> Run:
    """Run the documentation's commands on annotations of one's own, with small settings behind theirs.

    Beside the run lie a folder with AFEW-VA, and a table with its crops, as the documentation names them.
    """
    place.mkdir()
    write_afew_va(place / "AFEW-VA", NAMES, 20)
    write_images(place / "my_crops/film", ["1.jpg", "2.jpg"])
    write_table(place / "values.csv", [("film", 1, 5, -10), ("film", 2, "", "")])
    (place / "small.yaml").write_text(yaml.safe_dump(SETTINGS))
    *imports, command = commands(section(OWN_DATA, "Your own annotations"))
    assert len(imports) == 2
    for line in imports:
        program, *arguments = shlex.split(line)
        assert program == "mimamo"
        done = subprocess.run(
            [sys.executable, "-m", "mimamo", *arguments],
            cwd=place, env=environment(checkout), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    program, where, folder, option, preset, config = shlex.split(command)
    assert (program, where, option) == ("snakemake", "--directory", "--configfile")
    return snakemake(
        checkout, place / folder, option, checkout / preset, place / config, place / "small.yaml"
    )


def given_models(checkout: Path, place: Path) -> Run:
    """Run the documentation's command with trained models: the tiny run's, on the demo's test names."""
    (command,) = commands(section(OWN_DATA, "Predicting new videos with trained models"))
    trained = tiny_of(place)
    words = shlex.split(command.replace("$PWD/runs/affwild2", str(trained)))
    settings = words[words.index("--config") + 1 :]
    assert settings == ["root=/path/to/new_data", f"models={trained}/results/train", PREDICTED]
    # The corpus need not be rendered again; everything that is computed from it must.
    shutil.copytree(trained / "results/demo", place / "run/results/demo")
    shutil.copytree(trained / ".snakemake", place / "run/.snakemake")
    return snakemake(checkout, place / "run", "--configfile", TINY, "--config", *settings[1:])


def real_video(checkout: Path, place: Path) -> Run | None:
    """Run the demo to train on with video that nobody rendered as test names; None without such video."""
    source = SHARED / "real"
    if not source.is_dir():
        return None
    # The corpus and the filters are the same as before; what comes after them depends on the test names.
    shutil.copytree(tiny_of(place), place / "run")
    (place / "names.txt").write_text("woman_expressions\nman_smiling\nno_face\n")
    data = {
        "crops": [CROPS, str(source / "cropped_aligned")],
        "videos": ["batch1", "batch2", str(source / "videos")],
        "test_list": str(place / "names.txt"),
    }
    (place / "real.yaml").write_text(yaml.safe_dump({"data": data}))
    target = "results/submission_check.csv"
    return snakemake(checkout, place / "run", target, "--configfile", TINY, place / "real.yaml")


def raw_videos(checkout: Path, place: Path) -> Run:
    """Run everything on a data set of raw videos, annotations and a test list, which lies beside the run."""
    make_raw_corpus(place / "data", PEOPLE_ALONE)
    return snakemake(checkout, place / "run", "--configfile", write_settings(place))


def rehearsed(checkout: Path, place: Path) -> tuple[Path, str]:
    """Make a rehearsal with the tiny demo's networks; return its folder and what it printed."""
    from mimamo.bench.rehearsal.__main__ import rehearse

    settings = yaml.safe_load(TINY.read_text())
    return place, rehearse(REHEARSED_SIZE, place, 2, typical=60, settings=settings)


#: By the names of their fixtures, in the order in which they are made. Most need the first.
RUNS = {
    "tiny": tiny,
    "own_run": own_run,
    "killed": run_and_kill,
    "raw_videos": raw_videos,
    "given_models": given_models,
    "own_annotations": own_annotations,
    "real_video": real_video,
    "rehearsed": rehearsed,
}


def place_of(fixtures: Iterable[str]) -> int:
    """Return how late the last of the runs is made that tests with these fixtures ask for; -1 without any."""
    order = [*RUNS, "slurm"]
    return max((order.index(name) for name in set(order) & set(fixtures)), default=-1)


def fixtures_of_modules(items: Iterable) -> dict[object, set[str]]:
    """Return what the tests of each module ask for, in the order of the tests."""
    fixtures: dict[object, set[str]] = {}
    for item in items:
        fixtures.setdefault(item.module, set()).update(item.fixturenames)
    return fixtures
