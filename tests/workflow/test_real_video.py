"""Video that nobody rendered, as test names beside the demo."""

import shutil

import pytest
import yaml

from mimamo.demo.cast import CROPS
from mimamo.submission.validate import validate
from support.paths import TINY
from support.results import lines, missing, table
from support.workflow import Run, jobs, snakemake


@pytest.fixture(scope="module")
def real(checkout, tiny, shared, tmp_path_factory) -> Run:
    """The demo to train on and, as test names, video that nobody rendered."""
    source = shared / "real"
    if not source.is_dir():
        pytest.skip("no folder real/ in the folder shared/ beside the project: real video is not here")
    stage = tmp_path_factory.mktemp("real")
    # The corpus and the filters are the same as before; what comes after them depends on the test names.
    shutil.copytree(tiny.folder, stage / "run")
    (stage / "names.txt").write_text("woman_expressions\nman_smiling\nno_face\n")
    data = {
        "crops": [CROPS, str(source / "cropped_aligned")],
        "videos": ["batch1", "batch2", str(source / "videos")],
        "test_list": str(stage / "names.txt"),
    }
    (stage / "real.yaml").write_text(yaml.safe_dump({"data": data}))
    target = "results/submission_check.csv"
    run = snakemake(checkout, stage / "run", target, "--configfile", TINY, stage / "real.yaml")
    assert run.status == 0, run.text[-4000:]
    return run


def test_real_video_is_taken_into_the_demo(real):
    assert not {"demo", "filters", "demo_scores"} & set(jobs(real))
    audit = table(real.results, "audit.csv").set_index("name").query("subset == 'test'")
    assert audit["crops"].to_dict() == {"man_smiling": 70, "no_face": 0, "woman_expressions": 450}
    assert audit["length"].to_dict() == {"man_smiling": 72, "no_face": 95, "woman_expressions": 472}
    said = audit[["container_frames_said", "container_frames_decoded"]].astype(int)
    assert said.loc["no_face"].tolist() == [98, 95]


def test_real_video_gets_a_submission_with_a_line_for_every_frame(real):
    counts = {"man_smiling": 72, "no_face": 95, "woman_expressions": 472}
    assert {path.stem for path in (real.results / "submission/per_video").glob("*.txt")} == set(counts)
    values = {name: lines(real.results, name) for name in counts}
    assert {name: len(found) for name, found in values.items()} == counts
    assert missing(values["woman_expressions"]) == [True] * 7 + [False] * 465
    assert not any(missing(values["man_smiling"]))
    assert all(missing(values["no_face"]))
    assert len(set(values["woman_expressions"][7:])) > 300
    # Inner gaps repeat the frame before: 120-131 and 300, and 471 and 472 at the end; 40 and 41.
    assert set(values["woman_expressions"][119:131]) == {values["woman_expressions"][118]}
    assert set(values["woman_expressions"][470:]) == {values["woman_expressions"][469]}
    assert set(values["man_smiling"][39:41]) == {values["man_smiling"][38]}
    check = validate(real.results / "submission", counts)
    assert check.valid, check.problems


def test_real_video_without_a_face_is_named(real):
    gaps = table(real.results, "gaps.csv").set_index("name")
    assert gaps.loc["no_face", "note"].startswith("no usable crops: every frame is -5")
    assert any("no_face" in line for line in real.said("WARNING"))
