"""Members of an ensemble beside a run of `support.predictions`, and files of another program."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.dataset.labels import read_labels
from mimamo.evidence.variants import FittedRun
from mimamo.storage.files import read_csv, write_csv

VALUES = ["valence", "arousal"]
#: Changes the predictions of a fold: its number, its table, and the truth of its rows, NaN where unknown.
Change = Callable[[int, pd.DataFrame, np.ndarray], np.ndarray]


def write_member(run: FittedRun, folder: Path, change: Change) -> list[Path]:
    """Write another training's predictions of the same frames, one file a fold."""
    truth = read_labels(run.labels)
    paths = []
    for fold, path in enumerate(run.predictions):
        table = read_csv(path)
        known = table[["name", "frame"]].merge(truth, on=["name", "frame"], how="left")
        table[VALUES] = np.clip(change(fold, table, known[VALUES].to_numpy()), -1, 1)
        paths.append(folder / f"fold{fold}.csv")
        write_csv(table, paths[-1])
    return paths


def noisy(level: float, seed: int) -> Change:
    """The truth with noise; the predictions of the run with noise where it is not known."""

    def change(fold: int, table: pd.DataFrame, truth: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng([seed, fold]).normal(0, level, truth.shape)
        return np.where(np.isnan(truth), table[VALUES].to_numpy(), truth) + noise

    return change


def leaking(fold_of_leak: int | None, seed: int = 5) -> Change:
    """Noise, and on the names that one fold is scored on, if any, the labels themselves."""

    def change(fold: int, table: pd.DataFrame, truth: np.ndarray) -> np.ndarray:
        noise = np.random.default_rng([seed, fold]).normal(0, 1, truth.shape)
        leaks = (table["role"] == "score").to_numpy() & (fold == fold_of_leak)
        return np.where(leaks[:, None], truth, noise)

    return change


def external_text(rows: pd.DataFrame) -> str:
    """Give name, frame, valence and arousal as the text of a program's file."""
    return rows[["name", "frame", *VALUES]].to_csv(index=False, float_format="%.6f", lineterminator="\n")
