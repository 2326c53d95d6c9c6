"""What is read from the log of a run: from that of a real one, cut off where it still went on."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mimamo.jobs.run_log import Job, last_message, newest_log, read_run
from support.run_logs import TRAINING


def test_the_plan_is_that_of_snakemake(text, going):
    state = read_run(newest_log(going))
    assert state.plan["train"] == 2 and sum(state.plan.values()) == int(
        re.search(r"^total +(\d+)", text, re.M)[1]
    )
    assert [job.rule for job in state.running].count("train") == 1 and not state.ended and not state.failed


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
    word = last_message(Job("train", "fold=0", "a.log", started=now), tmp_path, now + timedelta(seconds=30))
    assert word.fraction == 0.5 and word.left == pytest.approx(60, abs=2)
    assert word.text.startswith("Fold 0, epoch 1 of 2")
    os.utime(tmp_path / "a.log", (time.time() - 100,) * 2)
    assert last_message(Job("train", "fold=0", "a.log", started=now), tmp_path, now).text == ""
    assert last_message(Job("train", "fold=0", "none.log", started=now), tmp_path, now).text == ""


@pytest.mark.parametrize(
    ("line", "fraction"),
    [
        ("INFO 105 done: 3 of 12 names, 242 of 999 frames, 136 frames/s, 12 s left", 0.25),
        ("INFO 1/4 102 (train): 264 crops, repaired", 0.25),
        ("INFO Fold 0: predicted 105, 242 frames (1 of 4 names)", 0.25),
        ("INFO Fold 0, epoch 3 of 4, step 5 of 10: 70 s left", 0.625),
        ("INFO Fold 0: kept epoch 14 with CCC 0.7 on the stop names", None),
    ],
)
def test_the_progress_of_a_job_is_read_from_its_messages(tmp_path, line, fraction):
    (tmp_path / "a.log").write_text(f"{line}\n")
    now = datetime.now()
    assert last_message(Job("x", "", "a.log", started=now), tmp_path, now).fraction == fraction


def test_a_run_whose_process_is_gone_is_broken_off_and_one_that_writes_is_not(going):
    log = newest_log(going)
    assert not read_run(log).broken_off and read_run(log).running
    with moved_away(log) as copy:
        state = read_run(copy)
        assert state.broken_off and not state.ended and not state.complete and not state.running


def test_a_run_on_another_computer_may_still_go_on(going):
    log = newest_log(going)
    log.write_text(re.sub(r"^  Host: .*$", "  Host: elsewhere", log.read_text(), flags=re.MULTILINE))
    with moved_away(log) as copy:
        assert not read_run(copy).broken_off


@contextmanager
def moved_away(log: Path) -> Iterator[Path]:
    """Give a copy of a log that nobody writes to."""
    copy = log.with_name("copy.log")
    copy.write_text(log.read_text())
    yield copy
    copy.unlink()
