"""The rule that fetches published weights: what it checks, records and says."""

import hashlib
import json

import pytest

from support.paths import TINY
from support.weights import FERPLUS_FILE
from support.workflow import inputs, snakemake

pytestmark = pytest.mark.slow


def settings(tmp_path, url):
    return f"spatial={{weights: ferplus, cache: {tmp_path / 'cache'}, url: {url}}}"


def test_the_rule_fetches_checks_and_records(checkout, ferplus_file, tmp_path):
    digest = hashlib.sha256(ferplus_file.read_bytes()).hexdigest()
    run = snakemake(
        checkout, tmp_path / "run", "results/weights.json", "--configfile", TINY,
        "--config", settings(tmp_path, ferplus_file),
    )  # fmt: skip
    assert run.status == 0, run.text[-4000:]
    assert json.loads((run.results / "weights.json").read_text())["sha256"] == digest
    assert digest in (run.results / "logs/weights.log").read_text()
    assert (tmp_path / "cache" / FERPLUS_FILE).exists()


def test_a_run_fetches_its_own_weights_from_where_it_says(checkout, ferplus_file, tmp_path):
    given = f"{{weights: ferplus, cache: {tmp_path / 'cache'}, url: {ferplus_file}}}"
    options = ["--configfile", TINY, "--config", f"runs={{published: {{spatial: {given}}}}}"]
    planned = snakemake(checkout, tmp_path / "run", "runs", *options, "--dry-run")
    (record,) = {path for path in inputs(planned)["features"] if "/weights/" in path}
    run = snakemake(checkout, tmp_path / "run", record, *options)
    assert run.status == 0, run.text[-4000:]
    assert (tmp_path / "cache" / FERPLUS_FILE).exists()
    lost = [*options[:-1], options[-1].replace(str(ferplus_file), str(tmp_path / "nowhere.pth"))]
    (tmp_path / "cache" / FERPLUS_FILE).unlink()
    run = snakemake(checkout, tmp_path / "lost", record, *lost)
    assert f"ERROR Run published: {tmp_path / 'nowhere.pth'} should be a copy of the weights" in run.text


def test_the_rule_tells_what_is_missing_in_a_sentence(checkout, tmp_path):
    run = snakemake(
        checkout, tmp_path / "run", "results/weights.json", "--configfile", TINY,
        "--config", settings(tmp_path, tmp_path / "nowhere.pth"),
    )  # fmt: skip
    assert run.status != 0 and not (run.results / "weights.json").exists()
    assert f"ERROR {tmp_path / 'nowhere.pth'} should be a copy of the weights" in run.text
    assert "Traceback" not in run.text


def test_features_stand_on_the_record(checkout, tmp_path):
    run = snakemake(
        checkout, tmp_path / "run", "--configfile", TINY, "--config", settings(tmp_path, "null"), "--dry-run"
    )
    assert run.status == 0 and "results/weights.json" in inputs(run)["features"], run.text[-4000:]
    # Nobody draws random numbers twice.
    run = snakemake(checkout, tmp_path / "run", "--configfile", TINY, "--dry-run")
    assert run.status == 0 and "results/weights.json" not in inputs(run)["features"]
