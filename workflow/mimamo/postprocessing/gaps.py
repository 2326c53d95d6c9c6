"""Gap filling: a prediction for every frame of a video, also for those without a crop."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.corpus.annotations import NOT_ANNOTATED
from mimamo.dataset.folds import held_out_names
from mimamo.dataset.labels import read_labels
from mimamo.errors import ConfigError, InputError
from mimamo.storage.files import read_values, write_csv
from mimamo.storage.frame_rows import repeated_rows, run_starts, sort_by_frame

logger = logging.getLogger(__name__)

#: Policies for frames without a crop; the first is that of the technical report.
POLICIES = ("report", "previous", "interpolate")

#: The challenge's mark for a frame without a value, in a submission as in an annotation file.
MISSING = NOT_ANNOTATED

#: Where a row may come from: its own prediction, or what stands for one.
SOURCES = ("predicted", "before_first", "previous", "next", "interpolated", "label_mean", "no_crops")


@dataclass(frozen=True)
class FilledVideos:
    """A prediction for every frame of some videos, one video after the other.

    Attributes
    ----------
    names
        The names of the videos, sorted.
    lengths
        Their numbers of frames; int64, shape (names,).
    values
        Valence and arousal of every frame, (frames, 2).
    sources
        Where each comes from, as a place in `SOURCES`; int8, shape (frames,).
    """

    names: list[str]
    lengths: np.ndarray
    values: np.ndarray
    sources: np.ndarray

    def rows_of(self, frames: pd.DataFrame) -> np.ndarray:
        """Return the row of every frame of a table with name and frame; -1 for frames of no video."""
        return _places(self.names, self.lengths, frames)

    def counts(self, chosen: np.ndarray) -> dict[str, int]:
        """Return how many frames of every name are `chosen`; bool, shape (frames,)."""
        videos = np.repeat(np.arange(len(self.names)), self.lengths)[chosen]
        return dict(zip(self.names, np.bincount(videos, minlength=len(self.names)).tolist(), strict=True))

    def table(self) -> pd.DataFrame:
        """Return the rows as `fill_table` does."""
        starts = np.cumsum(self.lengths) - self.lengths
        columns = {
            "name": np.repeat(np.array(self.names, dtype=object), self.lengths),
            "frame": np.arange(1, len(self.values) + 1) - np.repeat(starts, self.lengths),
            **dict(zip(DIMENSIONS, self.values.T, strict=True)),
            "source": np.array(SOURCES, dtype=object)[self.sources],
        }
        return pd.DataFrame(columns).astype({"name": "str", "source": "str"})


def fill_videos(
    predicted: pd.DataFrame,
    lengths: Mapping[str, int],
    policy: str,
    label_mean: Sequence[float] | None = None,
) -> FilledVideos:
    """Fill in a prediction for every frame of every name.

    Parameters
    ----------
    predicted
        Predictions: name, frame (from 1), valence, arousal.
    lengths
        Number of frames of every name; a name that is not in `predicted` has no crops.
    policy
        ``report``: -5 before the first crop, after that the previous frame's prediction. ``previous``: the
        next prediction before the first crop, after that the previous one. ``interpolate``: the next
        prediction before the first crop, the previous one after the last, between two crops a straight line
        by frame number.
    label_mean
        Mean valence and arousal of the training labels, for a video without crops; ``report`` uses -5.

    Raises
    ------
    InputError
        Where a predicted name has no length, a predicted frame lies outside its video or comes twice, or
        `label_mean` is needed and not there.
    ConfigError
        Where there is no such policy.
    """
    if policy not in POLICIES:
        raise ConfigError(f"gaps: policy: expected one of {', '.join(POLICIES)}, found {policy!r}; change it")
    predicted = sort_by_frame(predicted)
    names, counts = sorted(lengths), np.array([lengths[name] for name in sorted(lengths)], dtype=np.int64)
    rows = _places(names, counts, predicted)
    _check_frames(predicted, rows, lengths)
    values = np.full((counts.sum(), len(DIMENSIONS)), MISSING)
    sources = np.full(len(values), SOURCES.index("no_crops"), dtype=np.int8)
    videos = np.repeat(np.arange(len(names)), counts)
    has_crops = np.zeros(len(names), dtype=bool)
    has_crops[videos[rows]] = True
    if policy != POLICIES[0] and not has_crops[counts > 0].all():
        _check_label_mean(label_mean, policy, names[np.flatnonzero(~has_crops & (counts > 0))[0]])
        values[~has_crops[videos]], sources[~has_crops[videos]] = label_mean, SOURCES.index("label_mean")
    if len(rows):
        _fill(values, sources, videos, rows, predicted[list(DIMENSIONS)].to_numpy(np.float64), policy)
    return FilledVideos(names, counts, values, sources)


def _fill(
    values: np.ndarray,
    sources: np.ndarray,
    videos: np.ndarray,
    rows: np.ndarray,
    predicted: np.ndarray,
    policy: str,
) -> None:
    """Fill in the values and sources of all frames of the videos with crops.

    `videos` is the number of every frame's video, `rows` the frames of the predictions `predicted`.
    """
    # The last prediction at or before each frame, if need be of an earlier video.
    behind = np.zeros(len(values), dtype=np.int64)
    behind[rows] = np.arange(len(rows))
    behind = np.maximum.accumulate(behind)
    ahead = np.minimum(behind + 1, len(rows) - 1)
    follows = (videos[rows[behind]] == videos) & (rows[behind] <= np.arange(len(values)))
    # At the very first frames nothing is behind, and the first prediction stands for it.
    ahead[: rows[0]] = 0
    precedes = (videos[rows[ahead]] == videos) & ~follows
    inside = follows & (ahead > behind) & (videos[rows[ahead]] == videos)
    values[follows], sources[follows] = predicted[behind[follows]], SOURCES.index("previous")
    if policy == "interpolate":
        for column in range(values.shape[1]):
            values[inside, column] = np.interp(np.flatnonzero(inside), rows, predicted[:, column])
        sources[inside] = SOURCES.index("interpolated")
    if policy == POLICIES[0]:
        values[precedes], sources[precedes] = MISSING, SOURCES.index("before_first")
    else:
        values[precedes], sources[precedes] = predicted[ahead[precedes]], SOURCES.index("next")
    values[rows], sources[rows] = predicted, SOURCES.index("predicted")


def _places(names: Sequence[str], lengths: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Return the places of a table's rows among the frames of all videos; -1 for frames of none."""
    wanted, frames = table["name"].to_numpy(), table["frame"].to_numpy(np.int64)
    starts = run_starts(wanted)
    counts = np.diff(starts, append=len(wanted))
    video = np.repeat(pd.Index(names, dtype=object).get_indexer(wanted[starts]), counts)
    inside = (video >= 0) & (frames >= 1)
    inside[inside] = frames[inside] <= lengths[video[inside]]
    places = np.full(len(wanted), -1)
    places[inside] = (np.cumsum(lengths) - lengths)[video[inside]] + frames[inside] - 1
    return places


def _check_frames(predicted: pd.DataFrame, rows: np.ndarray, lengths: Mapping[str, int]) -> None:
    """Raise InputError where a name has no length, or its frames lie outside its video or come twice."""
    names = predicted["name"].to_numpy()
    if unknown := sorted(set(names[run_starts(names)]) - set(lengths)):
        raise InputError(f"Predictions: expected names with a known length, found {unknown[0]}; audit again")
    wrong = (rows < 0) | repeated_rows(predicted)
    if not wrong.any():
        return
    name = names[wrong.argmax()]
    frames = predicted["frame"].to_numpy()[names == name]
    if frames[0] < 1 or frames[-1] > lengths[name]:
        raise InputError(
            f"{name}: Predictions: expected frame numbers from 1 to {lengths[name]}, the length of the "
            f"video, found numbers from {frames[0]} to {frames[-1]}; correct the list that gives the length"
        )
    twice = predicted["frame"].to_numpy()[wrong.argmax()]
    raise InputError(f"{name}: Predictions: expected every frame once, found {twice} twice; predict again")


def _check_label_mean(label_mean: Sequence[float] | None, policy: str, name: str) -> None:
    """Raise InputError where there is no mean of the training labels for a video without crops."""
    if label_mean is None or not np.isfinite(label_mean).all():
        raise InputError(
            f"{name}: A video without crops: the policy {policy} expects the mean of the training labels, "
            "found no labels; use the policy report"
        )


def fill_table(
    ensemble: pd.DataFrame,
    lengths: Mapping[str, int],
    policy: str,
    label_mean: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Fill the gaps of every name.

    Parameters
    ----------
    ensemble, lengths, policy, label_mean
        As for `fill_videos`.

    Returns
    -------
    pandas.DataFrame
        name, frame (1…length), valence, arousal, source (one of `SOURCES`); sorted by name and frame.

    Raises
    ------
    InputError, ConfigError
        As for `fill_videos`.
    """
    return fill_videos(ensemble, lengths, policy, label_mean).table()


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
        As for `fill_videos`.
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
    videos = fill_videos(predicted, known_lengths(names), policy, means)
    summary = _gap_summary(names, videos)
    write_csv(videos.table(), filled)
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


def _gap_summary(names: pd.DataFrame, videos: FilledVideos) -> pd.DataFrame:
    """Return the rows of gaps.csv, one a test name."""
    summary = names[["name", "length", "length_source"]].copy()
    summary["length"] = summary["length"].mask(summary["length"] == 0)
    predicted = videos.sources == SOURCES.index("predicted")
    counts = {"predicted": predicted, "filled": ~predicted, "minus_five": videos.values[:, 0] == MISSING}
    for column, chosen in counts.items():
        summary[column] = summary["name"].map(videos.counts(chosen)).fillna(0).astype(int)
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
