"""Runs of everything that are killed at random moments, and run again to their end."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

from support.paths import TINY
from support.workflow import snakemake, start

EVERYTHING = ("--configfile", TINY)
#: After so many kills a run may end, so that all stages are struck.
KILLS_OF_A_RUN = 3
#: What a run says before its first job.
JOBS_TO_DO = re.compile(r"\d+ jobs? to do")


def as_shipped(checkout: Path) -> dict:
    """Give the profile that Snakemake finds by itself: it says what becomes of unfinished outputs."""
    return {"profile": checkout / "profiles/default"}


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


def disturb(checkout: Path, folder: Path, most: int, log: list[str]) -> int:
    """Run the workflow on one core to its end in spite of up to `most` kills; return how many hit it."""
    chance, options = random.Random(), {"cores": 1, **as_shipped(checkout)}
    for hits in range(most):
        # The lock of the first kill stays until the last one.
        with start(checkout, folder, *EVERYTHING, *["--nolock"][:hits], **options) as process:
            if not kill_at_random(process, chance, log):
                return hits
    refused = snakemake(checkout, folder, *EVERYTHING, **options)
    assert refused.status == 1 and "It can be removed with the --unlock argument" in refused.text
    # What a person types: unlock, and the same command again.
    assert snakemake(checkout, folder, "--unlock").status == 0
    done = snakemake(checkout, folder, *EVERYTHING, **options)
    assert done.status == 0, "".join(log) + done.text
    return most


def run_and_kill(checkout: Path, place: Path, kills: int) -> tuple[list[Path], str]:
    """Run everything from scratch until so many kills have hit; return the runs' folders and what they said.

    Each run is in a folder of its own, which is made.
    """
    folders, log = [], []
    for number in range(2 * kills):
        folders.append(place / f"{number}")
        kills -= disturb(checkout, folders[-1], min(kills, KILLS_OF_A_RUN), log)
        if kills == 0:
            break
    assert kills == 0, "the runs ended before they could be killed"
    return folders, "".join(log)
