"""Out-of-fold scores: every labelled frame is predicted by the one model not trained on its person."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.dataset.folds import held_out_names
from mimamo.dataset.label_range import clip_to_range
from mimamo.dataset.labels import read_labels
from mimamo.errors import InputError
from mimamo.evaluation.bootstrap import GroupSums, read_groups, score_columns
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.evaluation.matched_truth import MatchedTruth
from mimamo.evaluation.metrics import concordance, pearson, rmse
from mimamo.storage.files import join_tables, read_csv, read_role, write_csv
from mimamo.storage.frame_rows import find_rows, repeated_rows, run_starts, sort_by_frame

logger = logging.getLogger(__name__)

METRICS = {"ccc": concordance, "pearson": pearson, "rmse": rmse}


def score_folds(
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Score the out-of-fold predictions and write scores.csv.

    The pooled rows' CCC is the official score: all frames of all videos together, not a mean of video scores.

    Parameters
    ----------
    predictions
        One CSV per fold, in the order of the folds: name, role, frame, valence, arousal.
    labels
        Folder with one CSV per name: frame, valence, arousal, stretch.
    folds
        folds.csv: fold, name, group, role among its columns.
    out
        The CSV to write: scope (pooled, fold, video), id, frames, ccc_*, pearson_*, rmse_*, note (why a score
        is empty), ccc_*_low and ccc_*_high (see `mimamo.evaluation.bootstrap`; empty for single videos and
        wherever there are too few people).
    caveat
        Caveat to log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        Where a labelled frame is predicted twice or not at all, or by another fold than folds.csv says.
    """
    joined = out_of_fold(predictions, labels, folds)
    table = score_table(joined, read_groups(folds))
    write_csv(table, out)
    _log(table, caveat)
    return table


def score_table(joined: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Score joined truth and prediction: pooled, by fold, and by video.

    Parameters
    ----------
    joined
        One row a frame: fold, name, frame, ``true_valence``, ``true_arousal``, valence, arousal.
    groups
        The person group of every name.

    Returns
    -------
    pandas.DataFrame
        One row a scope and id, with the columns of scores.csv.
    """
    scopes = [("pooled", "all", joined)]
    scopes += [("fold", str(fold), frames) for fold, frames in joined.groupby("fold", sort=True)]
    rows = [score_row(*scope) | _interval_ends(scope[-1], groups) for scope in scopes]
    rows += [score_row("video", str(name), frames) for name, frames in joined.groupby("name", sort=True)]
    return pd.DataFrame(rows)


def _interval_ends(joined: pd.DataFrame, groups: Mapping[str, str]) -> dict[str, float]:
    """Return the low and the high end of the CCCs' intervals for a set of frames."""
    columns = score_columns(GroupSums.of_frames(joined, groups))
    return {column: value for column, value in columns.items() if column.endswith(("_low", "_high"))}


def score_row(scope: str, identity: str, joined: pd.DataFrame) -> dict[str, object]:
    """Return all scores of one set of frames as a row of scores.csv; `joined` as for `score_table`."""
    row: dict[str, object] = {"scope": scope, "id": identity, "frames": len(joined)}
    reasons: list[str] = []
    for metric, function in METRICS.items():
        for dimension in DIMENSIONS:
            score = function(joined[f"true_{dimension}"], joined[dimension])
            row[f"{metric}_{dimension}"] = score.value
            if score.reason:
                reasons.append(f"{dimension}: {score.reason}")
        if metric == "ccc":
            row["ccc_mean"] = sum(row[f"ccc_{dimension}"] for dimension in DIMENSIONS) / len(DIMENSIONS)
    row["note"] = "; ".join(dict.fromkeys(reasons))
    return row


@dataclass(frozen=True)
class OutOfFold:
    """Out-of-fold predictions, and the truth of the labelled ones.

    Attributes
    ----------
    predicted
        fold, name, frame, valence, arousal of all frames with a crop, sorted by name and frame.
    labelled
        The truth of the labelled ones, matched with their rows.
    """

    predicted: pd.DataFrame
    labelled: MatchedTruth

    @classmethod
    def read(
        cls, predictions: Sequence[str | PathLike], labels: str | PathLike, folds: str | PathLike
    ) -> OutOfFold:
        """Read predictions and labels, and find each labelled frame's one prediction.

        Parameters
        ----------
        predictions, labels, folds
            As for `score_folds`.

        Raises
        ------
        InputError
            As for `score_folds`; and where a frame has two labels.
        """
        scored = read_scored(predictions)
        _check_folds(scored, predictions, folds)
        predicted = sort_by_frame(scored)
        if repeated_rows(predicted).any():
            raise _predicted_twice(scored, predictions)
        del scored
        truth = read_labels(labels)
        truth = sort_by_frame(truth[~truth["name"].isin(held_out_names(folds))])
        truth = truth.rename(columns=dict(zip(DIMENSIONS, TRUTHS, strict=True)))
        _check_labels(truth)
        rows = find_rows(predicted, truth)
        if (missing := rows < 0).any():
            first = truth[missing].iloc[0]
            raise InputError(
                f"Labels of {first['name']}, frame {first['frame']}: expected one out-of-fold prediction for "
                f"every labelled frame, found none for {int(missing.sum())} of {len(truth)} frames; "
                "predict again"
            )
        return cls(predicted, MatchedTruth(truth, rows))

    def by_fold(self) -> Iterator[tuple[int, OutOfFold]]:
        """Yield number and part of every fold with a labelled frame."""
        folds, rows = self.predicted["fold"].to_numpy(), self.labelled.rows
        for fold in np.unique(folds[rows]).tolist():
            of_fold, labelled = folds == fold, folds[rows] == fold
            rows_of_fold = (np.cumsum(of_fold) - 1)[rows[labelled]]
            yield (
                fold,
                OutOfFold(self.predicted[of_fold], MatchedTruth(self.labelled.table[labelled], rows_of_fold)),
            )

    def joined(self) -> pd.DataFrame:
        """Return the labelled frames with truth and prediction, see `out_of_fold`."""
        rows = self.labelled.rows
        columns = {column: self.predicted[column].to_numpy()[rows] for column in ("fold", *DIMENSIONS)}
        return self.labelled.table.assign(**columns)[["fold", "name", "frame", *DIMENSIONS, *TRUTHS]]


def out_of_fold(
    predictions: Sequence[str | PathLike], labels: str | PathLike, folds: str | PathLike
) -> pd.DataFrame:
    """Join every labelled frame with its one out-of-fold prediction.

    Parameters
    ----------
    predictions, labels, folds
        As for `score_folds`.

    Returns
    -------
    pandas.DataFrame
        fold, name, frame, valence, arousal, true_valence, true_arousal, one row a labelled frame of the names
        that are in a fold, sorted by name and frame.

    Raises
    ------
    InputError
        As for `OutOfFold.read`.
    """
    return OutOfFold.read(predictions, labels, folds).joined()


def out_of_fold_sums(
    predictions: Sequence[str | PathLike],
    labels: str | PathLike,
    folds: str | PathLike,
    groups: Mapping[str, str],
) -> GroupSums:
    """Add up all labelled frames and their predictions by person groups.

    Parameters
    ----------
    predictions, labels, folds
        As for `score_folds`.
    groups
        The person group of every name.

    Raises
    ------
    InputError
        As for `OutOfFold.read`.
    """
    return GroupSums.of_frames(out_of_fold(predictions, labels, folds), groups)


def read_scored(predictions: Sequence[str | PathLike]) -> pd.DataFrame:
    """Read the rows of the prediction files whose role is ``score``, with the number of their fold.

    Predictions are clipped to the labels' range, as those that are submitted are.
    """
    columns = ["fold", "name", "frame", *DIMENSIONS]
    tables = (read_role(path, "score").assign(fold=fold) for fold, path in enumerate(predictions))
    joined = join_tables(tables, columns)
    for dimension in DIMENSIONS:
        joined[dimension] = clip_to_range(joined[dimension].to_numpy())
    return joined


def _check_labels(truth: pd.DataFrame) -> None:
    """Raise InputError where a frame of a sorted table is labelled twice."""
    if (repeated := repeated_rows(truth)).any():
        first = truth[repeated].iloc[0]
        raise InputError(
            f"Labels of {first['name']}: expected every frame once, found frame {first['frame']} twice; "
            "filter the labels again"
        )


def _check_folds(
    predicted: pd.DataFrame, predictions: Sequence[str | PathLike], folds: str | PathLike
) -> None:
    """Raise InputError where a name is predicted by another fold than the one that is scored on it."""
    table = read_csv(folds)
    scored_by = table[table["role"] == "score"].set_index("name")["fold"].to_dict()
    names, numbers = predicted["name"].to_numpy(), predicted["fold"].to_numpy()
    starts = np.union1d(run_starts(names), run_starts(numbers))
    for name, fold in dict.fromkeys(zip(names[starts], numbers[starts].tolist(), strict=True)):
        if scored_by.get(name) != fold:
            raise InputError(
                f"{predictions[fold]}: expected scores only for the names that fold {fold} leaves out, found "
                f"{name}, which {folds} gives to fold {scored_by.get(name, 'none')}; predict again"
            )


def _predicted_twice(predicted: pd.DataFrame, predictions: Sequence[str | PathLike]) -> InputError:
    """Return the error for a frame that is predicted twice: it would count twice."""
    first = predicted[predicted.duplicated(["name", "frame"])].iloc[0]
    return InputError(
        f"{predictions[first['fold']]}: expected one out-of-fold prediction for every frame, found a "
        f"second one for {first['name']}, frame {first['frame']}; predict again"
    )


def _log(table: pd.DataFrame, caveat: str) -> None:
    """Log the pooled CCCs, and why rows have no score."""
    pooled = table[table["scope"] == "pooled"].iloc[0]
    logger.info(
        "Pooled over %d frames: CCC %.3f for valence, %.3f for arousal%s",
        pooled["frames"],
        pooled["ccc_valence"],
        pooled["ccc_arousal"],
        f" ({caveat})" if caveat else "",
    )
    for row in table[table["note"] != ""].to_dict("records"):
        logger.warning("%s %s: no score (%s)", row["scope"], row["id"], row["note"])
