"""The workflow on a real SLURM of one node. Skipped where SLURM is not installed; .ci/run installs it."""

import re
import shutil
import time

import pytest

from support.paths import TINY
from support.slurm import cluster
from support.slurm.runs import Job, SlurmRuns, jobs_of, make_profile
from support.workflow import Run, products

HEAVY = {
    "demo": 1, "audit": 3, "labels": 1, "phase": 3, "features": 3, "train": 2, "predict": 2,
    "predict_test": 2, "baseline": 1, "scores": 1, "ensemble": 1, "figures": 1, "postprocessing": 1,
    "variants": 1, "gap_prices": 1, "page": 1,
}  # fmt: skip
ON_A_GPU = {"features", "train", "predict", "predict_test"}
#: Of the training that is cancelled: long enough for somebody to come in between.
EPOCHS = 40


@pytest.fixture(scope="module")
def slurm(repo, tmp_path_factory):
    """A cluster, started for these tests."""
    if (reason := cluster.obstacle()) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("slurm")
    try:
        cluster.start(folder)
        yield SlurmRuns(make_profile(repo, folder / "profile"))
    finally:
        cluster.stop(folder)


@pytest.fixture(scope="module")
def through(slurm, checkout, tmp_path_factory) -> Run:
    """The tiny demo from nothing to the end."""
    return slurm.run(checkout, tmp_path_factory.mktemp("through") / "run", "--configfile", TINY)


def rule_of(job: Job) -> str:
    return re.sub(r"_wildcards_.*", "", job.rule)


def test_demo_goes_through_with_every_heavy_job_submitted(through):
    assert through.status == 0, through.text[-4000:]
    jobs = jobs_of(through)
    assert {job.state for job in jobs} == {"COMPLETED"}
    rules = [rule_of(job) for job in jobs]
    assert {rule: rules.count(rule) for rule in rules} == HEAVY


def test_results_are_those_of_a_run_without_slurm(through, tiny):
    first, second = products(tiny.results), products(through.results)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


def test_folds_have_a_gpu_of_the_gpu_partition(through):
    jobs = jobs_of(through)
    assert {rule_of(job) for job in jobs if job.partition == "gpu"} == ON_A_GPU
    for job in jobs:
        wanted = ("gpu", "1") if rule_of(job) in ON_A_GPU else ("cpu", None)
        assert (job.partition, job.resources.get("gres/gpu")) == wanted, job


def test_folds_run_side_by_side(through):
    one, other = (job for job in jobs_of(through) if rule_of(job) == "train")
    assert max(one.start, other.start) < min(one.end, other.end)


def test_second_call_finds_nothing_to_do(through, slurm, checkout):
    again = slurm.run(checkout, through.folder, "--configfile", TINY)
    assert again.status == 0, again.text[-4000:]
    assert "Nothing to be done" in again.text and not again.said("rule") and not again.said("localrule")


def test_cancelled_fold_on_two_gpus_goes_on_and_finishes(slurm, checkout, finished_run):
    # Typed, not in a file: the numbers arrive as text, here and in the job.
    longer = f"training={{epochs: {EPOCHS}, patience: {EPOCHS}, save_every: 2, gpus: 2}}"
    fold = finished_run / "results/train/fold0"

    def cancel() -> None:
        deadline = time.monotonic() + 240
        while not list((fold / "state").glob("[0-9]*.pt")):
            assert time.monotonic() < deadline, "no state was saved in four minutes"
            time.sleep(0.1)
        running = cluster.output("squeue", "--noheader", "--states", "RUNNING", "--format", "%A %k")
        (number, rule) = running.split()
        assert rule.startswith("rule_train_wildcards_")
        cluster.output("scancel", number)

    target = "results/train/fold0/model.pt"
    run = slurm.run(
        checkout, finished_run, target, "--configfile", TINY, "--config", longer, meanwhile=cancel
    )
    assert run.status == 0, run.text[-4000:]
    first, second = jobs_of(run)
    assert first.state.startswith("CANCELLED") and second.state == "COMPLETED"
    assert {job.resources["gres/gpu"] for job in (first, second)} == {"2"}
    (cancelled,) = (finished_run / "results/logs/slurm").glob(f"**/{first.number}.log")
    assert "WARNING fold 0 was asked to stop and did so" in cancelled.read_text()
    log = (finished_run / "results/logs/train/fold0.log").read_text()
    assert re.search(r"Fold 0: goes on after step [1-9]", log), log
    assert len((fold / "history.csv").read_text().splitlines()) == 1 + EPOCHS
    assert not (fold / "state").exists()


def test_job_over_its_memory_is_tried_again_with_more(slurm, checkout, tmp_path):
    copy = shutil.copytree(checkout, tmp_path / "copy")
    code = "import time; kept = b'1' * (700 << 20); time.sleep(6)"
    with (copy / "Snakefile").open("a") as snakefile:
        snakefile.write(
            'rule hungry:\n    output: "results/hungry.txt"\n    resources: mem_mb=scaled_by_attempt(600)\n'
            f'    shell: "python3 -c \\"{code}\\"; touch {{output}}"\n'
        )
    run = slurm.run(copy, tmp_path / "run", "results/hungry.txt")
    assert run.status == 0, run.text[-4000:]
    first, second = jobs_of(run)
    assert first.state in ("FAILED", "OUT_OF_MEMORY") and second.state == "COMPLETED"
    assert (first.resources["mem"], second.resources["mem"]) == ("600M", "1200M")


def test_job_that_refuses_its_input_ends_the_run_and_does_no_work_in_another_try(
    slurm, checkout, finished_run
):
    model = finished_run / "results/train/fold0/model.pt"
    shutil.copy2(model, finished_run / "model.pt")
    model.write_bytes(b"no checkpoint")

    def mend() -> None:
        """Between the tries, so that the second would go through if it looked at its input."""
        refused = finished_run / "results/logs/predict/fold0.refused"
        deadline = time.monotonic() + 240
        while not refused.exists():
            assert time.monotonic() < deadline, "nothing was refused in four minutes"
            time.sleep(0.02)
        shutil.copy2(finished_run / "model.pt", model)

    # Its key says that the prediction is there, whatever became of the model.
    forced = ["results/predictions/fold0.csv", "--forcerun", "predict", "--configfile", TINY]
    run = slurm.run(checkout, finished_run, *forced, meanwhile=mend)
    assert run.status != 0
    assert [(rule_of(job), job.state) for job in jobs_of(run)] == [("predict", "FAILED")] * 2
    sentence = r": predict fold 0: \S*model\.pt: expected a checkpoint of tensors"
    assert len(re.findall(sentence, run.text)) >= 2, run.text[-4000:]


REFUSED = """
rule slow:
    output: "results/slow.txt"
    shell: "sleep 6; touch {output}"
rule greedy:
    output: "results/greedy{fold}.txt"
    resources: gpu=3, slurm_partition="gpu"
    shell: "touch {output}"
"""


def test_job_that_slurm_refuses_to_queue_ends_the_run_in_a_sentence(slurm, checkout, tmp_path):
    copy = shutil.copytree(checkout, tmp_path / "copy")
    with (copy / "Snakefile").open("a") as snakefile:
        snakefile.write(REFUSED)
    targets = ["results/slow.txt", "results/greedy0.txt", "results/greedy1.txt"]
    run = slurm.run(copy, tmp_path / "run", *targets)
    assert run.status != 0
    # Nothing is left behind: what does not depend on the refused jobs has been waited for.
    # SLURM's accounting keeps what it refused.
    ended = {(rule_of(job), job.state) for job in jobs_of(run)}
    assert ended == {("slow", "COMPLETED"), ("greedy", "FAILED")}, run.text
    assert cluster.output("squeue", "--noheader") == ""
    profile = slurm.profile / "config.yaml"
    line = 1 + profile.read_text().splitlines().index("set-resources:")
    sentence = run.text.splitlines()[-1]
    assert sentence.startswith("Error: rule greedy: expected SLURM to queue a job with "), run.text
    assert "gpu=3" in sentence and "slurm_partition=gpu" in sentence
    assert "(Requested node configuration is not available)" in sentence
    assert sentence.endswith(f"; change that in {profile}, line {line}, under set-resources: greedy")
    # Once when it happened, and once at the end, for two jobs that were each tried twice.
    assert len(run.said("Error: rule greedy:")) == 2 and "sbatch call" not in run.text
