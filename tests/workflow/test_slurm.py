"""The workflow on a real SLURM of one node. Skipped where SLURM is not installed; .ci/run installs it.

The runs are made beside all other tests, see tests/support/slurm/scenarios.py.
"""

import re

import pytest

from support.slurm.runs import Job
from support.slurm.scenarios import EPOCHS, SlurmRun
from support.workflow import products

HEAVY = {
    "demo": 1, "audit": 3, "labels": 1, "phase": 3, "features": 3, "train": 2, "predict": 2,
    "predict_test": 2, "baseline": 1, "scores": 1, "ensemble": 1, "figures": 1, "postprocessing": 1,
    "variants": 1, "gap_prices": 1, "page": 1,
}  # fmt: skip
ON_A_GPU = {"features", "train", "predict", "predict_test"}


@pytest.fixture(scope="module")
def through(slurm) -> SlurmRun:
    """The tiny demo from nothing to the end."""
    return slurm["through"][0]


def rule_of(job: Job) -> str:
    return re.sub(r"_wildcards_.*", "", job.rule)


def test_demo_goes_through_with_every_heavy_job_submitted(through):
    assert through.run.status == 0, through.run.text[-4000:]
    assert {job.state for job in through.jobs} == {"COMPLETED"}
    rules = [rule_of(job) for job in through.jobs]
    assert {rule: rules.count(rule) for rule in rules} == HEAVY


def test_results_are_those_of_a_run_without_slurm(through, tiny):
    first, second = products(tiny.results), products(through.run.results)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


def test_folds_have_a_gpu_of_the_gpu_partition(through):
    assert {rule_of(job) for job in through.jobs if job.partition == "gpu"} == ON_A_GPU
    for job in through.jobs:
        wanted = ("gpu", "1") if rule_of(job) in ON_A_GPU else ("cpu", None)
        assert (job.partition, job.resources.get("gres/gpu")) == wanted, job


def test_folds_run_side_by_side(through):
    one, other = (job for job in through.jobs if rule_of(job) == "train")
    assert max(one.start, other.start) < min(one.end, other.end)


def test_second_call_finds_nothing_to_do(slurm):
    _, again = slurm["through"]
    assert again.run.status == 0, again.run.text[-4000:]
    assert "Nothing to be done" in again.run.text
    assert not again.run.said("rule") and not again.run.said("localrule")


def test_cancelled_fold_on_two_gpus_goes_on_and_finishes(slurm):
    ended: SlurmRun = slurm["cancelled"]
    assert ended.run.status == 0, ended.run.text[-4000:]
    first, second = ended.jobs
    assert first.state.startswith("CANCELLED") and second.state == "COMPLETED"
    assert {job.resources["gres/gpu"] for job in (first, second)} == {"2"}
    results = ended.run.results
    (cancelled,) = (results / "logs/slurm").glob(f"**/{first.number}.log")
    assert "WARNING fold 0 was asked to stop and did so" in cancelled.read_text()
    log = (results / "logs/train/fold0.log").read_text()
    assert re.search(r"Fold 0: goes on after step [1-9]", log), log
    fold = results / "train/fold0"
    assert len((fold / "history.csv").read_text().splitlines()) == 1 + EPOCHS
    assert not (fold / "state").exists()


def test_job_over_its_memory_is_tried_again_with_more(slurm):
    ended: SlurmRun = slurm["hungry"]
    assert ended.run.status == 0, ended.run.text[-4000:]
    first, second = ended.jobs
    assert first.state in ("FAILED", "OUT_OF_MEMORY") and second.state == "COMPLETED"
    assert (first.resources["mem"], second.resources["mem"]) == ("600M", "1200M")


def test_job_that_refuses_its_input_ends_the_run_and_does_no_work_in_another_try(slurm):
    ended: SlurmRun = slurm["mended"]
    assert ended.run.status != 0
    assert [(rule_of(job), job.state) for job in ended.jobs] == [("predict", "FAILED")] * 2
    sentence = r": predict fold 0: \S*model\.pt: expected a checkpoint of tensors"
    assert len(re.findall(sentence, ended.run.text)) >= 2, ended.run.text[-4000:]


def test_job_that_slurm_refuses_to_queue_ends_the_run_in_a_sentence(slurm):
    ended: SlurmRun = slurm["refused"]
    run = ended.run
    assert run.status != 0
    # Nothing is left behind: what does not depend on the refused jobs has been waited for.
    # SLURM's accounting keeps what it refused.
    outcomes = {(rule_of(job), job.state) for job in ended.jobs}
    assert outcomes == {("slow", "COMPLETED"), ("greedy", "FAILED")}, run.text
    assert ended.queued == ""
    profile = slurm.profile / "config.yaml"
    line = 1 + profile.read_text().splitlines().index("set-resources:")
    sentence = run.text.splitlines()[-1]
    assert sentence.startswith("Error: rule greedy: expected SLURM to queue a job with "), run.text
    assert "gpu=3" in sentence and "slurm_partition=gpu" in sentence
    assert "(Requested node configuration is not available)" in sentence
    assert sentence.endswith(f"; change that in {profile}, line {line}, under set-resources: greedy")
    # Once when it happened, and once at the end, for two jobs that were each tried twice.
    assert len(run.said("Error: rule greedy:")) == 2 and "sbatch call" not in run.text
