"""Comparison of this run's scores with each other, and on Aff-Wild2 with published ones, on other splits."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from os import PathLike

import numpy as np
import pandas as pd

from mimamo.evaluation.bootstrap import COLUMNS
from mimamo.evidence.variants import UNFILLED, VALIDATION
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

OURS, PUBLISHED = "this run", "published"
#: Entry, what it was scored on, CCC of valence and of arousal, as reported by its authors or the organisers.
ANCHORS = (
    ("MIMAMO Net, technical report (arXiv 2105.01502)", "re-selected validation set", 0.415, 0.511),
    ("ABAW2, baseline", "official validation set", 0.21, 0.23),
    ("ABAW2, baseline", "official test set", 0.20, 0.19),
    ("ABAW2, NISL-2021, one submission", "official test set", 0.536, 0.444),
    ("ABAW2, NISL-2021, another submission", "official test set", 0.533, 0.454),
    ("ABAW2, leader-follower fusion (arXiv 2107.01175)", "6 folds, CCC-centred", 0.469, 0.649),
    ("ABAW2, leader-follower fusion (arXiv 2107.01175)", "official test set", 0.463, 0.492),
    ("ABAW3, best reported", "official validation set", 0.656, 0.709),
    ("ABAW8, one entry", "official validation set", 0.536, 0.431),
    ("ABAW8, one entry", "official test set", 0.504, 0.412),
)
_FOREIGN = "other people's number, on another split or with other data"
_SPLITS = {
    "merged": "training and validation set merged, out of fold",
    "official": "training set, out of fold",
}


def write_comparison(
    scores: Mapping[str, str | PathLike],
    variants: Mapping[str, str | PathLike],
    out: str | PathLike,
    published: bool,
    caveat: str = "",
) -> pd.DataFrame:
    """Tabulate this run's scores, and published ones where these may be compared; write comparison.csv.

    Parameters
    ----------
    scores, variants
        scores.csv and variants.csv by protocol that was run: merged, official.
    out
        CSV to write: entry, split, source (`OURS` or `PUBLISHED`), ccc_* with intervals, frames, note.
    published
        Whether the data set is Aff-Wild2: on any other, published numbers have no common scale.
    caveat
        Caveat to write with this run's scores.

    Returns
    -------
    pandas.DataFrame
        The table written.
    """
    rows = []
    for protocol in scores:
        pooled = read_csv(scores[protocol]).query("scope == 'pooled'").to_dict("records")[0]
        rows.append(_row(f"protocol {protocol}, one network", _SPLITS[protocol], pooled, caveat))
        table = read_csv(variants[protocol])
        chosen = table[(table["scored_on"] == VALIDATION) & (table["configured"] == "yes")]
        for gaps, row in chosen.drop_duplicates(["ensemble", "smoothing", "delay", "gaps"]).groupby(
            "gaps", sort=False
        ):
            split = "frames with a crop" if gaps == UNFILLED else f"all annotated frames, gaps: {gaps}"
            rows.append(
                _row(
                    f"protocol {protocol}, ensemble {row['ensemble'].iloc[0]}",
                    f"official validation set, {split}",
                    row.iloc[0].to_dict(),
                    caveat,
                )
            )
    own = len(rows)
    rows += [
        _row(entry, split, {"ccc_valence": valence, "ccc_arousal": arousal}, _FOREIGN) | {"source": PUBLISHED}
        for entry, split, valence, arousal in (ANCHORS if published else ())
    ]
    table = pd.DataFrame(rows).astype({"frames": "Int64"})
    write_csv(table, out)
    for row in rows[:own]:
        logger.info(
            "%s, on %s: CCC %.3f for valence, %.3f for arousal", *(row[key] for key in ("entry", "split")),
            row["ccc_valence"], row["ccc_arousal"],
        )  # fmt: skip
    return table


def _row(entry: str, split: str, values: Mapping[str, object], note: str) -> dict[str, object]:
    """Return a row of comparison.csv; `values` are columns of scores.csv or variants.csv."""
    scores = {column: values.get(column, np.nan) for column in COLUMNS}
    return {
        "entry": entry,
        "split": split,
        "source": OURS,
        **scores,
        "frames": values.get("frames"),
        "note": note,
    }
