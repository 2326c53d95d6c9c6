"""The layout of an edition, found by a run, by its jobs, the doctor and the estimate."""

import json
import shutil

import pytest

from mimamo.audit.doctor import read_diagnosis
from mimamo.cli import main
from support.bad_corpora.case import CROPS, TRAIN, good_corpus
from support.corpus import DATA
from support.paths import TINY
from support.workflow import jobs, snakemake

pytestmark = pytest.mark.slow

TEST_LIST = "Valence_Arousal_Estimation_Challenge_test_set_release.txt"
SAMPLE = "CVPR_6th_ABAW_VA_test_set_sample.txt"
CHALLENGE = "6th ABAW Annotations/VA_Estimation_Challenge"


@pytest.fixture
def abaw6(tmp_path):
    """A corpus of four names as ABAW6 has it, unpacked batch by batch."""
    root = good_corpus(tmp_path / "Aff-Wild2")
    (root / CHALLENGE).mkdir(parents=True)
    for source, target in (
        (TRAIN, f"{CHALLENGE}/Train_Set"),
        (DATA["validation"], f"{CHALLENGE}/Validation_Set"),
        (DATA["test_list"], TEST_LIST),
        (CROPS, "batch1_crops"),
    ):
        shutil.move(root / source, root / target)
    (root / CROPS).mkdir()
    shutil.move(root / "batch1_crops", root / CROPS / "batch1")
    shutil.rmtree(root / "VA_Set")
    (root / "frames.txt").unlink()
    rows = [f"105/{number:05d}.jpg\n" for number in range(1, 7)]
    (root / SAMPLE).write_text("image_location\n" + "".join(rows))
    return root


def line(root) -> str:
    return (
        f"{root}: found the layout of ABAW5 or later: train {CHALLENGE}/Train_Set, validation"
        f" {CHALLENGE}/Validation_Set, crops {CROPS}/batch1, no videos, test_list {TEST_LIST}, no frame_list,"
        f" sample_list {SAMPLE}"
    )


def test_run_doctor_and_estimate_find_the_layout(checkout, abaw6, tmp_path, capsys):
    targets = ["doctor", "results/audit.csv", "results/phase/batches/001.json"]
    run = snakemake(checkout, tmp_path / "run", *targets, "--configfile", TINY, "--config", f"root={abaw6}")
    assert run.status == 0, run.text[-4000:]
    # Said by the run, not by each of its jobs; the doctor repeats it with what can be done.
    assert run.said(str(abaw6)) == [f"{line(abaw6)}."]
    (row,) = read_diagnosis(run.results / "doctor.csv").query("name == ''").to_dict("records")
    assert (row["severity"], row["check"], row["wrong"]) == (
        "note",
        "layout of the data set",
        line(abaw6.name),
    )
    assert "layout of ABAW5 or later" in (run.results / "doctor.html").read_text()
    assert len(run.said("INFO 4 names: 4 ok, 0 repaired, 0 unusable. Read")) == 1
    settings = json.loads((run.results / "audit/batches/001.json").read_text())["settings"]
    assert settings["data"]["train"] == f"{CHALLENGE}/Train_Set"
    assert settings["data"]["sample_list"] == SAMPLE and settings["data"]["groups"] is None
    # Nothing is done again when the same paths are given.
    entries = [f"root={abaw6}", f"data={{train: {CHALLENGE}/Train_Set, crops: [{CROPS}/batch1]}}"]
    given = ["results/audit.csv", "--dry-run", "--configfile", TINY, "--config", *entries]
    again = snakemake(checkout, run.folder, *given)
    assert "Nothing to be done" in again.text, again.text[-4000:]

    (tmp_path / "rates.json").write_text(json.dumps({"machine": {}, "rows": []}))
    options = ["--configfile", TINY, "--root", abaw6, "--results", run.results]
    main(["estimate", *map(str, options)])
    assert capsys.readouterr().err.startswith(f"{line(abaw6)}.\n")


def test_single_parts_and_the_whole_section_can_be_set(checkout, abaw6, tmp_path):
    (abaw6 / "mine.txt").write_text("105\n")
    settings = tmp_path / "settings.yaml"
    settings.write_text("data: auto\n")
    arguments = [
        "results/audit.csv",
        "--dry-run",
        "--configfile",
        TINY,
        settings,
        "--config",
        f"root={abaw6}",
    ]
    run = snakemake(checkout, tmp_path / "run", *arguments, "data={test_list: mine.txt}")
    assert run.status == 0 and jobs(run)["audit"] == 2, run.text[-4000:]
    (said,) = run.said(str(abaw6))
    assert "test_list" not in said and f"sample_list {SAMPLE}" in said


def test_two_editions_are_refused_before_any_job(checkout, abaw6, tmp_path):
    for folder in (TRAIN, DATA["validation"]):
        (abaw6 / folder).mkdir(parents=True)
    run = snakemake(checkout, tmp_path / "run", "--config", f"root={abaw6}", "data=auto", "--dry-run")
    assert run.status == 1 and not run.said("rule")
    (said,) = run.said("Error: ")
    assert said.endswith(
        f'take one of them with --config "data={{train: {TRAIN}}}" or --config "data={{train:'
        f' {CHALLENGE}/Train_Set}}".'
    )
