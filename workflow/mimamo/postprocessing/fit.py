"""Everything that is fitted after training: ensemble weights, smoothing and label delay.

All of it comes from out-of-fold predictions, so from names that the predicting network has never seen, and
the tables written here say from which. What is chosen on names is not scored on them: either on the official
validation set, or nested, where what is applied to a fold's names is chosen on those of the other folds.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.ccc_sums import concordance_of, video_moments
from mimamo.evaluation.scores import out_of_fold, read_scored
from mimamo.postprocessing.ensemble import WEIGHT_COLUMNS, clipped
from mimamo.postprocessing.smoothing import (
    LOW_PASS,
    NONE,
    SAVITZKY_GOLAY,
    Treatment,
    delayed,
    smooth,
    stretches_of,
)
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: What is tried: windows in frames, cut-offs in cycles a frame, delays in frames.
WINDOWS = (5, 9, 17, 33, 65)
CUT_OFFS = (0.2, 0.1, 0.05, 0.025, 0.0125)
DELAYS = (0, 1, 2, 4, 8, 16)
#: The choices of the configuration by smoothing: what each may choose from.
SMOOTHINGS = {
    NONE: (NONE,),
    SAVITZKY_GOLAY: (SAVITZKY_GOLAY,),
    LOW_PASS: (LOW_PASS,),
    "best": (NONE, SAVITZKY_GOLAY, LOW_PASS),
}
#: What `applies_to` says of a choice on all folds' names, which is for names of no fold.
NEW_NAMES = "new names"
CHOICE_COLUMNS = [
    "smoothing", "delay", "applies_to", "dimension", "method", "parameter", "delay_frames", "ccc",
    "chosen_on_folds",
]  # fmt: skip


@dataclass(frozen=True)
class Option:
    """What the configuration may ask for: a kind of smoothing, and whether predictions are held back."""

    smoothing: str
    delay: bool

    @property
    def delay_word(self) -> str:
        """What tables say of the delay."""
        return "delay" if self.delay else "no delay"

    def allows(self, treatment: Treatment) -> bool:
        """Whether a treatment is one of those to choose from."""
        return treatment.method in SMOOTHINGS[self.smoothing] and (self.delay or treatment.delay == 0)


#: Every option, the plain one first.
OPTIONS = tuple(Option(smoothing, delay) for delay in (False, True) for smoothing in SMOOTHINGS)
#: Every treatment that is tried, the simplest first: of equals, the first is chosen.
TREATMENTS = tuple(
    Treatment(method, parameter, delay)
    for delay in DELAYS
    for method, parameters in ((NONE, (0.0,)), (SAVITZKY_GOLAY, WINDOWS), (LOW_PASS, CUT_OFFS))
    for parameter in parameters
)


def fit_postprocessing(
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    weights: str | PathLike,
    choices: str | PathLike,
) -> None:
    """Fit ensemble weights and choose smoothing and delay, on out-of-fold predictions alone.

    Parameters
    ----------
    predictions, labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    weights
        CSV to write, see `ensemble_weights`.
    choices
        CSV to write, see `choose_treatments`.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.score_folds`.
    """
    joined = out_of_fold(predictions, labels, folds)
    write_csv(ensemble_weights(joined), weights)
    table = choose_treatments(fold_moments(read_scored(predictions), joined))
    write_csv(table, choices)
    for row in table[(table["applies_to"] == NEW_NAMES) & (table["smoothing"] == "best")].to_dict("records"):
        logger.info(
            "Best for %s, with %s: %s %g, %d frames later; CCC %.3f on the names it was chosen on",
            *(row[key] for key in ("dimension", "delay", "method", "parameter", "delay_frames", "ccc")),
        )


def ensemble_weights(joined: pd.DataFrame) -> pd.DataFrame:
    """Weight every fold's network by its CCC on the names it has never seen.

    Parameters
    ----------
    joined
        As `mimamo.evaluation.scores.out_of_fold` gives it.

    Returns
    -------
    pandas.DataFrame
        fold, dimension, ccc, weight: proportional to the CCC where that is above zero, adding up to 1 over
        the folds; equal where no fold has one. `fitted_on_fold` tells whose scored names gave the CCC.
    """
    folds, moments = video_moments(joined, by="fold")
    ccc = concordance_of(moments)
    good = np.nan_to_num(np.maximum(ccc, 0.0))
    good[:, good.sum(axis=0) == 0] = 1.0
    weight = good / good.sum(axis=0)
    rows = [
        (int(fold), dimension, ccc[f, i], weight[f, i], int(fold))
        for f, fold in enumerate(folds)
        for i, dimension in enumerate(DIMENSIONS)
    ]
    return pd.DataFrame(rows, columns=WEIGHT_COLUMNS)


def fold_moments(predicted: pd.DataFrame, joined: pd.DataFrame) -> dict[int, np.ndarray]:
    """Score every treatment on every fold's names.

    Parameters
    ----------
    predicted
        Out-of-fold predictions of all frames with a crop, labelled or not: fold, name, frame, valence,
        arousal.
    joined
        The labelled ones with their truth, as `mimamo.evaluation.scores.out_of_fold` gives them.

    Returns
    -------
    dict[int, numpy.ndarray]
        For every fold the moments (treatments, dimensions, 6) of its names, in the order of `TREATMENTS`.
    """
    truths = [f"true_{dimension}" for dimension in DIMENSIONS]
    found = {}
    for fold, part in joined.groupby("fold", sort=True):
        rows = predicted[predicted["fold"] == fold].sort_values(["name", "frame"], ignore_index=True)
        truth = rows[["name", "frame"]].merge(part[["name", "frame", *truths]], "left", ["name", "frame"])
        labelled = truth[truths[0]].notna().to_numpy()
        known = truth.loc[labelled, [*truths]].to_numpy()
        moments = [_moments(known, values[labelled]) for values in _treated(rows)]
        found[int(fold)] = np.stack(moments)
    return found


def _treated(rows: pd.DataFrame) -> Iterator[np.ndarray]:
    """Yield the values (frames, dimensions) of a fold's predictions under every one of `TREATMENTS`."""
    values, stretches = rows[list(DIMENSIONS)].to_numpy(np.float64), stretches_of(rows)
    smoothed: dict[tuple[str, float], np.ndarray] = {}
    for treatment in TREATMENTS:
        key = (treatment.method, treatment.parameter)
        if key not in smoothed:
            smoothed[key] = np.concatenate([smooth(values[part], *key) for part in stretches])
        yield clipped(np.concatenate([delayed(smoothed[key][part], treatment.delay) for part in stretches]))


def _moments(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Add up the moments of (frames, dimensions) values: (dimensions, 6)."""
    parts = (np.ones_like(truth), truth, prediction, truth**2, prediction**2, truth * prediction)
    return np.stack([part.sum(axis=0) for part in parts], axis=-1)


def choose_treatments(moments: Mapping[int, np.ndarray]) -> pd.DataFrame:
    """Choose the treatment with the best pooled CCC, for every option, dimension and set of folds.

    Parameters
    ----------
    moments
        As `fold_moments` gives them.

    Returns
    -------
    pandas.DataFrame
        smoothing, delay (the option), applies_to (`NEW_NAMES`, or the number of the fold whose names it is
        for), dimension, method, parameter, delay_frames (the choice), ccc (on the names it was chosen on),
        chosen_on_folds (the folds whose scored names these are, never the one that it is for).
    """
    rows = []
    for option in OPTIONS:
        allowed = np.array([option.allows(treatment) for treatment in TREATMENTS])
        for target in (NEW_NAMES, *moments):
            used = [fold for fold in moments if fold != target]
            ccc = concordance_of(np.sum([moments[fold] for fold in used], axis=0))
            ccc = np.where(allowed[:, None] & np.isfinite(ccc), ccc, -np.inf)
            for i, dimension in enumerate(DIMENSIONS):
                best = _first_best(ccc[:, i], allowed)
                chosen = TREATMENTS[best]
                rows.append(
                    (option.smoothing, option.delay_word, str(target), dimension, chosen.method,
                     chosen.parameter, chosen.delay, ccc[best, i], " ".join(map(str, used)))
                )  # fmt: skip
    table = pd.DataFrame(rows, columns=CHOICE_COLUMNS)
    return table.assign(ccc=table["ccc"].replace(-np.inf, np.nan))


def _first_best(ccc: np.ndarray, allowed: np.ndarray) -> int:
    """Return the first of the best; the first that is allowed where no CCC is defined."""
    return int(np.argmax(ccc)) if np.isfinite(ccc).any() else int(np.argmax(allowed))


def read_treatments(choices: str | PathLike, option: Option, target: str = NEW_NAMES) -> dict[str, Treatment]:
    """Read what was chosen for an option, by dimension.

    Parameters
    ----------
    choices
        The table that `fit_postprocessing` wrote.
    option
        What the configuration asks for.
    target
        Whom it is for: `NEW_NAMES`, or the number of a fold as text.
    """
    table = read_csv(choices)
    wanted = (table["smoothing"] == option.smoothing) & (table["delay"] == option.delay_word)
    rows = table[wanted & (table["applies_to"] == target)].set_index("dimension")
    return {
        dimension: Treatment(row["method"], float(row["parameter"]), int(row["delay_frames"]))
        for dimension, row in rows.to_dict("index").items()
    }
