"""Annotations of one's own, and new videos with trained models: as the documentation says."""

import os
import re
import shlex
import subprocess
import sys

import pytest
import yaml

from mimamo.storage.files import read_csv
from support.imports import write_afew_va, write_images, write_table
from support.paths import TINY
from support.workflow import environment, jobs, products, snakemake

NAMES = 6
SETTINGS = yaml.safe_load(TINY.read_text()) | {
    "spatial": {"weights": "random", "input_size": 32, "resize": 32}
}
NOTHING_SUBMITTED = {"ensemble", "gaps", "submission", "gap_prices"}
PREDICTED = "data={train: null, validation: null}"
MODELS = "models={results}/train"


def blocks(checkout_of: str, heading: str, after: str) -> list[str]:
    """Return the commands of a section's console blocks, each on one line and without comments."""
    section = checkout_of.partition(f"**{heading}**")[2].partition(f"**{after}**")[0]
    found = re.findall(r"```console\n(.*?)```", section, re.DOTALL)
    lines = "".join(found).replace("\\\n", " ").splitlines()
    return [line.partition("   #")[0] for line in lines]


@pytest.fixture(scope="module")
def readme(repo) -> str:
    return (repo / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with AFEW-VA, and a table with its crops, under the names of the documentation."""
    folder = tmp_path_factory.mktemp("place")
    write_afew_va(folder / "AFEW-VA", NAMES, 20)
    write_images(folder / "my_crops/film", ["1.jpg", "2.jpg"])
    write_table(folder / "values.csv", [("film", 1, 5, -10), ("film", 2, "", "")])
    (folder / "small.yaml").write_text(yaml.safe_dump(SETTINGS))
    return folder


@pytest.fixture(scope="module")
def own(checkout, readme, place):
    """The run of the documentation's commands, with small settings behind theirs."""
    *imports, command = blocks(readme, "Your own annotations.", "New videos, trained models.")
    assert len(imports) == 2
    for line in imports:
        program, *arguments = shlex.split(line)
        assert program == "mimamo"
        done = subprocess.run(
            [sys.executable, "-m", "mimamo", *arguments],
            cwd=place, env=environment(checkout), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    program, option, preset, config = shlex.split(command)
    assert (program, option) == ("snakemake", "--configfile")
    run = snakemake(checkout, place / "run", option, checkout / preset, place / config, place / "small.yaml")
    assert run.status == 0, run.text[-4000:]
    return run


def test_everything_up_to_the_scores_is_made_and_nothing_to_submit(own):
    assert not NOTHING_SUBMITTED & jobs(own).keys()
    for path in (
        "scores.csv",
        "baseline.csv",
        "comparison.csv",
        "provenance.json",
        "figures/fold_curves.png",
    ):
        assert (own.results / path).is_file(), path
    assert not (own.results / "submission").exists()
    audit = read_csv(own.results / "audit.csv")
    assert audit["verdict"].tolist() == ["ok"] * NAMES and audit["crops"].tolist() == [20] * NAMES
    pooled = read_csv(own.results / "scores.csv").query("scope == 'pooled'")
    assert pooled["frames"].tolist() == [20 * NAMES]


def test_the_page_says_what_is_left_out_and_why(own, place):
    page = (own.results / "report.html").read_text()
    for words in (
        "What this run leaves out",
        "no test list, nothing to submit",
        "There is no validation set",
    ):
        assert words in page
    assert "There is no test list, so there is nothing to submit." in page
    # Neither price of gaps nor a path of this machine.
    assert "What a gap costs" not in page and "MIMAMO Net on my_data:" in page


def test_what_would_be_submitted_is_refused_before_the_first_job(checkout, own, place):
    files = ["--configfile", place / "my_data/config.yaml", place / "small.yaml"]
    run = snakemake(checkout, own.folder, "results/submission_check.csv", *files, "--dry-run")
    assert run.status == 1
    (said,) = run.said("Error: ")
    assert "data.test_list is null, so there are no test names and nothing to submit; set it" in said


@pytest.fixture(scope="module")
def given(checkout, readme, tiny, tmp_path_factory):
    """The documentation's run with trained models: the tiny run's, on the demo's test names."""
    (command,) = blocks(readme, "New videos, trained models.", "Your own crops.")
    words = shlex.split(command.replace("$PWD", str(tiny.folder)))
    settings = words[words.index("--config") + 1 :]
    assert settings == ["root=/path/to/new_data", f"models={tiny.results}/train", PREDICTED]
    folder = tmp_path_factory.mktemp("given") / "run"
    run = snakemake(checkout, folder, "--configfile", TINY, "--config", *settings[1:])
    assert run.status == 0, run.text[-4000:]
    return run


def test_given_models_predict_what_the_run_that_trained_them_did(given, tiny):
    assert not {"train", "labels", "folds", "scores", "postprocessing", "figures"} & jobs(given).keys()
    made, trained = products(given.results), products(tiny.results)
    same = ["ensemble.csv", "filled.csv", "gaps.csv", "submission_check.csv", "submission/predictions.txt"]
    assert {path: made[path] for path in same} == {path: trained[path] for path in same}


def test_the_page_of_given_models_shows_no_scores(given):
    page = (given.results / "report.html").read_text()
    assert "Nothing is scored: the models were given" in page
    assert "Nothing was trained: fold0/model.pt, fold1/model.pt predicted the test names." in page
    assert "All 7 names have been read back and are valid" in page


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([MODELS], "data.train and data.validation would not be used"),
        (
            [MODELS, "data={train: null, validation: null, test_list: null}"],
            "test_list is null",
        ),
        (["models={results}/nowhere", PREDICTED], "expected a trained model, found nothing there"),
        ([MODELS, PREDICTED, "training={window: 24}"], "training.window 16 instead of 24"),
        ([PREDICTED], "so there is nothing to train on; set data.train"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_first_job(checkout, tiny, tmp_path, entries, fault):
    config = [entry.replace("{results}", str(tiny.results)) for entry in entries]
    run = snakemake(checkout, tmp_path / "run", "--configfile", TINY, "--dry-run", "--config", *config)
    assert run.status == 1 and not run.said("rule")
    (said,) = run.said("Error: ")
    assert fault in said
    assert not os.path.exists(tmp_path / "run" / "results")
