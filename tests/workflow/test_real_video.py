"""Video that nobody rendered, as test names beside the demo."""

import pytest

from mimamo.submission.validate import validate
from support.results import lines, missing, table
from support.workflow import Run, jobs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real_video(tiny, whole_runs) -> Run:
    """The demo to train on and, as test names, video that nobody rendered."""
    if (run := whole_runs["real_video"]) is None:
        pytest.skip("no folder real/ in the folder shared/ beside the project: real video is not here")
    return run


def test_real_video_is_taken_into_the_demo(real_video):
    assert not {"demo", "filters", "demo_scores"} & set(jobs(real_video))
    audit = table(real_video.results, "audit.csv").set_index("name").query("subset == 'test'")
    assert audit["crops"].to_dict() == {"man_smiling": 70, "no_face": 0, "woman_expressions": 450}
    assert audit["length"].to_dict() == {"man_smiling": 72, "no_face": 95, "woman_expressions": 472}
    said = audit[["container_frames_said", "container_frames_decoded"]].astype(int)
    assert said.loc["no_face"].tolist() == [98, 95]


def test_real_video_gets_a_submission_with_a_line_for_every_frame(real_video):
    counts = {"man_smiling": 72, "no_face": 95, "woman_expressions": 472}
    assert {path.stem for path in (real_video.results / "submission/per_video").glob("*.txt")} == set(counts)
    values = {name: lines(real_video.results, name) for name in counts}
    assert {name: len(found) for name, found in values.items()} == counts
    assert missing(values["woman_expressions"]) == [True] * 7 + [False] * 465
    assert not any(missing(values["man_smiling"]))
    assert all(missing(values["no_face"]))
    assert len(set(values["woman_expressions"][7:])) > 300
    # Inner gaps repeat the frame before: 120-131 and 300, and 471 and 472 at the end; 40 and 41.
    assert set(values["woman_expressions"][119:131]) == {values["woman_expressions"][118]}
    assert set(values["woman_expressions"][470:]) == {values["woman_expressions"][469]}
    assert set(values["man_smiling"][39:41]) == {values["man_smiling"][38]}
    check = validate(real_video.results / "submission", counts)
    assert check.valid, check.problems


def test_real_video_without_a_face_is_named(real_video):
    gaps = table(real_video.results, "gaps.csv").set_index("name")
    assert gaps.loc["no_face", "note"].startswith("no usable crops: every frame is -5")
    assert any("no_face" in line for line in real_video.said("WARNING"))
