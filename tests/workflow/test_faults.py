"""The workflow is killed, finds no room or must not write, or is started twice; then it is run again."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from support.kills import JOBS_TO_DO, as_shipped
from support.paths import TINY
from support.workflow import Run, products, snakemake, start

pytestmark = pytest.mark.slow


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


@pytest.fixture(scope="module")
def killed(whole_runs) -> tuple[list[Path], str]:
    """Other runs from scratch: elsewhere, with another number of cores, and killed at random moments."""
    return whole_runs["killed"]


def test_killed_at_random_moments_it_ends_with_the_same_bytes(tiny, killed):
    folders, said = killed
    print(said)
    for folder in folders:
        compare(folder / "results", tiny)
        # Other runs of these tests do not make everything.
        assert products(folder / "results").keys() == products(tiny.results).keys()


# Started twice.


def test_a_second_run_in_the_same_folder_says_so_and_does_no_harm(checkout, tiny, tmp_path):
    target = ("results/phase/filters.npz", "--configfile", TINY)
    with start(checkout, tmp_path, *target, **as_shipped(checkout)) as first:
        while not JOBS_TO_DO.match(line := first.stdout.readline()):
            assert line, "the run ended before it said what there is to do"
        # The first is in the middle of its work for as long as the second needs.
        os.killpg(first.pid, signal.SIGSTOP)
        second = snakemake(checkout, tmp_path, *target, **as_shipped(checkout))
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


def test_a_disk_without_room_or_rights_is_told_and_costs_no_earlier_result(checkout, tiny, disk):
    target = ("results/phase/batches/001.json", "--configfile", TINY)
    before = products(disk)

    full = snakemake(checkout, disk.parent, *target, **as_shipped(checkout))
    told = full.said(
        "ERROR results/phase/10-60-320x120.npy: expected to be able to write it, found: No space left on"
    )
    assert full.status == 1 and len(told) == 1 and "free some space on its disk" in told[0]
    assert "Traceback" not in full.text and "Logging error" not in full.text
    assert products(disk) == before and litter(disk) == []

    mount("-o", "remount,ro", disk)
    locked = snakemake(checkout, disk.parent, *target, **as_shipped(checkout))
    assert locked.status == 1 and "Traceback" not in locked.text
    assert len(locked.said("Error: results/probe: expected to be able to write it, found: Read-only")) == 1

    mount("-o", "remount,rw,size=64m", disk)
    again = snakemake(checkout, disk.parent, *target, **as_shipped(checkout))
    assert again.status == 0, again.text
    compare(disk, tiny)
