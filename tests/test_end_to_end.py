"""Whole runs of the workflow, small enough for every day."""

import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml
from workflow_runs import TINY, Run, jobs, products, snakemake

from mimamo.demo.cast import ANNOTATIONS, CAST, CROPS, TEST_LIST
from mimamo.demo.render import frames_with_crop
from mimamo.storage.files import read_csv
from mimamo.submission.validate import expected_from_gaps, validate

SETTINGS = yaml.safe_load(TINY.read_text())
TYPICAL = SETTINGS["demo"]["frames"]
FOLDS = range(SETTINGS["folds"]["count"])
TESTS = {clip.name: clip for clip in CAST if clip.subset == "test"}
FITTED = {clip.name: clip for clip in CAST if clip.subset != "test"}

OUTPUTS = [
    "audit.csv", "audit/001/names.csv", "audit/002/frames.csv", "labels/video41.csv", "labels_summary.csv",
    "phase/filters.npz", "phase/001/105.npy", "features/001/105.npy", "folds.csv",
    *(f"train/fold{fold}/{file}" for fold in FOLDS for file in ("model.pt", "history.csv")),
    *(f"predictions/fold{fold}.csv" for fold in FOLDS),
    "scores.csv", "baseline.csv", "ensemble_weights.csv", "postprocessing.csv", "variants.csv",
    "comparison.csv", "gap_prices.csv", "ensemble.csv", "filled.csv", "gaps.csv",
    *(f"submission/per_video/{name}.txt" for name in TESTS),
    "submission/predictions.txt", "submission/submission.zip", "submission/check.csv", "provenance.json",
    "figures/fold_curves.png", "figures/traces.png", "figures/density.png", "figures/phase_strip.png",
    "figures/test_traces.png", "figures/scores.png", "report.html",
    "demo/scores.csv", "demo/identities.csv", "demo/truth/video89.csv",
]  # fmt: skip


def lines(results, name: str) -> list[str]:
    """The lines of a name's text in the submission, without its header."""
    header, *values = (results / f"submission/per_video/{name}.txt").read_text().splitlines()
    assert header == "valence,arousal"
    return values


def missing(values: list[str]) -> list[bool]:
    return [value == "-5,-5" for value in values]


def table(results, path: str) -> pd.DataFrame:
    return read_csv(results / path)


# One run of everything.


def test_every_output_is_there(tiny):
    assert [path for path in OUTPUTS if not (tiny.results / path).is_file()] == []
    assert all((tiny.results / path).stat().st_size for path in OUTPUTS)
    # Nothing half written is left.
    assert [path for path in tiny.results.rglob(".*") if path.name != ".snakemake_timestamp"] == []


def test_every_rule_left_a_log_and_a_benchmark(tiny):
    logs = {
        path.relative_to(tiny.results / "logs").with_suffix("") for path in tiny.results.glob("logs/**/*.log")
    }
    benchmarks = tiny.results / "benchmarks"
    assert logs == {path.relative_to(benchmarks).with_suffix("") for path in benchmarks.glob("**/*.tsv")}
    assert len(logs) > 20


def test_submission_validates(tiny):
    expected = expected_from_gaps(tiny.results / "gaps.csv")
    assert expected == {name: clip.frames(TYPICAL) for name, clip in sorted(TESTS.items())}
    for form in ("", "per_video", "predictions.txt", "submission.zip"):
        check = validate(tiny.results / "submission" / form, expected)
        assert check.valid, check.problems


def test_a_text_has_a_line_for_every_frame(tiny):
    single = (tiny.results / "submission/predictions.txt").read_text().splitlines()
    assert single[0] == "image_location,valence,arousal"
    for name, clip in TESTS.items():
        frames = clip.frames(TYPICAL)
        values = lines(tiny.results, name)
        assert len(values) == frames
        rows = [f"{name}/{number:05d}.jpg,{value}" for number, value in enumerate(values, start=1)]
        assert [line for line in single if line.startswith(f"{name}/")] == rows


def test_zip_holds_the_same_texts(tiny):
    folder = tiny.results / "submission"
    with zipfile.ZipFile(folder / "submission.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    texts = [folder / "predictions.txt", *(folder / "per_video").glob("*.txt")]
    assert packed == {path.relative_to(folder).as_posix(): path.read_bytes() for path in texts}


def test_minus_five_stands_before_the_first_crop_and_nowhere_else(tiny):
    starts = {}
    for name, clip in TESTS.items():
        seen = frames_with_crop(clip, clip.frames(TYPICAL))
        first = int(np.argmax(seen)) if seen.any() else len(seen)
        assert missing(lines(tiny.results, name)) == [True] * first + [False] * (len(seen) - first), name
        starts[name] = first
    assert starts["video70"] == 6 and starts["video88"] > 0 and starts["video89"] == 9 and starts["144"] == 0


def test_frames_without_a_crop_repeat_the_frame_before(tiny):
    for name, clip in TESTS.items():
        seen = frames_with_crop(clip, clip.frames(TYPICAL))
        values = lines(tiny.results, name)
        for frame in np.flatnonzero(~seen):
            if seen[:frame].any():
                assert values[frame] == values[frame - 1], (name, frame)


def test_name_without_crops_is_named_in_the_summary(tiny):
    gaps = table(tiny.results, "gaps.csv").set_index("name")
    assert missing(lines(tiny.results, "video89")) == [True] * 9
    assert gaps.loc["video89", "minus_five"] == gaps.loc["video89", "length"] == 9
    assert gaps.loc["video89", "note"].startswith("no usable crops: every frame is -5")
    assert gaps["note"].notna().sum() == 1
    assert any("video89" in line for line in tiny.said("WARNING"))


def test_every_labelled_frame_is_scored_exactly_once(tiny):
    scored = pd.concat(
        [table(tiny.results, f"predictions/fold{fold}.csv").query("role == 'score'") for fold in FOLDS]
    )
    assert not scored.duplicated(["name", "frame"]).any()
    found = {name: set(part["frame"]) for name, part in scored.groupby("name")}
    labelled = 0
    for name in FITTED:
        frames = set(table(tiny.results, f"labels/{name}.csv")["frame"])
        assert frames and frames <= found[name], name
        labelled += len(frames)
    pooled = table(tiny.results, "scores.csv").query("scope == 'pooled'")
    assert pooled["frames"].tolist() == [labelled]
    videos = table(tiny.results, "scores.csv").query("scope == 'video'")
    assert sorted(videos["id"]) == sorted(FITTED) and videos["frames"].sum() == labelled


def test_every_frame_with_a_crop_is_predicted_once_by_each_fold(tiny):
    for fold in FOLDS:
        predicted = table(tiny.results, f"predictions/fold{fold}.csv").query("role == 'test'")
        for name, clip in TESTS.items():
            seen = np.flatnonzero(frames_with_crop(clip, clip.frames(TYPICAL))) + 1
            assert predicted.query("name == @name")["frame"].tolist() == seen.tolist(), name


def test_labels_are_the_frames_with_a_crop_and_a_real_annotation(tiny):
    for name, clip in FITTED.items():
        frames = clip.frames(TYPICAL)
        kept = frames_with_crop(clip, frames)
        for share, length in clip.unannotated:
            kept[round(share * frames) : round(share * frames) + length] = False
        kept[: clip.unannotated_start] = False
        kept[frames + min(clip.extra_lines, 0) :] = False
        truth = table(tiny.results, f"demo/truth/{name}.csv")[kept]
        labels = table(tiny.results, f"labels/{name}.csv")
        assert labels["frame"].tolist() == truth["frame"].tolist(), name
        assert np.allclose(labels[["valence", "arousal"]], truth[["valence", "arousal"]], atol=1e-9), name


def test_no_person_is_on_two_sides_of_a_fold(tiny):
    """By the renderer's table, on the very folds that training read."""
    who = table(tiny.results, "demo/identities.csv").set_index("name")["identity"]
    folds = table(tiny.results, "folds.csv")
    assert set(folds["name"]) == set(FITTED)
    assert set(folds["subset"]) == {"train", "validation"}
    for _, fold in folds.groupby("fold"):
        sides = [set(part["name"].map(who)) for _, part in fold.groupby("role")]
        assert len(sides) == 3 and sum(map(len, sides)) == len(set.union(*sides))


def test_submission_is_scored_against_the_truth(tiny):
    scores = table(tiny.results, "demo/scores.csv")
    assert sorted(zip(scores["rows"], scores["policy"], strict=True)) == sorted(
        (rows, policy)
        for rows in ("from_first_crop", "all")
        for policy in ("submission", "report", "previous", "interpolate")
    )
    assert set(scores.query("rows == 'all'")["frames"]) == {
        sum(clip.frames(TYPICAL) for clip in TESTS.values())
    }
    submission, report = (
        scores.query("policy == @policy")[["ccc_valence", "ccc_arousal"]].to_numpy()
        for policy in ("submission", "report")
    )
    assert np.isfinite(submission).all() and np.array_equal(submission, report)


def test_what_a_score_is_worth_is_said_with_it(tiny):
    told = [line for line in tiny.said("INFO") if "ool" in line and "CCC" in line]
    assert told
    assert any("says nothing about Aff-Wild2" in line and "random weights" in line for line in told)


# The same again.


def test_another_run_gives_the_same_bytes(checkout, tiny, tmp_path):
    """From scratch, in another folder, and with another number of cores."""
    again = snakemake(checkout, tmp_path / "again", "--configfile", TINY, cores=1)
    assert again.status == 0, again.text
    first, second = products(tiny.results), products(again.results)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert set(OUTPUTS) < set(first)


# Faults of single names.


@pytest.fixture(scope="module")
def faulty(checkout, tiny, tmp_path_factory) -> Run:
    """The demo's corpus taken for a real data set, with faults of four names."""
    root = tmp_path_factory.mktemp("faulty") / "corpus"
    shutil.copytree(tiny.results / "demo/corpus", root)
    annotations = root / ANNOTATIONS["train"]
    header = annotations / "102.txt"
    header.write_text(header.read_text().replace("valence,arousal", "arousal,valence", 1))
    number = (annotations / "105.txt").read_text().splitlines()
    number[4] = "0.1,high"
    (annotations / "105.txt").write_text("\n".join(number))
    for crop in (root / CROPS / "336").iterdir():
        crop.unlink()
    with (root / TEST_LIST).open("a") as names:
        names.write("nowhere\n")
    run = snakemake(checkout, root.parent / "run", *arguments_of(root))
    assert run.status == 0, run.text[-4000:]
    return run


def arguments_of(root, **settings) -> list[object]:
    file = root.parent / "faulty.yaml"
    file.write_text(yaml.safe_dump({"root": str(root), **settings}))
    targets = ["results/audit.csv", "results/labels_summary.csv"]
    return [*targets, "--configfile", TINY, file]


FAULTS = {
    "102": "VA_Set/Training_Set/102.txt, line 1: expected",
    "105": "VA_Set/Training_Set/105.txt, line 5: expected",
    "336": "cropped_aligned/336: expected crops",
    "nowhere": "nowhere: expected a folder of crops in cropped_aligned, found none",
}


def test_a_fault_makes_one_name_unusable_and_is_told_twice(faulty):
    audit = table(faulty.results, "audit.csv").set_index("name")
    unusable = audit.query("verdict == 'unusable'")
    # video89 is one of the demo's own traps.
    assert sorted(unusable.index) == sorted([*FAULTS, "video89"])
    for name, beginning in FAULTS.items():
        reason = audit.loc[name, "reason"]
        assert reason.startswith(beginning) and ";" in reason, reason
        assert f"WARNING {name} is unusable. {reason}" in faulty.text


def test_a_fault_stops_no_other_name(faulty):
    summary = table(faulty.results, "labels_summary.csv").set_index("name")
    good = set(FITTED) - set(FAULTS)
    assert {path.stem for path in (faulty.results / "labels").glob("*.csv")} == good
    assert (summary.loc[sorted(good), "kept"] > 0).all()
    assert summary.loc[["102", "105", "336"], "note"].notna().all()
    audit = table(faulty.results, "audit.csv").set_index("name")
    assert set(audit.loc[sorted(good), "verdict"]) == {"ok", "repaired"}


def test_strict_stops_with_a_sentence_that_names_them(checkout, faulty):
    root = faulty.folder.parent / "corpus"
    run = snakemake(checkout, faulty.folder, *arguments_of(root, strict=True))
    assert run.status != 0 and "Traceback" not in run.text
    told = run.said("ERROR With strict: true every name must be usable, but 5 names of 26 cannot be used: ")
    assert len(told) == 1
    for name in [*FAULTS, "video89"]:
        assert name in told[0].partition("used: ")[2]


# Real video.


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
    target = "results/submission/check.csv"
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
