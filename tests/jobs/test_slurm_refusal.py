"""The sentence about a job that SLURM refuses to queue. That SLURM does so: tests/workflow/test_slurm.py."""

from datetime import datetime
from pathlib import Path

import pytest

from mimamo.jobs.run_log import Job
from mimamo.jobs.slurm_refusal import slurm_refusal

RESOURCES = "threads=4, gpu=9, runtime=1440, mem_mb=8000, mem=8 GB, mem_mib=7630, tmpdir=<TBD>, attempt=1"
UNAVAILABLE = "Batch job submission failed: Requested node configuration is not available"
PROFILE = """\
executor: slurm

default-resources:
  slurm_partition: cpu
  slurm_account: default
set-resources:
  features:
    slurm_partition: gpu
  train:
    nodes: 1
    mem_mb: 8000
"""


@pytest.fixture
def profile(tmp_path, monkeypatch) -> Path:
    """The file of a profile, in the folder of the run."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "config.yaml"
    path.write_text(PROFILE)
    return path


def refused(rule: str, answer: str, profile: Path | None) -> str | None:
    """The sentence about a job of a rule, by what sbatch answered."""
    report = (
        f"SLURM sbatch failed. The error message was '{answer}'.\n    sbatch call:\n        sbatch -p gpu\n"
    )
    return slurm_refusal(Job(rule, "fold=0", "a.log", datetime.now(), resources=RESOURCES), report, profile)


def test_it_names_rule_resources_answer_and_line(profile):
    asked = "threads=4, gpu=9, runtime=1440, mem_mb=8000"
    assert refused("train", f"sbatch: error: {UNAVAILABLE}", profile) == (
        f"rule train: expected SLURM to queue a job with {asked}, found that it refuses to (Requested node "
        "configuration is not available); change that in config.yaml, line 9, set-resources: train"
    )


@pytest.mark.parametrize(
    ("rule", "answer", "place"),
    [
        ("train", "sbatch: error: Memory specification can not be satisfied",
         "11, set-resources: train: mem_mb"),
        ("train", "sbatch: error: invalid partition specified: gpu", "4, default-resources: slurm_partition"),
        ("features", "sbatch: error: invalid partition specified: gpu",
         "8, set-resources: features: slurm_partition"),
        ("audit", "sbatch: error: Batch job submission failed: Invalid account or account/partition",
         "5, default-resources: slurm_account"),
        ("audit", f"sbatch: error: {UNAVAILABLE}", "6, under set-resources: audit"),
    ],
)  # fmt: skip
def test_the_line_is_that_of_what_slurm_names_if_it_does(profile, rule, answer, place):
    assert refused(rule, answer, profile).endswith(f"change that in config.yaml, line {place}")


def test_without_a_known_profile_no_line_is_made_up(tmp_path):
    for profile in (None, tmp_path / "none.yaml"):
        assert refused("train", f"sbatch: error: {UNAVAILABLE}", profile).endswith(
            "in the profile of the run"
        )


def test_of_several_lines_the_last_counts():
    answer = f"sbatch: error: a site's greeting\nsbatch: error: {UNAVAILABLE}"
    assert "(Requested node configuration is not available)" in refused("train", answer, None)


def test_other_failures_are_none():
    job = Job("train", "fold=0", "a.log", datetime.now())
    assert slurm_refusal(job, "SLURM-job '8' failed, SLURM status is: 'FAILED'. ", None) is None
    assert slurm_refusal(job, "", None) is None
