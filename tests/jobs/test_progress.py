"""What `mimamo progress` tells of a run: from the log of a real one, cut off where it still went on."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from mimamo.cli import main
from mimamo.jobs.progress import view
from mimamo.jobs.run_log import Job, RunState, newest_log, read_run
from support.run_logs import put_log


def told(folder: Path, capsys) -> str:
    """What the command shows, and whether it says that all is well."""
    code = main(["progress", str(folder), "--once"])
    return f"{code}: {capsys.readouterr().out}"


def test_a_run_that_goes_on_shows_jobs_names_and_time_left(going, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    shown = told(going, capsys)
    done = going_jobs(going)
    assert shown.startswith(f"0: {done} of ") and "at least" in shown.splitlines()[0]
    assert re.search(r"^train .* 0 of 2$", shown, re.MULTILINE)
    assert re.search(r"^train fold \d +Fold 0, epoch 1 of 2: loss -0.443", shown, re.MULTILINE)


def going_jobs(folder: Path) -> int:
    return newest_log(folder).read_text().count("Finished jobid:")


def test_a_finished_run_says_so(text, tmp_path, capsys):
    put_log(tmp_path, text)
    shown = told(tmp_path, capsys)
    total = re.search(r"^total +(\d+)", text, re.MULTILINE)[1]
    assert shown.startswith(f"0: Done: {total} of {total} jobs in ")


def test_a_failed_job_is_named_with_its_log_and_a_retried_one_is_not(going, capsys):
    log = newest_log(going)
    so_far = log.read_text()
    block = re.search(r"^(?:local)?rule train:\n(?:    .*\n)+", so_far, re.MULTILINE)[0]
    number = re.search(r"jobid: (\d+)", block)[1]
    failed = f"[Thu Jan  1 00:00:00 2026]\nError in rule train:\n    message: None\n    jobid: {number}\n"
    log.write_text(f"{so_far}{failed}")
    assert re.search(
        r"^Failed: train fold \d, see results/logs/train/fold\d.log$", told(going, capsys), re.MULTILINE
    )
    log.write_text(f"{so_far}{failed}Trying to restart job {number}.\n[Thu Jan  1 00:00:09 2026]\n{block}")
    assert "Failed" not in told(going, capsys) and len(read_run(log).running) > 0
    log.write_text(f"{so_far}{failed}Complete log(s): here\n")
    shown = told(going, capsys)
    assert shown.startswith("1: Ended after ") and "train fold" in shown


def test_a_run_that_broke_off_has_not_ended_well(text, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    whole = text.index("Finished jobid: 0 (Rule: all)")
    put_log(tmp_path, text[:whole])
    shown = told(tmp_path, capsys)
    assert shown.startswith("1: Broken off after ") and "repeat the same command to resume" in shown
    put_log(tmp_path, text[:whole] + "Complete log(s): here\n")
    assert told(tmp_path, capsys).startswith("1: Ended after ")


def test_no_run_is_told_in_a_sentence(tmp_path, capsys):
    assert main(["progress", str(tmp_path)]) == 1
    said = capsys.readouterr().err.strip()
    assert "expected the log of a run, found none" in said and "\n" not in said


def test_it_ends_by_itself_on_a_terminal_when_the_run_does(text, going, repo):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "mimamo", "progress", str(going)]
    environment = {**os.environ, "PYTHONPATH": str(repo / "workflow"), "TERM": "xterm", "COLUMNS": "120"}
    before = sorted(path for path in going.rglob("*"))
    watching = subprocess.Popen(command, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    try:
        seen = read_until(leader, "epoch 1 of 2")
        assert watching.poll() is None and "Done" not in seen
        assert sorted(path for path in going.rglob("*")) == before
        put_log(going, text)
        assert "Done: " in read_until(leader, "Done: ")
        assert watching.wait(timeout=20) == 0
    finally:
        watching.kill()
        os.close(leader)


def read_until(terminal: int, wanted: str) -> str:
    """Read what is written to a terminal until something wanted is there."""
    deadline, seen = time.monotonic() + 60, ""
    while wanted not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536).decode("utf-8", errors="replace")
    return seen


@pytest.mark.parametrize(
    ("wildcards", "name"),
    [
        ("", "train"),
        ("run=, fold=1", "train fold 1"),
        ("run=official/, fold=1", "train official, fold 1"),
        ("batch=002", "train batch 002"),
    ],
)
def test_a_job_is_named_by_its_run_and_its_fold(wildcards, name):
    job = Job("train", wildcards, "a.log", datetime.now(), failed=True)
    shown = view(RunState({"train": 1}, {"1": job}, last=job.started, ended=True), Path(), job.started)
    assert f"Failed: {name}, see a.log" in [str(part) for part in shown.renderables]
