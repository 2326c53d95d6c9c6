"""Scores of ensembles, nested out of fold and on the held-out validation set, beside the configured run."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from mimamo.evaluation.bootstrap import GroupSums, read_groups
from mimamo.evaluation.scores import out_of_fold_sums
from mimamo.evidence.compared_scores import compared_columns, log_compared
from mimamo.evidence.variants import (
    OUT_OF_FOLD,
    VALIDATION,
    FittedRun,
    ensemble_of,
    validation_names,
    validation_sums,
    validation_truth,
)
from mimamo.storage.files import write_csv

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ensemble:
    """What is scored as one: its predictions, and how they came about.

    Attributes
    ----------
    fitted
        The files of its predictions and of what is fitted on them.
    members
        The names of its members; none for the configured run.
    weights
        How they are weighted.
    """

    fitted: FittedRun
    members: Sequence[str] = ()
    weights: str = ""


def score_ensembles(
    ensembles: Mapping[str, Ensemble], method: str, out: str | PathLike, caveat: str = ""
) -> pd.DataFrame:
    """Score every ensemble and compare it with the first one, the configured run.

    Parameters
    ----------
    ensembles
        By name, first the configured run.
    method
        How the folds are combined on the validation set, one of `mimamo.postprocessing.ensemble.METHODS`.
    out
        CSV to write: ensemble, members, weights, scored_on, frames, ccc_* and difference_* with their
        intervals, note.
    caveat
        Caveat to write and log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.score_folds`.
    """
    reference = next(iter(ensembles.values())).fitted
    groups = read_groups(reference.folds)
    scored = {OUT_OF_FOLD: {name: _out_of_fold(part.fitted, groups) for name, part in ensembles.items()}}
    if names := validation_names(reference.folds):
        truth = validation_truth(reference.labels, names)
        scored[VALIDATION] = {
            name: validation_sums(ensemble_of(part.fitted, method), truth, groups)
            for name, part in ensembles.items()
        }
    rows = [
        {"ensemble": name, "members": " ".join(ensembles[name].members), "weights": ensembles[name].weights}
        | {"scored_on": where, "frames": sums.frames}
        | compared_columns(sums, next(iter(by_name.values())))
        | {"note": caveat}
        for where, by_name in scored.items()
        for name, sums in by_name.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    log_compared(logger, rows, lambda row: f"{row['ensemble']}, {row['scored_on']}", caveat)
    return table


def _out_of_fold(fitted: FittedRun, groups: Mapping[str, str]) -> GroupSums:
    """Return the sums over the labelled frames of all folds."""
    return out_of_fold_sums(fitted.predictions, fitted.labels, fitted.folds, groups)
