"""Members whose predictions fit the labels implausibly well, as if they had been trained on them.

What can be seen: predictions that are the labels themselves, and a CCC that no method is known to reach, on
the names of any fold or on the validation set. What cannot: a member that saw some of the scored people, or
was tuned on the scored labels, and is only somewhat too good. Nested weights do not undo that either, as they
only keep the labels of scored names out of the weights.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.metrics import concordance

logger = logging.getLogger(__name__)

#: A CCC above this is implausible on names that a member has never seen: the best published ones on the
#: validation set of Aff-Wild2 are below 0.75.
HIGHEST_PLAUSIBLE = 0.9
#: Share of labelled frames that may have exactly the label, at the six decimals of a table, by chance.
MOST_EQUAL = 0.05
_EQUAL = 5e-7
COLUMNS = ["member", "dimension", "scored_on", "frames", "ccc", "equal_share", "note"]


def describe_members(
    values: Mapping[str, np.ndarray], truth: Mapping[str, np.ndarray], members: Sequence[str]
) -> pd.DataFrame:
    """Score every member by itself on every set of names, and say of which scores are implausible.

    Parameters
    ----------
    values
        Of every set of names (a fold, or the validation set), predictions (members, frames, dimensions).
    truth
        Of every set of names, (frames, dimensions).
    members
        The names of the members.

    Returns
    -------
    pandas.DataFrame
        member, dimension, scored_on (a set of names), frames, ccc, equal_share (of frames whose prediction is
        the label), note (empty where nothing is implausible).
    """
    rows = [
        _describe(member, dimension, part, truth[part][:, i], values[part][m, :, i])
        for m, member in enumerate(members)
        for i, dimension in enumerate(DIMENSIONS)
        for part in values
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    for row in table[table["note"] != ""].to_dict("records"):
        logger.warning(
            "%s, %s, %s: %s; make sure that its models never saw these people",
            *(row[key] for key in ("member", "dimension", "scored_on", "note")),
        )
    return table


def _describe(member: str, dimension: str, part: str, truth: np.ndarray, predicted: np.ndarray) -> tuple:
    """Return a row of the table."""
    ccc = concordance(truth, predicted).value
    equal = float((np.abs(predicted - truth) < _EQUAL).mean()) if len(truth) else np.nan
    reasons = []
    if ccc > HIGHEST_PLAUSIBLE:
        reasons.append(f"a CCC of {ccc:.3f} is implausible of people that its models never saw")
    if equal > MOST_EQUAL:
        reasons.append(f"{equal:.0%} of the predictions are the labels themselves")
    return member, dimension, part, len(truth), ccc, equal, "; ".join(reasons)
