"""What `mimamo progress` tells of a run: from the log of a real one, cut off where it still went on."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mimamo.cli import main
from mimamo.jobs.progress import duration, view
from mimamo.jobs.run_log import Job, RunState, last_word, newest_log, read_run, seconds_left

TRAINING = "INFO Fold 0, epoch 1 of 2: loss -0.443, CCC valence 0.213 arousal 0.012 (stop names), 90 s left\n"


@pytest.fixture(scope="module")
def text(tiny) -> str:
    """Snakemake's log of the tiny run."""
    logs = [path.read_text() for path in (tiny.folder / ".snakemake/log").glob("*.log")]
    return next(text for text in logs if "Finished jobid: 0 (Rule: all)" in text and "rule train:" in text)


@pytest.fixture
def going(text, tmp_path) -> Path:
    """A folder whose run trains its first fold: the log up to there, and the training's own."""
    block = re.search(r"^(?:local)?rule train:\n(?:    .*\n)+", text, re.MULTILINE)
    put_log(tmp_path, text[: block.end()])
    number = re.search(r"wildcards: .*fold=(\d)", block[0])[1]
    job = tmp_path / f"results/logs/train/fold{number}.log"
    job.parent.mkdir(parents=True)
    job.write_text("INFO Fold 0: 70 windows, 9 steps an epoch, on cpu\n" + TRAINING)
    return tmp_path


def put_log(folder: Path, text: str) -> Path:
    path = folder / ".snakemake/log/2026-01-01T000000.000000.snakemake.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


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


def test_the_plan_is_that_of_snakemake(text, going):
    state = read_run(newest_log(going))
    assert state.plan["train"] == 2 and sum(state.plan.values()) == int(
        re.search(r"^total +(\d+)", text, re.M)[1]
    )
    assert [job.rule for job in state.running].count("train") == 1 and not state.ended and not state.failed


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


def test_no_run_is_told_in_a_sentence(tmp_path, capsys):
    assert main(["progress", str(tmp_path)]) == 1
    said = capsys.readouterr().err.strip()
    assert "expected the log of a run, found none" in said and "\n" not in said


def test_logs_of_jobs_on_nodes_and_of_other_commands_are_passed_over(going):
    newer = going / ".snakemake/log"
    stats = newest_log(going).read_text()
    (newer / "2026-01-02T000000.000000.snakemake.log").write_text(
        f"  Command: snakemake --mode remote\n{stats}"
    )
    (newer / "2026-01-03T000000.000000.snakemake.log").write_text("Congratulations\n")
    assert newest_log(going).name.startswith("2026-01-01")


def test_a_waiting_job_has_not_said_what_an_earlier_run_said(tmp_path):
    (tmp_path / "a.log").write_text(TRAINING)
    now = datetime.now()
    word = last_word(Job("train", "fold=0", "a.log", started=now), tmp_path, now + timedelta(seconds=30))
    assert word.share == 0.5 and word.left == pytest.approx(60, abs=2)
    assert word.text.startswith("Fold 0, epoch 1 of 2")
    os.utime(tmp_path / "a.log", (time.time() - 100,) * 2)
    assert last_word(Job("train", "fold=0", "a.log", started=now), tmp_path, now).text == ""
    assert last_word(Job("train", "fold=0", "none.log", started=now), tmp_path, now).text == ""


@pytest.mark.parametrize(
    ("line", "share"),
    [
        ("INFO 105 done: 3 of 12 names, 242 of 999 frames, 136 frames/s, 12 s left", 0.25),
        ("INFO 1/4 102 (train): 264 crops, repaired", 0.25),
        ("INFO Fold 0: predicted 105, 242 frames (1 of 4 names)", 0.25),
        ("INFO Fold 0: kept epoch 14 with CCC 0.7 on the stop names", None),
    ],
)
def test_jobs_say_their_share_in_their_own_words(tmp_path, line, share):
    (tmp_path / "a.log").write_text(f"{line}\n")
    now = datetime.now()
    assert last_word(Job("x", "", "a.log", started=now), tmp_path, now).share == share


def test_time_left_is_what_jobs_say_and_what_others_took(tmp_path):
    now = datetime.now()
    jobs = {
        "1": Job("audit", "", "", now - timedelta(seconds=30), now - timedelta(seconds=20)),
        "2": Job("audit", "", "", now - timedelta(seconds=4)),
        "3": Job("train", "", "a.log", now - timedelta(seconds=4)),
    }
    (tmp_path / "a.log").write_text(TRAINING)
    state = RunState({"audit": 3, "train": 1, "all": 1}, jobs)
    seconds, unknown = seconds_left(state, tmp_path, now)
    # 10 - 4 s of the one, 10 s of the waiting one and 90 s of the training, two at a time.
    assert seconds == pytest.approx((6 + 10 + 90) / 2, abs=1) and not unknown
    state.plan["predict"] = 1
    assert seconds_left(state, tmp_path, now)[1]
    (tmp_path / "results/benchmarks").mkdir(parents=True)
    (tmp_path / "results/benchmarks/predict.tsv").write_text("s\th:m:s\n20.0\t0:00:20\n")
    assert seconds_left(state, tmp_path, now) == (pytest.approx(126 / 2, abs=1), False)


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


def test_durations_have_two_units():
    assert [duration(seconds) for seconds in (4.4, 75, 3600, 7350)] == [
        "4 s",
        "1 min 15 s",
        "1 h 0 min",
        "2 h 2 min",
    ]


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
