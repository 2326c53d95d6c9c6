"""All that the figures read, of a run without any network."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from mimamo.corpus.layout import Corpus
from mimamo.evaluation.scores import score_folds
from mimamo.figures.drawing import Drawing
from mimamo.figures.strip import find_strip, strip_panels
from mimamo.postprocessing.gaps import fill_test_names
from mimamo.storage.files import read_csv, write_csv
from mimamo.storage.frame_cache import find_caches, phase_dtype
from support.tables import write_audit, write_label_table, write_predictions

FOLDS = 5
DATA = {"crops": ["cropped_aligned"], "train": None, "validation": None, "test_list": None, "videos": []}


def swing(generator: np.random.Generator, length: int, period: float) -> np.ndarray:
    """A smooth trace with several swings."""
    time = np.arange(length)
    phases = generator.uniform(0, 2 * np.pi, 3)
    waves = [
        np.sin(2 * np.pi * time / (period * scale) + phases[i]) for i, scale in enumerate((1, 0.6, 0.37))
    ]
    return np.tanh(0.75 * np.sum(waves, axis=0)).clip(-1, 1)


def history(generator: np.random.Generator, epochs: int) -> pd.DataFrame:
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


def write_faces(root: Path, names: list[str]) -> None:
    """Write crops and phase caches: a blob that moves fastest at frame 30, with a hole at frame 20."""
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


def fold_files(root: Path) -> list[Path]:
    """Name the files of the folds' predictions."""
    return [root / f"fold{fold}.csv" for fold in range(FOLDS)]


def make_results(root: Path) -> Path:
    """Write all that the figures read, of ten names with labels and four test names."""
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
            write_label_table(root, name, truth[labelled])
    for fold, parts in predictions.items():
        write_predictions(root / f"fold{fold}.csv", pd.concat(parts))
        write_csv(history(generator, 12 + fold), root / f"history{fold}.csv")
    folds = pd.DataFrame(folds, columns=["fold", "name", "role"]).assign(group=lambda t: t["name"])
    write_csv(folds[~folds["name"].isin(tests)], root / "folds.csv")
    write_audit(root / "audit.csv", audit)
    score_folds(fold_files(root), root / "labels", root / "folds.csv", root / "scores.csv")
    ensemble = pd.concat(predictions[0]).query("role == 'test'")
    write_csv(ensemble[["name", "frame", "valence", "arousal"]], root / "ensemble.csv")
    paths = [root / name for name in ("ensemble.csv", "audit.csv", "labels")]
    fill_test_names(*paths, "report", root / "filled.csv", root / "gaps.csv")
    write_faces(root, names)
    return root


def strip_drawing(root: Path, faces: bool = True) -> Drawing:
    """Return the drawing of the strip of the best-scored name."""
    scores = read_csv(root / "scores.csv")
    videos = scores[scores["scope"] == "video"].sort_values("ccc_mean", ascending=False)
    caches = find_caches([root / "phase" / "001"])
    return strip_panels(find_strip(videos["id"], caches, Corpus.from_config({"data": DATA}, root)), faces)
