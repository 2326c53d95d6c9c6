"""Fitting of the postprocessing: ensemble weights, smoothing and label delay.

All of it is fitted on out-of-fold predictions, so on names that the predicting network has never seen; the
tables written here name the folds. No choice is scored on the names it was made on: it is scored either on
the official validation set, or nested, where what is applied to a fold's names is chosen on the other folds.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.corpus.stretches import Stretches
from mimamo.dataset.label_range import clip_to_range
from mimamo.evaluation.ccc_sums import concordance_from_sums, video_sums
from mimamo.evaluation.matched_truth import MatchedTruth
from mimamo.evaluation.scores import OutOfFold
from mimamo.postprocessing.ensemble import WEIGHT_COLUMNS
from mimamo.postprocessing.smoothing import (
    LOW_PASS,
    NONE,
    SAVITZKY_GOLAY,
    Treatment,
    smooth,
    stretches_of,
)
from mimamo.postprocessing.stretch_filters import delayed_rows
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: The search grid: windows in frames, cut-offs in cycles a frame, delays in frames.
WINDOWS = (5, 9, 17, 33, 65)
CUT_OFFS = (0.2, 0.1, 0.05, 0.025, 0.0125)
DELAYS = (0, 1, 2, 4, 8, 16)
#: Values of the option ``smoothing``, and the methods that each allows.
SMOOTHINGS = {
    NONE: (NONE,),
    SAVITZKY_GOLAY: (SAVITZKY_GOLAY,),
    LOW_PASS: (LOW_PASS,),
    "best": (NONE, SAVITZKY_GOLAY, LOW_PASS),
}
#: Value of `applies_to` for a choice on the names of all folds, which is for names of no fold.
NEW_NAMES = "new names"
CHOICE_COLUMNS = [
    "smoothing", "delay", "applies_to", "dimension", "method", "parameter", "delay_frames", "ccc",
    "chosen_on_folds",
]  # fmt: skip


@dataclass(frozen=True)
class Option:
    """A combination of the configuration's options: the smoothing, and whether predictions are delayed."""

    smoothing: str
    delay: bool

    @property
    def delay_label(self) -> str:
        """The option ``delay`` as text in tables."""
        return "delay" if self.delay else "no delay"

    def allows(self, treatment: Treatment) -> bool:
        """Return whether the option allows a treatment."""
        return treatment.method in SMOOTHINGS[self.smoothing] and (self.delay or treatment.delay == 0)


#: Every option, first that without smoothing and delay.
OPTIONS = tuple(Option(smoothing, delay) for delay in (False, True) for smoothing in SMOOTHINGS)
#: Every treatment of the grid, the simplest first: of equally good ones the first is chosen.
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
    found = OutOfFold.read(predictions, labels, folds)
    write_csv(ensemble_weights(found.joined()), weights)
    table = choose_treatments(fold_sums(found))
    write_csv(table, choices)
    for row in table[(table["applies_to"] == NEW_NAMES) & (table["smoothing"] == "best")].to_dict("records"):
        logger.info(
            "Best for %s, with %s: %s %g, %d frames later; CCC %.3f on the names it was chosen on",
            *(row[key] for key in ("dimension", "delay", "method", "parameter", "delay_frames", "ccc")),
        )


def ensemble_weights(joined: pd.DataFrame) -> pd.DataFrame:
    """Weight every fold's network by its CCC on the names that it has never seen.

    Parameters
    ----------
    joined
        As `mimamo.evaluation.scores.out_of_fold` returns it.

    Returns
    -------
    pandas.DataFrame
        fold, dimension, ccc, weight: proportional to the CCC where that is above zero, adding up to 1 over
        the folds; equal where no fold has one. `fitted_on_fold` is the fold on whose scored names the CCC was
        computed.
    """
    folds, sums = video_sums(joined, by="fold")
    ccc = concordance_from_sums(sums)
    positive = np.nan_to_num(np.maximum(ccc, 0.0))
    positive[:, positive.sum(axis=0) == 0] = 1.0
    weight = positive / positive.sum(axis=0)
    rows = [
        (int(fold), dimension, ccc[f, i], weight[f, i], int(fold))
        for f, fold in enumerate(folds)
        for i, dimension in enumerate(DIMENSIONS)
    ]
    return pd.DataFrame(rows, columns=WEIGHT_COLUMNS)


def fold_sums(found: OutOfFold) -> dict[int, np.ndarray]:
    """Compute the sums that the CCC of every treatment on every fold's names follows from.

    Parameters
    ----------
    found
        The out-of-fold predictions of all frames with a crop, labelled or not.

    Returns
    -------
    dict[int, numpy.ndarray]
        By fold the sums (treatments, dimensions, 6) over its names, treatments in the order of `TREATMENTS`,
        sums in that of `mimamo.evaluation.ccc_sums.video_sums`.
    """
    return {fold: _treatment_sums(part) for fold, part in found.by_fold()}


def _treatment_sums(part: OutOfFold) -> np.ndarray:
    """Return the six sums over the labelled frames of a fold after each treatment, see `fold_sums`."""
    values, stretches = part.predicted[list(DIMENSIONS)].to_numpy(), stretches_of(part.predicted)
    truth = part.labelled.values
    taken = {delay: _taken_by_row(stretches, delay, part.labelled) for delay in DELAYS}
    constant = np.stack([np.full(len(DIMENSIONS), len(truth)), truth.sum(axis=0), (truth**2).sum(axis=0)])
    sums: dict[Treatment, np.ndarray] = {}
    for method, parameter in dict.fromkeys((t.method, t.parameter) for t in TREATMENTS):
        # Clipping and delay may change places.
        y = clip_to_range(smooth(values, stretches, method, parameter))
        for delay, (count, sum_of_truth) in taken.items():
            products = (count @ y, count @ y**2, np.einsum("rd,rd->d", sum_of_truth, y))
            terms = (constant[0], constant[1], products[0], constant[2], products[1], products[2])
            sums[Treatment(method, parameter, delay)] = np.stack(terms, axis=-1)
    return np.stack([sums[treatment] for treatment in TREATMENTS])


def _taken_by_row(stretches: Stretches, delay: int, labelled: MatchedTruth) -> tuple[np.ndarray, np.ndarray]:
    """Return how many labelled frames take each row's value after a delay, and the sum of their truths.

    So the sums after a delay are sums over the rows before it, and no delayed copy is needed. Shapes: (rows,)
    and (rows, dimensions).
    """
    rows = delayed_rows(stretches, delay)[labelled.rows]
    count = np.bincount(rows, minlength=stretches.rows).astype(np.float64)
    truths = [np.bincount(rows, column, minlength=stretches.rows) for column in labelled.values.T]
    return count, np.stack(truths, axis=1)


def choose_treatments(sums: Mapping[int, np.ndarray]) -> pd.DataFrame:
    """Choose the treatment with the best pooled CCC, for every option, dimension and set of folds.

    Parameters
    ----------
    sums
        As `fold_sums` returns them.

    Returns
    -------
    pandas.DataFrame
        smoothing, delay (the option), applies_to (`NEW_NAMES`, or the number of the fold whose names the
        choice is for), dimension, method, parameter, delay_frames (the choice), ccc (on the names it was
        chosen on), chosen_on_folds (the folds whose scored names these are, never the fold that it is for).
    """
    rows = []
    for option in OPTIONS:
        allowed = np.array([option.allows(treatment) for treatment in TREATMENTS])
        for target in (NEW_NAMES, *sums):
            used = [fold for fold in sums if fold != target]
            ccc = concordance_from_sums(np.sum([sums[fold] for fold in used], axis=0))
            ccc = np.where(allowed[:, None] & np.isfinite(ccc), ccc, -np.inf)
            for i, dimension in enumerate(DIMENSIONS):
                best = _first_best(ccc[:, i], allowed)
                chosen = TREATMENTS[best]
                rows.append(
                    (option.smoothing, option.delay_label, str(target), dimension, chosen.method,
                     chosen.parameter, chosen.delay, ccc[best, i], " ".join(map(str, used)))
                )  # fmt: skip
    table = pd.DataFrame(rows, columns=CHOICE_COLUMNS)
    return table.assign(ccc=table["ccc"].replace(-np.inf, np.nan))


def _first_best(ccc: np.ndarray, allowed: np.ndarray) -> int:
    """Return the index of the first highest CCC; of the first allowed one where no CCC is defined."""
    return int(np.argmax(ccc)) if np.isfinite(ccc).any() else int(np.argmax(allowed))


def read_treatments(choices: str | PathLike, option: Option, target: str = NEW_NAMES) -> dict[str, Treatment]:
    """Read the treatment chosen for an option, by dimension.

    Parameters
    ----------
    choices
        The table that `fit_postprocessing` wrote.
    option
        The configured option.
    target
        What the treatment is for: `NEW_NAMES`, or the names of a fold by its number as text.
    """
    table = read_csv(choices)
    selected = (table["smoothing"] == option.smoothing) & (table["delay"] == option.delay_label)
    rows = table[selected & (table["applies_to"] == target)].set_index("dimension")
    return {
        dimension: Treatment(row["method"], float(row["parameter"]), int(row["delay_frames"]))
        for dimension, row in rows.to_dict("index").items()
    }
