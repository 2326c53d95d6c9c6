"""A job that refused its input repeats its sentence in the next try of the same run."""

import logging
from types import SimpleNamespace

import pytest

from mimamo.errors import InputError
from mimamo.jobs.job import logged


def job(folder, attempt: int, fault: Exception | None) -> list[str]:
    """Run a job that may fail; return what it did and what its log says."""
    log = folder / "logs" / "rule.log"
    snakemake = SimpleNamespace(log=[str(log)], threads=1, resources={"attempt": attempt}, output={})
    did = []
    try:
        with logged(snakemake):
            did.append("work")
            if fault is not None:
                raise fault
    except SystemExit as end:
        did.append(f"exit {end.code}")
    return [*did, *log.read_text().splitlines()]


@pytest.fixture(autouse=True)
def _other_tests_log_as_before():
    logger = logging.getLogger("mimamo")
    kept = list(logger.handlers), logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = kept


def test_the_second_try_repeats_the_sentence_without_work_and_a_new_run_looks_anew(tmp_path):
    refused = ["exit 1", "ERROR bad.txt, line 3: is bad"]
    assert job(tmp_path, 1, InputError("bad.txt, line 3: is bad")) == ["work", *refused]
    assert job(tmp_path, 2, None) == refused
    assert job(tmp_path, 3, None) == refused
    assert job(tmp_path, 1, None) == ["work"]
    assert job(tmp_path, 2, None) == ["work"]


def test_other_faults_are_worth_another_try(tmp_path):
    assert "exit 1" in job(tmp_path, 1, OSError("the node is ill"))
    assert job(tmp_path, 2, None) == ["work"]
