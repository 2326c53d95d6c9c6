"""Ablation study: trainings with one part of the method changed, against the reference, on the same folds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from os import PathLike

import pandas as pd

from mimamo.evaluation.bootstrap import read_groups
from mimamo.evaluation.scores import out_of_fold_sums
from mimamo.evidence.compared_scores import compared_columns, log_compared
from mimamo.storage.files import write_csv

logger = logging.getLogger(__name__)


def score_ablations(
    predictions: Mapping[str, Sequence[str | PathLike]],
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Score the out-of-fold predictions of every variant and compare them with the first one's.

    Parameters
    ----------
    predictions
        For every variant its CSV per fold, in the order of the folds; the first is the reference.
    labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    out
        CSV to write: variant, ccc_* and difference_* with their intervals, frames, note.
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
    groups = read_groups(folds)
    scored = {
        variant: out_of_fold_sums(paths, labels, folds, groups) for variant, paths in predictions.items()
    }
    reference = next(iter(scored.values()))
    rows = [
        {"variant": variant} | compared_columns(sums, reference) | {"frames": sums.frames, "note": caveat}
        for variant, sums in scored.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    log_compared(logger, rows, lambda row: row["variant"], caveat)
    return table
