"""What is read from the log of a run: from that of a real one, cut off where it still went on."""

import os
import re
import time
from datetime import datetime, timedelta

import pytest

from mimamo.jobs.run_log import Job, RunState, last_message, newest_log, read_run, seconds_left
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
        ("INFO Fold 0: kept epoch 14 with CCC 0.7 on the stop names", None),
    ],
)
def test_the_progress_of_a_job_is_read_from_its_messages(tmp_path, line, fraction):
    (tmp_path / "a.log").write_text(f"{line}\n")
    now = datetime.now()
    assert last_message(Job("x", "", "a.log", started=now), tmp_path, now).fraction == fraction


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
