"""Annotations of one's own, and new videos with trained models: as the documentation says."""

import os

import pytest

from mimamo.storage.files import read_csv
from support.paths import TINY
from support.whole_runs import NAMES, PREDICTED
from support.workflow import Run, jobs, products, snakemake

pytestmark = pytest.mark.slow

NOTHING_SUBMITTED = {"ensemble", "gaps", "submission", "gap_prices"}
MODELS = "models={results}/train"


@pytest.fixture(scope="module")
def own_annotations(whole_runs) -> Run:
    """The run of the documentation's commands."""
    return whole_runs["own_annotations"]


def test_everything_up_to_the_scores_is_made_and_nothing_to_submit(own_annotations):
    assert not NOTHING_SUBMITTED & jobs(own_annotations).keys()
    for path in (
        "scores.csv",
        "baseline.csv",
        "comparison.csv",
        "provenance.json",
        "figures/fold_curves.png",
    ):
        assert (own_annotations.results / path).is_file(), path
    assert not (own_annotations.results / "submission").exists()
    audit = read_csv(own_annotations.results / "audit.csv")
    assert audit["verdict"].tolist() == ["ok"] * NAMES and audit["crops"].tolist() == [20] * NAMES
    pooled = read_csv(own_annotations.results / "scores.csv").query("scope == 'pooled'")
    assert pooled["frames"].tolist() == [20 * NAMES]


def test_the_page_says_what_is_left_out_and_why(own_annotations):
    page = (own_annotations.results / "report.html").read_text()
    for words in (
        "What this run leaves out",
        "no test list, nothing to submit",
        "There is no validation set",
    ):
        assert words in page
    assert "There is no test list, so there is nothing to submit." in page
    # Neither price of gaps nor a path of this machine.
    assert "Cost of gaps" not in page and "MIMAMO Net on my_data:" in page


def test_what_would_be_submitted_is_refused_before_the_first_job(checkout, own_annotations):
    place = own_annotations.folder.parent.parent
    files = ["--configfile", place / "my_data/config.yaml", place / "small.yaml"]
    run = snakemake(checkout, own_annotations.folder, "results/submission_check.csv", *files, "--dry-run")
    assert run.status == 1
    (said,) = run.said("Error: ")
    assert "data.test_list is null, so there are no test names and nothing to submit; set it" in said


@pytest.fixture(scope="module")
def given_models(tiny, whole_runs) -> Run:
    """The documentation's run with trained models."""
    return whole_runs["given_models"]


def test_given_models_predict_what_the_run_that_trained_them_did(given_models, tiny):
    assert not {"train", "labels", "folds", "scores", "postprocessing", "figures"} & jobs(given_models).keys()
    made, trained = products(given_models.results), products(tiny.results)
    same = ["ensemble.csv", "filled.csv", "gaps.csv", "submission_check.csv", "submission/predictions.txt"]
    assert {path: made[path] for path in same} == {path: trained[path] for path in same}


def test_the_page_of_given_models_shows_no_scores(given_models):
    page = (given_models.results / "report.html").read_text()
    assert "Nothing is scored: the models were given" in page
    assert "Nothing was trained: fold0/model.pt, fold1/model.pt predicted the test names." in page
    assert "All 7 names were read back and are valid" in page


def test_models_that_were_trained_elsewhere_are_not_logged(checkout, given_models, tiny):
    entries = [MODELS.replace("{results}", str(tiny.results)), PREDICTED, "tracking=mlflow"]
    run = snakemake(checkout, given_models.folder, "--configfile", TINY, "--config", *entries, "--dry-run")
    assert run.status == 0 and "Nothing to be done" in run.text, run.text[-2000:]


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
