"""Ablation study: trainings with one part of the method changed, against the reference, on the same folds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from os import PathLike

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import GroupSums, difference_columns, read_groups, score_columns
from mimamo.evaluation.scores import out_of_fold
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
        variant: GroupSums.of_frames(out_of_fold(paths, labels, folds), groups)
        for variant, paths in predictions.items()
    }
    reference = next(iter(scored.values()))
    rows = [
        {"variant": variant}
        | score_columns(sums)
        | difference_columns(sums, reference)
        | {"frames": sums.frames, "note": caveat}
        for variant, sums in scored.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    for row in rows:
        logger.info(
            "%s: CCC %.3f for valence (%+.3f), %.3f for arousal (%+.3f)",
            row["variant"],
            *(row[f"{score}_{dimension}"] for dimension in DIMENSIONS for score in ("ccc", "difference")),
        )
    if caveat:
        logger.info("The scores above: %s", caveat)
    return table
