"""A whole run of the workflow, small enough for every day."""

import zipfile

import numpy as np
import pandas as pd
import yaml

from mimamo.demo.render import frames_with_crop
from mimamo.submission.validate import expected_from_gaps, validate
from support.demo import annotated_crops
from support.paths import TINY
from support.results import FITTED, TESTS, lines, missing, table

SETTINGS = yaml.safe_load(TINY.read_text())
TYPICAL = SETTINGS["demo"]["frames"]
FOLDS = range(SETTINGS["folds"]["count"])
FIGURES = ["fold_curves", "traces", "density", "phase_strip", "test_traces", "scores"]

OUTPUTS = [
    "audit.csv", "frames.csv", "audit/names/105.json", "labels/video41.csv", "labels_summary.csv",
    "phase/filters.npz", "phase/105.npy", "features/105.npy", "folds.csv",
    *(f"train/fold{fold}/{file}" for fold in FOLDS for file in ("model.pt", "history.csv")),
    *(f"{folder}/fold{fold}.csv" for folder in ("predictions", "test_predictions") for fold in FOLDS),
    "scores.csv", "baseline.csv", "ensemble_weights.csv", "postprocessing.csv", "variants.csv",
    "comparison.csv", "gap_prices.csv", "ensemble.csv", "filled.csv", "gaps.csv",
    *(f"submission/per_video/{name}.txt" for name in TESTS),
    "submission/predictions.txt", "submission/submission.zip", "submission_check.csv", "provenance.json",
    *(f"figures/{name}.{kind}" for name in FIGURES for kind in ("png", "txt")),
    *(f"figures/column/{name}.{kind}" for name in FIGURES for kind in ("pdf", "svg")),
    *(f"figures/page/{name}.{kind}" for name in FIGURES for kind in ("pdf", "svg")),
    "report.html",
    "demo/scores.csv", "demo/identities.csv", "demo/truth/video89.csv",
]  # fmt: skip


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
        assert check.notes == ["video89: every line is -5"]


def test_nothing_but_the_challenges_files_lies_in_the_submission(tiny):
    folder = tiny.results / "submission"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"predictions.txt", "submission.zip", *(f"per_video/{name}.txt" for name in TESTS)}


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
        predicted = table(tiny.results, f"test_predictions/fold{fold}.csv")
        for name, clip in TESTS.items():
            seen = np.flatnonzero(frames_with_crop(clip, clip.frames(TYPICAL))) + 1
            assert predicted.query("name == @name")["frame"].tolist() == seen.tolist(), name


def test_labels_are_the_frames_with_a_crop_and_a_real_annotation(tiny):
    for name, clip in FITTED.items():
        kept = annotated_crops(clip, TYPICAL)
        kept[clip.frames(TYPICAL) + min(clip.extra_lines, 0) :] = False
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
