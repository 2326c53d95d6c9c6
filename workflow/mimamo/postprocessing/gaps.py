"""Gap filling: a prediction for every frame of a video, also for those without a crop."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.corpus.annotations import NOT_ANNOTATED
from mimamo.dataset.folds import held_out_names
from mimamo.dataset.labels import read_labels
from mimamo.errors import ConfigError, InputError
from mimamo.storage.files import join_tables, read_values, write_csv

logger = logging.getLogger(__name__)

#: Policies for frames without a crop; the first is that of the technical report.
POLICIES = ("report", "previous", "interpolate")

#: The challenge's mark for a frame without a value, in a submission as in an annotation file.
MISSING = NOT_ANNOTATED


def fill_gaps(
    frames: np.ndarray,
    values: np.ndarray,
    length: int,
    policy: str = POLICIES[0],
    label_mean: Sequence[float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fill in a prediction for every frame of one video.

    Parameters
    ----------
    frames
        Numbers of the predicted frames, 1-based, ascending, shape (predicted,).
    values
        Valence and arousal of these frames, shape (predicted, 2).
    length
        Number of frames of the video.
    policy
        ``report``: -5 before the first crop, after that the previous frame's prediction. ``previous``: the
        next prediction before the first crop, after that the previous one. ``interpolate``: the next
        prediction before the first crop, the previous one after the last, between two crops a straight line
        by frame number.
    label_mean
        Mean valence and arousal of the training labels, for a video without crops; ``report`` uses -5.

    Returns
    -------
    filled : numpy.ndarray
        Valence and arousal of frames 1…length, shape (length, 2).
    source : numpy.ndarray
        Where each row comes from, text of shape (length,): predicted, before_first, previous, next,
        interpolated, label_mean or no_crops.

    Raises
    ------
    InputError
        Where a predicted frame lies outside 1…length, or `label_mean` is needed and not there.
    ConfigError
        Where there is no such policy.
    """
    _check_arguments(frames, length, policy)
    if len(frames) == 0:
        return _fill_without_crops(length, policy, label_mean)
    numbers = np.arange(1, length + 1)
    # Position of the last predicted frame at or before each frame; -1 before the first one.
    behind = np.searchsorted(frames, numbers, side="right") - 1
    filled = values[np.maximum(behind, 0)].astype(np.float64)
    source = np.full(length, "previous", dtype="<U12")
    inside = (behind >= 0) & (behind < len(frames) - 1)
    if policy == "interpolate":
        for column in range(values.shape[1]):
            filled[:, column] = np.interp(numbers, frames, values[:, column])
        source[inside] = "interpolated"
    before = behind < 0
    source[before] = "before_first" if policy == "report" else "next"
    if policy == "report":
        filled[before] = MISSING
    filled[frames - 1], source[frames - 1] = values, "predicted"
    return filled, source


def _check_arguments(frames: np.ndarray, length: int, policy: str) -> None:
    """Raise where there is no such policy, or the frame numbers do not ascend within 1…length."""
    if policy not in POLICIES:
        raise ConfigError(f"gaps: policy: expected one of {', '.join(POLICIES)}, found {policy!r}; change it")
    if len(frames) and (frames[0] < 1 or frames[-1] > length or (np.diff(frames) < 1).any()):
        raise InputError(
            f"Predictions: expected ascending frame numbers from 1 to {length}, the length of the video, "
            f"found numbers from {frames.min()} to {frames.max()}; correct the list that gives the length"
        )


def _fill_without_crops(
    length: int, policy: str, label_mean: Sequence[float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Fill a video without any prediction; returns values and sources as `fill_gaps` does."""
    if policy == "report":
        return np.full((length, len(DIMENSIONS)), MISSING), np.full(length, "no_crops", dtype="<U12")
    if label_mean is None or not np.isfinite(label_mean).all():
        raise InputError(
            f"A video without crops: the policy {policy} expects the mean of the training labels, "
            "found no labels; use the policy report"
        )
    return np.tile(np.asarray(label_mean, dtype=np.float64), (length, 1)), np.full(length, "label_mean")


def fill_table(
    ensemble: pd.DataFrame,
    lengths: dict[str, int],
    policy: str,
    label_mean: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Fill the gaps of every name.

    Parameters
    ----------
    ensemble
        Predictions: name, frame, valence, arousal.
    lengths
        Number of frames of every name; a name that is not in `ensemble` has no crops.
    policy, label_mean
        As for `fill_gaps`.

    Returns
    -------
    pandas.DataFrame
        name, frame (1…length), valence, arousal, source; sorted by name and frame.

    Raises
    ------
    InputError
        As `fill_gaps`, with the name; and where a predicted name has no length.
    """
    by_name = {name: rows.sort_values("frame") for name, rows in ensemble.groupby("name")}
    if unknown := sorted(set(by_name) - set(lengths)):
        raise InputError(f"Predictions: expected names with a known length, found {unknown[0]}; audit again")
    tables = [
        _fill_name(name, by_name.get(name), lengths[name], policy, label_mean) for name in sorted(lengths)
    ]
    return join_tables(tables, ["name", "frame", *DIMENSIONS, "source"])


def _fill_name(
    name: str, rows: pd.DataFrame | None, length: int, policy: str, label_mean: Sequence[float] | None
) -> pd.DataFrame:
    """Fill one name's video and return its rows; `rows` are its predictions, None where there are none."""
    frames = np.array([], dtype=int) if rows is None else rows["frame"].to_numpy(dtype=int)
    values = np.empty((0, len(DIMENSIONS))) if rows is None else rows[list(DIMENSIONS)].to_numpy(dtype=float)
    try:
        filled, source = fill_gaps(frames, values, length, policy, label_mean)
    except ConfigError:
        raise
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
    table = pd.DataFrame({"name": name, "frame": np.arange(1, length + 1)})
    table[list(DIMENSIONS)] = filled
    return table.assign(source=source)


def fill_test_names(
    ensemble: str | PathLike,
    audit: str | PathLike,
    labels: str | PathLike | None,
    policy: str,
    filled: str | PathLike,
    gaps: str | PathLike,
    folds: str | PathLike | None = None,
) -> None:
    """Fill the gaps of all test names and write filled.csv and gaps.csv.

    Parameters
    ----------
    ensemble
        CSV of predictions: name, frame, valence, arousal.
    audit
        audit.csv: name, subset, length, length_source and reason among its columns.
    labels
        Folder of the training and validation labels, for their mean; None where there are none.
    policy
        As for `fill_gaps`.
    filled
        CSV to write: name, frame, valence, arousal, source.
    gaps
        CSV to write, one row a test name: name, length (empty where unknown), length_source, predicted,
        filled, minus_five, note.
    folds
        folds.csv, where some labelled names are held out of every fold: their labels are left out.

    Raises
    ------
    InputError
        As for `fill_table`; and where a prediction is not a finite number.
    """
    names = read_audit(audit)
    names = names[names["subset"] == "test"].sort_values("name", ignore_index=True)
    predicted = read_values(ensemble)
    # Their crops are predicted all the same, as the audit may find otherwise when a list is corrected.
    unusable = names.loc[names["verdict"] == "unusable", "name"]
    predicted = predicted[~predicted["name"].isin(unusable)]
    means = None if labels is None else label_means(labels, folds)
    table = fill_table(predicted, known_lengths(names), policy, means)
    summary = _gap_summary(names, table)
    write_csv(table, filled)
    write_csv(summary, gaps)
    _log(summary, policy)


def label_means(labels: str | PathLike, folds: str | PathLike | None = None) -> tuple[float, float]:
    """Return the mean labels over the frames of all names, except those that `folds` holds out.

    Parameters
    ----------
    labels
        Folder of labels, one CSV a name.
    folds
        folds.csv; None where no name is held out.

    Returns
    -------
    tuple[float, float]
        Mean valence and arousal.
    """
    table = read_labels(labels)
    if folds is not None:
        table = table[~table["name"].isin(held_out_names(folds))]
    return tuple(float(table[dimension].mean()) for dimension in DIMENSIONS)


def known_lengths(names: pd.DataFrame) -> dict[str, int]:
    """Return the lengths in frames of the names of audit.csv or gaps.csv; 0 where the length is unknown."""
    return dict(zip(names["name"], names["length"].fillna(0).astype(int), strict=True))


def _gap_summary(names: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of gaps.csv, one a test name."""
    summary = names[["name", "length", "length_source"]].copy()
    summary["length"] = summary["length"].mask(summary["length"] == 0)
    source = table.groupby("name")["source"]
    minus_five = (table["valence"] == MISSING).groupby(table["name"]).sum()
    predicted = source.agg(lambda sources: int((sources == "predicted").sum()))
    counts = {"predicted": predicted, "filled": source.size() - predicted, "minus_five": minus_five}
    for column, count in counts.items():
        summary[column] = summary["name"].map(count).fillna(0).astype(int)
    rows = zip(summary.to_dict("records"), names["reason"], strict=True)
    return summary.assign(note=[_note(row, reason) for row, reason in rows])


def _note(row: dict[str, object], reason: str) -> str:
    """Return what a person should know about a name before it is submitted; empty for most names."""
    if row["predicted"]:
        return ""
    why = f" ({reason})" if reason else ""
    if pd.isna(row["length"]):
        return f"no crops and no known length, so no rows: name its length in a frame_list{why}"
    what = "-5" if row["minus_five"] else "the mean of the training labels"
    return f"no usable crops: every frame is {what}{why}"


def _log(summary: pd.DataFrame, policy: str) -> None:
    """Log the notes, and how many frames were filled."""
    for row in summary[summary["note"] != ""].to_dict("records"):
        logger.warning("%s: %s", row["name"], row["note"])
    logger.info(
        "Policy %s: %d of %d frames of %d names filled, %d with -5",
        policy,
        summary["filled"].sum(),
        summary["filled"].sum() + summary["predicted"].sum(),
        len(summary),
        summary["minus_five"].sum(),
    )
