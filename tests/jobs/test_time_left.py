"""The estimate of a run's time left, from jobs whose times are known."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mimamo.jobs.progress import headline
from mimamo.jobs.run_log import Job, RunState
from mimamo.jobs.time_left import TimeLeft, time_left
from support.run_logs import TRAINING

NOW = datetime.now()


def job(rule: str, began: float, ended: float | None = None, log: str = "") -> Job:
    """A job that began, and perhaps ended, so many seconds ago."""
    end = None if ended is None else NOW - timedelta(seconds=ended)
    return Job(rule, "", log, NOW - timedelta(seconds=began), end)


def state_of(plan: dict[str, int], *jobs: Job) -> RunState:
    """A run of these jobs, which has gone on since the first of them."""
    numbered = {str(number): each for number, each in enumerate(jobs)}
    return RunState(plan, numbered, min(each.started for each in jobs), NOW)


def put_log(folder: Path, text: str) -> None:
    """Write what a job says at this moment."""
    (folder / "a.log").write_text(text)
    os.utime(folder / "a.log", (NOW.timestamp(),) * 2)


def put_benchmark(folder: Path, rule: str, seconds: float) -> None:
    """Write what an earlier run measured."""
    path = folder / f"results/benchmarks/{rule}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\n{seconds}\t0:00:20\n")


def test_it_is_what_running_jobs_say_and_what_others_took(tmp_path):
    put_log(tmp_path, TRAINING)
    jobs = job("audit", 30, 20), job("audit", 4), job("train", 4, log="a.log")
    left = time_left(state_of({"audit": 3, "train": 1, "all": 1}, *jobs), tmp_path, NOW)
    # 10 - 4 s of the one, 10 s of the waiting one and 90 s of the training, two at a time: less than the
    # training takes alone.
    assert left == TimeLeft(pytest.approx(90, abs=1))
    left = time_left(state_of({"audit": 30, "train": 1, "all": 1}, *jobs), tmp_path, NOW)
    assert left == TimeLeft(pytest.approx((6 + 280 + 90) / 2, abs=1))


def test_jobs_that_never_ran_count_as_others_and_are_named(tmp_path):
    state = state_of({"demo": 1, "audit": 4, "predict": 3}, job("demo", 20, 8), job("audit", 8, 0))
    assert time_left(state, tmp_path, NOW) == TimeLeft(pytest.approx(3 * 8 + 3 * 10, abs=1), ("predict",))
    put_benchmark(tmp_path, "predict", 20.0)
    assert time_left(state, tmp_path, NOW) == TimeLeft(pytest.approx(3 * 8 + 3 * 20, abs=1))


def test_waiting_folds_take_as_long_as_the_running_ones_will(tmp_path):
    put_log(tmp_path, TRAINING)
    jobs = job("labels", 20, 10), job("train", 10, log="a.log"), job("train", 10, log="a.log")
    left = time_left(state_of({"labels": 1, "train": 6}, *jobs), tmp_path, NOW)
    assert left == TimeLeft(pytest.approx((2 * 90 + 4 * 100) / 2, abs=2))


def test_no_time_is_given_before_anything_is_known(tmp_path):
    state = state_of({"demo": 1, "audit": 4}, job("demo", 20))
    assert time_left(state, tmp_path, NOW) == TimeLeft(None, ("demo", "audit"))
    assert "time left not known before the first job has ended" in str(headline(state, tmp_path, NOW))


def test_a_job_that_takes_longer_than_it_said_is_not_done(tmp_path):
    put_log(tmp_path, "INFO Fold 0, epoch 3 of 4: loss 0, 0 s left\n")
    jobs = job("labels", 70, 60), job("train", 60, log="a.log")
    assert time_left(state_of({"labels": 1, "train": 1}, *jobs), tmp_path, NOW).seconds == pytest.approx(20)


@pytest.mark.parametrize("seconds_a_job", [2, 40])
def test_it_is_within_a_third_all_along_a_run_of_known_jobs(tmp_path, seconds_a_job):
    """Twelve jobs of a rule, two at a time, looked at after each pair."""
    put_benchmark(tmp_path, "phase", seconds_a_job)
    for pairs in range(1, 6):
        jobs = [job("phase", (pairs - i) * seconds_a_job, (pairs - i - 1) * seconds_a_job)
                for i in range(pairs) for _ in range(2)]  # fmt: skip
        jobs += [job("phase", 0), job("phase", 0)]
        left = time_left(state_of({"phase": 12}, *jobs), tmp_path, NOW)
        assert left.seconds == pytest.approx((6 - pairs) * seconds_a_job, rel=1 / 3)
