"""Ensembles, other predictions and submissions in a whole run, as the documentation names them."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from mimamo.provenance.chain import check_chain, find_chain
from mimamo.storage.files import digest_of, read_csv
from mimamo.submission.validate import expected_from_gaps, validate
from support.ensembles import VALUES, external_text
from support.paths import REPO, TINY
from support.workflow import Run, jobs, snakemake

pytestmark = pytest.mark.slow

TARGETS = ("results/report.html", "results/provenance.json")
#: Submissions beside those of the documentation.
MORE = {"held": {"of": "both", "gaps": "interpolate"}, "bare": {"of": "picked", "gaps": "report"}}
ENSEMBLES, SUBMISSIONS = ("both", "picked"), ("plain", "smooth", "careful", *MORE)


def settings() -> dict:
    """Return the documentation's configuration, with as many submissions as may be sent."""
    text = (REPO / "docs/ensembles.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    found = yaml.safe_load(block)
    return found | {"submissions": found["submissions"] | MORE}


def call(checkout: Path, folder: Path, *options: object, **changes: object) -> Run:
    """Run the documentation's configuration, with some sections changed, in a folder with a finished run."""
    path = folder / "my_submissions.yaml"
    path.write_text(yaml.safe_dump(settings() | changes, sort_keys=False))
    return snakemake(checkout, folder, *TARGETS, "--configfile", TINY, path, *options)


def write_theirs(folder: Path) -> None:
    """Write the files of another program: the run's predictions with noise."""
    files = settings()["predictions"]["theirs"]
    for file, kind in ((files["out_of_fold"], "predictions"), (files["test"], "test_predictions")):
        tables = [read_csv(path) for path in sorted((folder / f"results/{kind}").glob("fold*.csv"))]
        table = pd.concat(tables).drop_duplicates(["name", "frame"])
        noise = np.random.default_rng(0).normal(0, 0.2, (len(table), 2))
        table[VALUES] = np.clip(table[VALUES] + noise, -1, 1)
        (folder / file).write_text(external_text(table))


@pytest.fixture(scope="module")
def combined(tiny, checkout, tmp_path_factory) -> tuple[Path, Run, dict[str, int]]:
    """A copy of the tiny run with ensembles and submissions; its folder, the run and what was planned."""
    folder = shutil.copytree(tiny.folder, tmp_path_factory.mktemp("ensembles") / "run")
    write_theirs(folder)
    planned = jobs(call(checkout, folder, "--dry-run"))
    run = call(checkout, folder)
    assert run.status == 0, run.text[-4000:]
    return folder, run, planned


def test_nothing_is_trained_or_predicted_anew(combined):
    *_, planned = combined
    made = {rule: planned[rule] for rule in planned if rule not in ("page", "provenance", "total", "all")}
    assert made == {
        "programs": 1, "ensemble_weights": 2, "ensemble_members": 2, "ensemble_scores": 1,
        "postprocessing": 2, "ensemble": 5, "gaps": 5, "submission": 5, "submissions": 1,
    }  # fmt: skip


def test_submissions_validate_and_the_configured_one_stays(combined, tiny):
    folder, *_ = combined
    results = folder / "results"
    expected = expected_from_gaps(results / "gaps.csv")
    for name in SUBMISSIONS:
        found = validate(results / f"submissions/{name}/submission/submission.zip", expected)
        assert found.valid, found.problems
        readme = (results / f"submissions/{name}/README.md").read_text()
        assert readme.startswith(f"# Submission {name}\n")
        assert f"provenance.json: SHA-256 {digest_of(results / 'provenance.json')}" in readme
        upload = {path.name for path in (results / f"submissions/{name}/submission").iterdir()}
        assert upload == {"per_video", "predictions.txt", "submission.zip"}
    for path in ("submission/submission.zip", "ensemble.csv", "filled.csv", "ensemble_weights.csv"):
        assert (results / path).read_bytes() == (tiny.results / path).read_bytes()
    table = read_csv(results / "submissions.csv")
    assert sorted(table["submission"]) == sorted(SUBMISSIONS) and set(table["verdict"]) == {"valid"}
    assert table["sha256"].nunique() == len(SUBMISSIONS) == 5 and set(table["scored_on"]) == {"out of fold"}
    assert len(read_csv(results / "submission_pairs.csv")) == 15


def test_ensembles_are_scored_and_their_weights_are_nested(combined):
    folder, *_ = combined
    table = read_csv(folder / "results/ensembles.csv").set_index("ensemble")
    assert table.index.tolist() == ["configured", *ENSEMBLES]
    assert table["frames"].nunique() == 1 and table["ccc_valence"].between(-1, 1).all()
    for name in ENSEMBLES:
        weights = read_csv(folder / f"results/ensembles/{name}/weights.csv")
        for row in weights.itertuples():
            assert row.applies_to not in row.fitted_on_folds.split()
    assert len(read_csv(folder / "results/ensembles/picked/steps.csv"))


def test_the_page_shows_them(combined):
    folder, *_ = combined
    page = (folder / "results/report.html").read_text()
    assert "both: nnls of configured, theirs" in page and "Additional submissions" in page
    assert "plain, smooth" in page and "submissions/careful/README.md" in page


def test_provenance_leads_back_to_the_other_programs_files(combined):
    folder, *_ = combined
    chain = json.loads((folder / "results/provenance.json").read_text())
    stages = [stage for stage in chain["stages"] if stage["rule"] == "programs"]
    assert [stage["settings"]["digests"] for stage in stages] == [
        {kind: digest_of(folder / f"theirs_{kind}.csv") for kind in ("out_of_fold", "test")}
    ]
    outputs = {path for stage in chain["stages"] for path in stage["outputs"]}
    assert {f"submissions/{name}/submission/submission.zip" for name in SUBMISSIONS} <= outputs
    # From wherever it is asked.
    text = next((folder / "results/submissions/smooth/submission/per_video").iterdir())
    found = find_chain(text)
    assert found.folder.samefile(folder / "results") and not check_chain(found, text)[1].problems


def test_a_file_that_changes_makes_anew_what_is_made_of_it(combined, checkout, tmp_path):
    folder = shutil.copytree(combined[0], tmp_path / "run")
    assert "Nothing to be done" in call(checkout, folder, "--dry-run").text
    path = folder / "theirs_test.csv"
    path.touch()
    assert "Nothing to be done" in call(checkout, folder, "--dry-run").text
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[:0:-1]]))
    planned = jobs(call(checkout, folder, "--dry-run"))
    assert planned["programs"] == 1 and not {"train", "predict", "predict_test"} & planned.keys()


def test_runs_and_their_seeds_are_members_and_submissions(combined, checkout, tmp_path):
    folder = shutil.copytree(combined[0], tmp_path / "run")
    changes = {
        "seeds": 2,
        "runs": {"wide": {"network": {"fusion_width": 24}}},
        "ensembles": {"both": {"members": ["configured", "wide", "theirs"], "weights": "nnls"}},
        "submissions": {"alone": {"of": "wide"}, "together": {"of": "both"}},
    }
    run = call(checkout, folder, "--dry-run", **changes)
    # Of two folds: the second seed of the configured run, and both of the other one.
    planned = jobs(run)
    assert {rule: planned[rule] for rule in ("train", "predict", "predict_test")} == {
        "train": 6, "predict": 6, "predict_test": 6
    }  # fmt: skip
    # The other one is submitted as the mean of its seeds.
    assert planned["ensemble_weights"] == 2 and planned["submission"] == 2
    assert "results/ensembles/wide.seeds/weights.csv" in run.text
    changes["runs"]["wide"] = {"folds": {"count": 3}}
    refused = call(checkout, folder, "--dry-run", **changes)
    assert refused.status == 1 and "runs.wide has other folds than the configured run" in refused.text


def test_faults_are_told_before_the_first_job(combined, checkout, tmp_path):
    folder = shutil.copytree(combined[0], tmp_path / "run")
    path = folder / "theirs_out_of_fold.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, "105,1,0,0\n", lines[1]]))
    run = call(checkout, folder, "--dry-run")
    number = len(lines) + 2
    assert run.status == 1 and f"theirs_out_of_fold.csv, line {number}: expected every frame once" in run.text
    run = call(checkout, folder, "--dry-run", submissions={f"s{k}": {"of": "both"} for k in range(6)})
    assert run.status == 1 and "submissions has 6 entries, expected at most 5" in run.text
    run = call(checkout, folder, "--dry-run", ensembles={"both": {"members": ["configurd"]}})
    assert run.status == 1 and "did you mean configured?" in run.text
