"""Scores of the submission and of all gap policies on the demo corpus, whose truth is known."""

from __future__ import annotations

import logging
from os import PathLike
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.postprocessing.gaps import POLICIES, fill_table, known_lengths, label_means
from mimamo.storage.files import join_tables, read_csv, read_values, write_csv

logger = logging.getLogger(__name__)

#: Value of the column policy for the final submission.
SUBMISSION = "submission"


def score_demo(
    filled: str | PathLike,
    ensemble: str | PathLike,
    gaps: str | PathLike,
    labels: str | PathLike,
    truth: str | PathLike,
    out: str | PathLike,
    caveat: str = "",
    folds: str | PathLike | None = None,
) -> pd.DataFrame:
    """Score the submission and all gap policies against the truth of the test names.

    Parameters
    ----------
    filled
        filled.csv, the values of the submission.
    ensemble
        ensemble.csv, from which the gaps are filled again with every policy.
    gaps
        gaps.csv: name and length of the test names.
    labels
        Folder of the training labels, whose mean some policies fill in for a video without crops.
    truth
        Folder of the renderer's truth, ``<name>.csv``: frame, valence, arousal for every frame.
    out
        CSV to write: rows (from_first_crop, all), policy (submission, or the name of a policy), ccc_valence,
        ccc_arousal, frames, note (why there is no score).
    caveat
        Caveat to log with the scores.
    folds
        As for `mimamo.postprocessing.gaps.fill_test_names`.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where a submitted frame has no truth.
    """
    predicted, lengths = read_values(ensemble), known_lengths(read_csv(gaps))
    tables = {SUBMISSION: read_values(filled)}
    means = label_means(labels, folds)
    for policy in POLICIES:
        tables[policy] = fill_table(predicted, lengths, policy, means)
    rows = []
    for policy, table in tables.items():
        joined = with_truth(table, truth)
        rows.append(_row("from_first_crop", policy, joined[_from_first_crop(joined, predicted)]))
        rows.append(_row("all", policy, joined))
    scores = pd.DataFrame(rows).sort_values("rows", ascending=False, kind="stable", ignore_index=True)
    write_csv(scores, out)
    _log(scores, caveat)
    return scores


def with_truth(table: pd.DataFrame, truth: str | PathLike) -> pd.DataFrame:
    """Join predictions with the truth.

    Parameters
    ----------
    table
        name, frame, valence, arousal.
    truth
        Folder of the truth, one CSV a name.

    Returns
    -------
    pandas.DataFrame
        `table` with ``true_valence`` and ``true_arousal``.

    Raises
    ------
    InputError
        Where a name or a frame has no truth.
    """
    truths = [_read_truth(name, Path(truth) / f"{name}.csv") for name in sorted(set(table["name"]))]
    columns = ["name", "frame", *(f"true_{dimension}" for dimension in DIMENSIONS)]
    known = join_tables(truths, columns)
    joined = table.merge(known, on=["name", "frame"], how="left")
    if (missing := joined[f"true_{DIMENSIONS[0]}"].isna()).any():
        first = joined[missing].iloc[0]
        raise InputError(
            f"{Path(truth) / first['name']}.csv: expected the truth of every submitted frame, found none of "
            f"frame {first['frame']}; render the demo corpus again"
        )
    return joined


def _read_truth(name: str, path: Path) -> pd.DataFrame:
    """Read one name's truth: frame, true_valence, true_arousal, name."""
    if not path.is_file():
        raise InputError(f"{path}: expected the truth of {name}, found none; render the demo corpus again")
    table = read_values(path, usecols=["frame", *DIMENSIONS]).assign(name=name)
    return table.rename(columns={dimension: f"true_{dimension}" for dimension in DIMENSIONS})


def _from_first_crop(table: pd.DataFrame, predicted: pd.DataFrame) -> pd.Series:
    """Return whether each row is at or after the first crop of its name; never for a name without crops."""
    first = table["name"].map(predicted.groupby("name")["frame"].min()).astype(float)
    return table["frame"] >= first.fillna(float("inf"))


def _row(rows: str, policy: str, joined: pd.DataFrame) -> dict[str, object]:
    """Return the scores of one policy on some rows as a row of the table."""
    scores = {name: concordance(joined[f"true_{name}"], joined[name]) for name in DIMENSIONS}
    return {
        "rows": rows,
        "policy": policy,
        **{f"ccc_{name}": score.value for name, score in scores.items()},
        "frames": len(joined),
        "note": "; ".join(f"{name}: {score.reason}" for name, score in scores.items() if score.reason),
    }


def _log(scores: pd.DataFrame, caveat: str) -> None:
    """Log the caveat and all scores."""
    if caveat:
        logger.info("The scores below: %s", caveat)
    for row in scores.to_dict("records"):
        logger.info(
            "Rows %s, %s: CCC %.3f for valence, %.3f for arousal over %d frames",
            row["rows"],
            row["policy"],
            row["ccc_valence"],
            row["ccc_arousal"],
            row["frames"],
        )
