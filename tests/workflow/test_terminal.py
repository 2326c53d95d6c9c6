"""What the default profile's logger writes, by Snakemake itself on a workflow of seconds."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.workflow import Run, environment

SNAKEFILE = """
rule all:
    default_target: True
    input: "results/warned.txt", [f"results/last/{i}.txt" for i in range(300)]
rule warned:
    output: "results/warned.txt"
    log: "results/logs/warned.log"
    script: "job.py"
rule last:
    input: "results/warned.txt"
    output: [f"results/last/{i}.txt" for i in range(300)]
    shell: "touch {output}"
rule refuses:
    input: "results/warned.txt"
    output: "results/refuses/{fold}.txt"
    log: "results/logs/refuses/{fold}.log"
    script: "job.py"
rule killed:
    output: "results/killed.txt"
    log: "results/logs/killed.log"
    shell: "kill -9 $$"
rule says:
    input: "results/warned.txt"
    log: "results/logs/says.log"
    script: "job.py"
"""
SCRIPT = """
import logging
from pathlib import Path
from mimamo.errors import InputError
from mimamo.jobs.job import logged

with logged(snakemake):
    logging.getLogger("mimamo").info("looked at it")
    logging.getLogger("mimamo").warning("a warning")
    if snakemake.rule == "refuses":
        raise InputError("a.csv: expected a number, found none; correct it")
    for path in snakemake.output:
        Path(path).touch()
"""


@pytest.fixture
def small(tmp_path, repo) -> Path:
    """A folder with a workflow of seconds, and with what the project's profile says of the output."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "job.py").write_text(SCRIPT)
    profile = yaml.safe_load((repo / "profiles/default/config.yaml").read_text())
    (tmp_path / "profiles/default").mkdir(parents=True)
    (tmp_path / "profiles/default/config.yaml").write_text(yaml.safe_dump(profile))
    return tmp_path


@pytest.fixture
def results(small, tiny) -> Path:
    """The tables of a whole run in that folder."""
    kept = shutil.ignore_patterns("logs", "labels", "phase", "features", "train", "corpus", "truth")
    return shutil.copytree(tiny.results, small / "results", ignore=kept)


def run(folder: Path, repo: Path, *arguments: str) -> Run:
    """Run the workflow in `folder` as a person would."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(repo), capture_output=True, text=True, timeout=120
    )
    return Run(folder, done.returncode, done.stderr + done.stdout)


def test_every_job_has_a_line_and_five_lines_say_what_has_come_out(small, results, repo):
    done = run(small, repo)
    assert done.status == 0, done.text
    lines = done.text.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("3 jobs to do"))
    warned, last, whole, gap, *summary = lines[begin + 1 :]
    assert re.fullmatch(r"1 of 3 +\d+ s  warned, \d+ s, 1 warning \(see results/logs/warned.log\)", warned)
    assert re.fullmatch(r"2 of 3 +\d+ s  last, \d+ s", last)
    assert re.fullmatch(r"3 of 3 +\d+ s  all, \d+ s", whole)
    assert gap == ""
    assert [line.split("  ")[0] for line in summary] == [
        "Scores",
        "Test names",
        "Better",
        "Submission",
        "Next",
    ]
    assert "looked at it" not in done.text and "results/last/7.txt" not in done.text
    # What mimamo progress reads is not shorter.
    (log,) = (small / ".snakemake/log").glob("*.snakemake.log")
    assert "    input: results/warned.txt" in log.read_text()

    # Once more.
    assert "Nothing to be done" in run(small, repo).text


def test_a_run_in_another_folder_says_where_and_gives_paths_that_can_be_opened(small, results, repo):
    folder = small / "runs/other"
    folder.mkdir(parents=True)
    results.rename(folder / "results")
    done = run(small, repo, "--directory", "runs/other")
    assert done.said("Working in") == [f"Working in {folder}, where the paths below count from."]
    assert f"open {folder}/results/report.html" in done.text


def test_another_target_has_no_such_lines(small, repo):
    done = run(small, repo, "results/warned.txt")
    assert done.status == 0 and not done.said("Scores") and done.said("1 of 1")


def test_failures_come_last_with_reason_and_log(small, repo):
    done = run(small, repo, "all", "results/refuses/1.txt", "results/killed.txt")
    assert done.status == 1
    text, _, failures = done.text.partition("2 of 5 jobs failed and 3 succeeded.")
    assert failures.startswith(" Fix the cause and repeat the same command to resume.\n"), done.text
    sentence = "a.csv: expected a number, found none; correct it"
    assert f"Error: refuses fold 1: {sentence} (see results/logs/refuses/1.log)" in failures.splitlines()
    (killed,) = [line for line in failures.splitlines() if line.startswith("Error: killed: ")]
    assert "SIGKILL" in killed and killed.endswith("(see results/logs/killed.log)")
    assert len(failures.splitlines()) == 3
    assert f"ERROR {sentence}" in text and "Failed: refuses fold 1 (see results/logs/refuses/1.log)" in text
    assert "CalledProcessError" not in done.text and "WorkflowError" not in done.text


def test_a_job_without_output_says_all(small, repo):
    done = run(small, repo, "says")
    assert done.status == 0 and done.text.count("INFO looked at it") == 1


def test_a_dry_run_is_a_table(small, repo):
    done = run(small, repo, "--dry-run")
    assert (
        re.search(r"^last +1$", done.text, re.MULTILINE) and len(re.findall("^total", done.text, re.M)) == 1
    )
    assert len(done.text) < 1000


@pytest.mark.parametrize("option", [["--verbose"], ["--workflow-profile", "none"]])
def test_snakemakes_own_output_can_be_had(small, repo, option):
    done = run(small, repo, *option)
    assert done.status == 0
    assert "results/last/7.txt" in done.text and "3 of 3 steps (100%) done" in done.text
    assert "INFO looked at it" in done.text and "3 jobs to do" not in done.text


def test_the_first_make_says_that_it_installs(repo, tmp_path):
    shutil.copy2(repo / "Makefile", tmp_path)
    for file in ("requirements.txt", "requirements-detector.txt", "pyproject.toml"):
        shutil.copy2(repo / file, tmp_path)
    told = subprocess.run(["make", "--dry-run", "run"], cwd=tmp_path, capture_output=True, text=True).stdout
    lines = told.splitlines()
    said = next(number for number, line in enumerate(lines) if "Installing the pinned packages" in line)
    assert "6 GB" in lines[said] and said < next(i for i, line in enumerate(lines) if "pip install" in line)
    assert "--quiet" not in told
