"""A cross-validated run without any network: labels, folds, audit and predictions with known faults."""

from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.audit.tables import write_usable
from mimamo.demo.cast import ANNOTATIONS
from mimamo.evidence.variants import FittedRun
from mimamo.postprocessing.fit import fit_postprocessing
from mimamo.storage.files import write_csv
from support.tables import write_audit, write_label_table

FOLDS, LENGTH, LAG = 3, 160, 4
#: Frames without a crop: of t0 at the start and in the middle, of v0 at the end.
HOLES = {"t0": [*range(1, 11), *range(60, 81)], "v0": list(range(LENGTH - 4, LENGTH + 1))}


def course(generator: np.random.Generator) -> np.ndarray:
    """A slow course in [-1, 1], (LENGTH, 2)."""
    phase, period = generator.uniform(0, 6, 2), generator.uniform(40, 90, 2)
    return 0.8 * np.sin(np.arange(LENGTH)[:, None] * 2 * np.pi / period + phase)


def make_run(root: Path, official: bool = True, noise: float = 0.3) -> FittedRun:
    """Twelve training names, six of validation, two to test; predictions jitter and are LAG frames early."""
    names = {f"n{i:02d}": "train" for i in range(12)} | {f"v{i}": "validation" for i in range(6)}
    names |= {"t0": "test", "t1": "test"}
    generator = np.random.default_rng(0)
    files = {fold: [] for fold in range(FOLDS)}
    roles, truth = [], {}
    for number, (name, subset) in enumerate(names.items()):
        truth[name] = course(generator)
        frames = np.setdiff1d(np.arange(1, LENGTH + 1), HOLES.get(name, []))
        scored_in = number % FOLDS if subset == "train" or not official else None
        for fold in range(FOLDS):
            role = "test" if subset == "test" else "validation" if scored_in is None else "score"
            if role == "score" and fold != scored_in:
                continue
            ahead = truth[name][np.minimum(frames - 1 + LAG, LENGTH - 1)]
            guess = ahead + generator.normal(0, noise * (1 + fold), ahead.shape)
            table = pd.DataFrame({"name": name, "role": role, "frame": frames})
            files[fold].append(table.assign(valence=guess[:, 0], arousal=guess[:, 1]))
        if subset != "test":
            values = pd.DataFrame(truth[name], columns=["valence", "arousal"])
            table = values.assign(frame=range(1, LENGTH + 1))
            write_label_table(root, name, table[table["frame"].isin(frames)])
            folder = root / "corpus" / ANNOTATIONS[subset]
            folder.mkdir(parents=True, exist_ok=True)
            values.to_csv(folder / f"{name}.txt", index=False, float_format="%.6f")
            held = "validation" if scored_in is None else None
            roles += [
                (fold, name, subset, name, held or ("score" if fold == scored_in else "train"))
                for fold in range(FOLDS)
            ]
    write_csv(pd.DataFrame(roles, columns=["fold", "name", "subset", "group", "role"]), root / "folds.csv")
    paths = [root / f"fold{fold}.csv" for fold in range(FOLDS)]
    for fold, path in enumerate(paths):
        write_csv(pd.concat(files[fold]), path)
    write_audit(root / "audit.csv", [{"name": n, "subset": s, "length": LENGTH} for n, s in names.items()])
    crops = {name: np.setdiff1d(np.arange(1, LENGTH + 1), HOLES.get(name, [])) for name in names}
    write_usable(crops, root / "frames.csv")
    return FittedRun(paths, root / "labels", root / "folds.csv", root / "weights.csv", root / "choices.csv")


def fit(fitted: FittedRun) -> None:
    """Fit the weights and choices of a run."""
    fit_postprocessing(fitted.predictions, fitted.labels, fitted.folds, fitted.weights, fitted.choices)
