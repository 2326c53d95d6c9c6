"""Scores of several predictions of the same frames beside those of the first, for the evidence tables."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import GroupSums, difference_columns, score_columns


def compared_columns(scored: GroupSums, reference: GroupSums) -> dict[str, float]:
    """Return the scores of predictions and their difference to others of the same frames, with intervals."""
    return score_columns(scored) | difference_columns(scored, reference)


def log_compared(
    logger: logging.Logger,
    rows: Sequence[Mapping],
    label: Callable[[Mapping], str],
    caveat: str,
    *sentences: str,
) -> None:
    """Log the scores and differences of rows with `compared_columns`, and what holds of them all.

    Parameters
    ----------
    logger
        Of the module that wrote them.
    rows
        The rows.
    label
        Names a row.
    caveat
        What is to be known of the scores; empty: nothing.
    *sentences
        What else the rows say.
    """
    for row in rows:
        logger.info(
            "%s: CCC %.3f for valence (%+.3f), %.3f for arousal (%+.3f)",
            label(row),
            *(row[f"{score}_{dimension}"] for dimension in DIMENSIONS for score in ("ccc", "difference")),
        )
    for sentence in sentences:
        logger.info("%s", sentence)
    if caveat:
        logger.info("The scores above: %s", caveat)
