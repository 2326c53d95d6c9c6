"""The workflow is killed, finds no room or must not write, or is started twice; then it is run again."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.paths import TINY
from support.workflow import Run, products, snakemake, start

TARGET = ("results/submission_check.csv", "--configfile", TINY)
#: After so many kills a run may end, so that all stages are struck.
KILLS_OF_A_RUN = 3
#: What a run says before its first job.
JOBS_TO_DO = re.compile(r"\d+ jobs? to do")


@pytest.fixture
def as_shipped(checkout) -> dict:
    """The profile that Snakemake finds by itself: it says what becomes of unfinished outputs."""
    return {"profile": checkout / "profiles/default"}


def litter(folder: Path) -> list[str]:
    """Temporary folders of writers; Snakemake's own hidden things are files."""
    return [path.name for path in folder.rglob(".*") if path.is_dir()]


def compare(results: Path, tiny: Run) -> None:
    """A finished run's results are those of the undisturbed run, to the byte, and nothing else is there."""
    found, wanted = products(results), products(tiny.results)
    assert found["submission/submission.zip"] == wanted["submission/submission.zip"]
    assert [path for path in found if found[path] != wanted.get(path)] == []
    assert litter(results) == []


# Killed.


def kill_at_random(process: subprocess.Popen, chance: random.Random, log: list[str]) -> bool:
    """Kill a run and everything it started, at a random moment after a random share of its first jobs.

    Returns
    -------
    bool
        Whether it was still alive.
    """
    share, delay = chance.uniform(0, 0.4), chance.uniform(0, 2)
    for line in process.stdout:
        log.append(line)
        done = re.match(r" *(\d+) of (\d+) ", line)
        early = share < 0.1 and JOBS_TO_DO.match(line)
        if early or (done and int(done[1]) >= share * int(done[2])):
            break
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    log.append(f"Killed after a share of {share:.2f} and {delay:.2f} s\n")
    return process.wait() == -signal.SIGKILL


def disturb(checkout: Path, folder: Path, options: dict, most: int, log: list[str]) -> int:
    """Run the workflow to its end in spite of up to `most` kills; return how many hit it."""
    chance = random.Random()
    for hits in range(most):
        # The lock of the first kill stays until the last one.
        with start(checkout, folder, *TARGET, *["--nolock"][:hits], **options) as process:
            if not kill_at_random(process, chance, log):
                return hits
    refused = snakemake(checkout, folder, *TARGET, **options)
    assert refused.status == 1 and "It can be removed with the --unlock argument" in refused.text
    # What a person types: unlock, and the same command again.
    assert snakemake(checkout, folder, "--unlock").status == 0
    done = snakemake(checkout, folder, *TARGET, **options)
    assert done.status == 0, "".join(log) + done.text
    return most


def test_killed_at_random_moments_it_ends_with_the_same_bytes(checkout, tiny, tmp_path, as_shipped, kills):
    for run in range(2 * kills):
        log: list[str] = []
        kills -= disturb(checkout, tmp_path / f"{run}", as_shipped, min(kills, KILLS_OF_A_RUN), log)
        print("".join(log))
        compare(tmp_path / f"{run}/results", tiny)
        shutil.rmtree(tmp_path / f"{run}")
        if kills == 0:
            break
    assert kills == 0, "the runs ended before they could be killed"


# Started twice.


def test_a_second_run_in_the_same_folder_says_so_and_does_no_harm(checkout, tiny, tmp_path, as_shipped):
    target = ("results/phase/filters.npz", "--configfile", TINY)
    with start(checkout, tmp_path, *target, **as_shipped) as first:
        while not JOBS_TO_DO.match(line := first.stdout.readline()):
            assert line, "the run ended before it said what there is to do"
        # The first is in the middle of its work for as long as the second needs.
        os.killpg(first.pid, signal.SIGSTOP)
        second = snakemake(checkout, tmp_path, *target, **as_shipped)
        os.killpg(first.pid, signal.SIGCONT)
        first.communicate()
    assert first.returncode == 0 and second.status == 1 and "Traceback" not in second.text
    assert (
        "Please make sure that no other Snakemake process is trying to create the same files" in second.text
    )
    assert products(tmp_path / "results").items() <= products(tiny.results).items()


# No room, no right to write.


@pytest.fixture
def disk(tiny, tmp_path):
    """A run of the demo without the phase of one batch, its results on a disk that has no room for it."""
    folder = tmp_path / "run"
    shutil.copytree(tiny.folder, folder, ignore=shutil.ignore_patterns("results"))
    results = folder / "results"
    results.mkdir()
    mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", results)
    shutil.copytree(tiny.results, results, dirs_exist_ok=True)
    for path in (results / "phase").glob("*.npy"):
        # With its record, which goes before it is made anew.
        path.unlink()
        path.with_suffix(".json").unlink()
    (results / "phase/batches/001.json").unlink()
    used = shutil.disk_usage(results).used
    mount("-o", f"remount,size={used // 1024 + 300}k", results)
    yield results
    subprocess.run(["umount", results], check=True)


def mount(*arguments: object) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()}")


def test_a_disk_without_room_or_rights_is_told_and_costs_no_earlier_result(checkout, tiny, disk, as_shipped):
    target = ("results/phase/batches/001.json", "--configfile", TINY)
    before = products(disk)

    full = snakemake(checkout, disk.parent, *target, **as_shipped)
    told = full.said(
        "ERROR results/phase/10-60-320x120.npy: expected to be able to write it, found: No space left on"
    )
    assert full.status == 1 and len(told) == 1 and "make room on its disk" in told[0]
    assert "Traceback" not in full.text and "Logging error" not in full.text
    assert products(disk) == before and litter(disk) == []

    mount("-o", "remount,ro", disk)
    locked = snakemake(checkout, disk.parent, *target, **as_shipped)
    assert locked.status == 1 and "Traceback" not in locked.text
    assert len(locked.said("Error: results/probe: expected to be able to write it, found: Read-only")) == 1

    mount("-o", "remount,rw,size=64m", disk)
    again = snakemake(checkout, disk.parent, *target, **as_shipped)
    assert again.status == 0, again.text
    compare(disk, tiny)
