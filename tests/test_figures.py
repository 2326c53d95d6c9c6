import struct

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mimamo.audit.tables import COLUMNS
from mimamo.corpus.layout import Corpus
from mimamo.evaluation.scores import score_folds
from mimamo.figures import style
from mimamo.figures.curves import best_epoch, draw_fold_curves
from mimamo.figures.density import density, draw_density, enclosing_level
from mimamo.figures.intervals import draw_scores, score_intervals
from mimamo.figures.strip import FRAMES, draw_phase_strip, find_strip, liveliest_run, motion_of
from mimamo.figures.style import fold_colours
from mimamo.figures.traces import _out_of_fold_trace, draw_test_traces, draw_traces, pick_three
from mimamo.postprocessing.gaps import fill_test_names
from mimamo.storage.files import read_csv, write_csv
from mimamo.storage.frame_cache import open_cache, phase_dtype

FOLDS = 5
TAG = "rendered demo corpus: says nothing about Aff-Wild2"
DATA = {"crops": ["cropped_aligned"], "train": None, "validation": None, "test_list": None, "videos": []}


def swing(generator, length, period):
    """A smooth trace with several swings."""
    time = np.arange(length)
    phases = generator.uniform(0, 2 * np.pi, 3)
    waves = [
        np.sin(2 * np.pi * time / (period * scale) + phases[i]) for i, scale in enumerate((1, 0.6, 0.37))
    ]
    return np.tanh(0.75 * np.sum(waves, axis=0)).clip(-1, 1)


def history(generator, epochs):
    """What training curves look like: quick at first, noisy, with a gap between training and stop names."""
    epoch = np.arange(1, epochs + 1)
    rise = 1 - np.exp(-epoch / generator.uniform(3, 6))
    table = pd.DataFrame({"epoch": epoch, "learning_rate": 0.002})
    for part, height in (("train", 0.85), ("stop", 0.68)):
        for dimension in ("valence", "arousal"):
            noise = generator.normal(0, 0.03, epochs)
            table[f"{part}_ccc_{dimension}"] = generator.uniform(height - 0.1, height) * rise + noise
    table["loss"] = 2 - table["train_ccc_valence"] - table["train_ccc_arousal"]
    return table


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """All that the figures read, of ten names with labels and four test names."""
    root = tmp_path_factory.mktemp("results")
    generator = np.random.default_rng(7)
    for folder in ("labels", "truth", "phase/001", "cropped_aligned"):
        (root / folder).mkdir(parents=True)
    names, tests = [f"video{number}" for number in range(1, 11)], ["105", "dark", "flash", "late"]
    predictions = {fold: [] for fold in range(FOLDS)}
    audit, folds = [], []
    for position, name in enumerate([*names, *tests]):
        length = 220 + 11 * position
        truth = pd.DataFrame({"frame": np.arange(1, length + 1)})
        truth["valence"], truth["arousal"] = swing(generator, length, 90), swing(generator, length, 130)
        audit.append({"name": name, "subset": "test" if name in tests else "train", "length": length})
        first = {"dark": length + 1, "flash": 100, "late": 40}.get(name, 8 if position % 3 else 1)
        kept = truth["frame"].between(first, 100 if name == "flash" else length - 5)
        kept &= ~truth["frame"].between(110, 124) | (position % 2 == 0)
        for fold in range(FOLDS):
            role = "test" if name in tests else "score" if position % FOLDS == fold else None
            guess = truth[kept].assign(name=name, role=role)
            for dimension in ("valence", "arousal"):
                wander = swing(generator, length, 40)[kept]
                guess[dimension] = 0.75 * guess[dimension] + (0.08 + 0.05 * position) * wander
            if role:
                predictions[fold].append(guess)
            folds.append((fold, name, role or "train"))
        if name in tests:
            write_csv(truth, root / "truth" / f"{name}.csv")
        else:
            labelled = kept & ~truth["frame"].between(160, 180)
            write_csv(truth[labelled].assign(stretch=1), root / "labels" / f"{name}.csv")
    for fold, parts in predictions.items():
        columns = ["name", "role", "frame", "valence", "arousal"]
        write_csv(pd.concat(parts)[columns], root / f"fold{fold}.csv")
        write_csv(history(generator, 12 + fold), root / f"history{fold}.csv")
    folds = pd.DataFrame(folds, columns=["fold", "name", "role"]).assign(group=lambda t: t["name"])
    write_csv(folds[~folds["name"].isin(tests)], root / "folds.csv")
    write_csv(pd.DataFrame(audit, columns=list(COLUMNS)), root / "audit.csv")
    score_folds(fold_files(root), root / "labels", root / "folds.csv", root / "scores.csv")
    ensemble = pd.concat(predictions[0]).query("role == 'test'")
    write_csv(ensemble[["name", "frame", "valence", "arousal"]], root / "ensemble.csv")
    paths = [root / name for name in ("ensemble.csv", "audit.csv", "labels")]
    fill_test_names(*paths, "report", root / "filled.csv", root / "gaps.csv")
    write_faces(root, generator, names)
    return root


def write_faces(root, generator, names):
    """Crops and phase caches of the names: a blob that moves fastest at frame 30, with a hole at frame 20."""
    grid = np.mgrid[0:48, 0:48] - 23.5
    for name in names:
        folder = root / "cropped_aligned" / name
        folder.mkdir()
        frames = np.array([*range(1, 20), *range(21, 41)])
        rows = np.zeros(len(frames), phase_dtype())
        rows["frame"] = frames
        for row in rows:
            size = np.exp(-((row["frame"] - 30) ** 2) / 20)
            blob = np.exp(-(grid**2).sum(0) / 90)
            row["level1"] = size * np.stack([grid[1], grid[0]]) / 24 * blob
            image = np.full((112, 112, 3), 90, np.uint8)
            image[30:80, 30:80] = 60 + row["frame"]
            Image.fromarray(image).save(folder / f"{row['frame']:05d}.jpg")
        rows["level1"][[0, 19]] = 0
        np.save(root / "phase" / "001" / f"{name}.npy", rows)


def fold_files(root):
    return [root / f"fold{fold}.csv" for fold in range(FOLDS)]


DRAWN = {
    "fold_curves": lambda root, out: draw_fold_curves(
        [root / f"history{fold}.csv" for fold in range(FOLDS)], out, TAG
    ),
    "traces": lambda root, out: draw_traces(
        root / "scores.csv", fold_files(root), root / "labels", root / "audit.csv", out, TAG
    ),
    "scores": lambda root, out: draw_scores(root / "scores.csv", out, TAG),
    "density": lambda root, out: draw_density(
        fold_files(root), root / "labels", root / "folds.csv", out, TAG
    ),
    "phase_strip": lambda root, out: draw_phase_strip(
        root / "scores.csv", [root / "phase" / "001"], DATA, root, out, TAG
    ),
    "test_traces": lambda root, out: draw_test_traces(root / "filled.csv", root / "truth", out, TAG),
}


def chunks(raw):
    """The chunks of a PNG, by kind."""
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    position, found = 8, {}
    while position < len(raw):
        (size,) = struct.unpack(">I", raw[position : position + 4])
        found.setdefault(raw[position + 4 : position + 8], raw[position + 8 : position + 8 + size])
        position += size + 12
    return found


@pytest.mark.parametrize("name", DRAWN)
def test_figure_is_a_picture_with_the_same_bytes_every_time(stage, tmp_path, name, monkeypatch):
    monkeypatch.setattr(style, "RESOLUTION", 75)
    first, second = tmp_path / f"{name}.png", tmp_path / "again.png"
    DRAWN[name](stage, first)
    DRAWN[name](stage, second)
    assert first.read_bytes() == second.read_bytes()
    found = chunks(first.read_bytes())
    assert set(found) == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, "no text, no date, no program"
    image = np.asarray(Image.open(first).convert("RGB"))
    assert min(image.shape[:2]) > 250 and len(np.unique(image.reshape(-1, 3), axis=0)) > 50


def test_epoch_kept_is_that_of_the_best_mean_on_the_stop_names():
    table = pd.DataFrame(
        {"stop_ccc_valence": [0.1, 0.6, np.nan, 0.5], "stop_ccc_arousal": [0.1, 0.2, 0.9, 0.4]}
    )
    assert best_epoch(table) == 3
    assert best_epoch(table.assign(stop_ccc_valence=np.nan)) is None


def test_three_videos_are_the_best_the_median_and_the_worst():
    scores = pd.Series({"a": 0.1, "b": 0.9, "c": np.nan, "d": 0.5, "e": 0.4, "f": 0.45})
    assert pick_three(scores) == {"b": "best", "f": "median", "a": "worst"}
    assert pick_three(scores[["a", "b"]]) == {"b": "best", "a": "worst"}
    assert pick_three(scores[["a"]]) == {"a": "best"}
    assert pick_three(scores[["c"]]) == {}


def test_lines_break_and_shades_lie_where_frames_lack_something():
    labelled = pd.DataFrame({"frame": [2, 3], "valence": [0.2, 0.3], "arousal": 0.0})
    predicted = pd.DataFrame({"frame": [2, 3, 5], "valence": [0.1, 0.2, 0.4], "arousal": 0.0})
    trace = _out_of_fold_trace("t", labelled, predicted, 6, {})
    assert trace.truth["valence"] == pytest.approx([np.nan, 0.2, 0.3, np.nan, np.nan, np.nan], nan_ok=True)
    assert trace.prediction["valence"] == pytest.approx([np.nan, 0.1, 0.2, np.nan, 0.4, np.nan], nan_ok=True)
    assert trace.shaded["no crop, no prediction"].tolist() == [True, False, False, True, False, True]
    assert trace.shaded["no annotation"].tolist() == [False] * 4 + [True, False]


def test_intervals_are_those_of_the_scores_where_they_have_them(stage, tmp_path):
    scores = read_csv(stage / "scores.csv")
    plain = score_intervals(
        scores.drop(columns=[name for name in scores if name.endswith(("_low", "_high"))])
    )
    assert plain.columns.tolist() == ["label", "valence", "arousal"]
    assert plain["label"].tolist() == ["all folds", *(f"fold {fold}" for fold in range(FOLDS))]
    for dimension in ("valence", "arousal"):
        scores[f"ccc_{dimension}_low"] = scores[f"ccc_{dimension}"] - 0.1
        scores[f"ccc_{dimension}_high"] = scores[f"ccc_{dimension}"] + 0.05
    rows = score_intervals(scores)
    assert (rows["valence"] - rows["valence_low"]).to_numpy() == pytest.approx(0.1)
    write_csv(scores, tmp_path / "scores.csv")
    draw_scores(tmp_path / "scores.csv", tmp_path / "scores.png")
    draw_scores(stage / "scores.csv", tmp_path / "plain.png")
    assert (tmp_path / "scores.png").read_bytes() != (tmp_path / "plain.png").read_bytes()


def test_density_keeps_every_frame_and_knows_its_axes():
    values = np.array([[0.5, -0.25]] * 900 + [[-1, 1]] * 70 + [[2, 1]] * 30)
    plane = density(values)
    # The plane has four hundred squares of side 0.1.
    assert plane.mean() * 400 == pytest.approx(100)
    cell = np.unravel_index(plane[:-8, :-8].argmax(), (72, 72))
    assert cell[0] in (59, 60) and cell[1] in (29, 30)
    assert plane[0, -1] > plane[-1, -1] > plane[-1, 0]


def test_density_does_not_fade_at_the_border():
    steps = np.linspace(-0.99, 0.99, 80)
    plane = density(np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2))
    assert plane == pytest.approx(np.full((80, 80), 0.25), rel=0.05)


def test_contours_enclose_their_share():
    generator = np.random.default_rng(8)
    plane = density(generator.normal(0, 0.3, (5000, 2)))
    for share in (0.5, 0.9):
        inside = plane >= enclosing_level(plane, share)
        assert plane[inside].sum() / plane.sum() == pytest.approx(share, abs=0.01)


def test_strip_shows_successive_frames_where_most_moves(stage):
    rows = np.load(stage / "phase" / "001" / "video1.npy")
    motion = motion_of(open_cache(stage / "phase" / "001" / "video1.npy"))
    assert np.allclose(motion, np.abs(rows["level1"].astype(float)).mean((1, 2, 3)), rtol=1e-3)
    start = liveliest_run(rows["frame"], motion)
    assert rows["frame"][start : start + FRAMES].tolist() == list(range(27, 35)) or rows["frame"][start] == 26
    assert liveliest_run(rows["frame"][:7], motion[:7]) is None
    # A run must not reach over the hole at frame 20, nor begin right behind it.
    motion = np.zeros(len(motion), np.float32)
    motion[15:19] = motion[20:24] = 9
    assert rows["frame"][liveliest_run(rows["frame"], motion)] == 22


def test_strip_passes_over_names_without_cache_or_crops(stage):
    corpus = Corpus.from_config({"data": DATA}, stage)
    caches = {name: stage / "phase" / "001" / "video1.npy" for name in ("nowhere", "video1")}
    assert find_strip(["unknown", "nowhere", "video1"], caches, corpus).name == "video1"
    assert find_strip(["unknown", "nowhere"], caches, corpus) is None


def test_figures_of_nothing_are_still_written(stage, tmp_path):
    scores = pd.read_csv(stage / "scores.csv", dtype={"id": str})
    write_csv(scores[scores["scope"] != "video"], tmp_path / "scores.csv")
    draw_phase_strip(tmp_path / "scores.csv", [], DATA, stage, tmp_path / "strip.png")
    draw_traces(
        tmp_path / "scores.csv",
        fold_files(stage),
        stage / "labels",
        stage / "audit.csv",
        tmp_path / "traces.png",
    )
    assert (tmp_path / "strip.png").stat().st_size and (tmp_path / "traces.png").stat().st_size


def test_every_fold_has_a_colour_of_its_own():
    for count in (1, 5, 7, 12):
        assert len({str(colour) for colour in fold_colours(count)}) == count
