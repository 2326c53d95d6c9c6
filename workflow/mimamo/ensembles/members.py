"""The members of an ensemble: their predictions of the same frames, and the combination of these.

A member is a run, of one training a fold or of several with other seeds, which then count as their mean; or
the predictions of another program. Each has a CSV of predictions a fold, in the form of the rule predict;
what is one file for all folds is given for each of them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.dataset.folds import held_out_names
from mimamo.dataset.labels import read_labels
from mimamo.ensembles.leaks import describe_members
from mimamo.ensembles.weights import factor, fit_weights, weights_for
from mimamo.evaluation.matched_truth import MatchedTruth
from mimamo.evaluation.scores import OutOfFold
from mimamo.postprocessing.ensemble import read_rows
from mimamo.storage.files import join_tables, read_csv, write_csv
from mimamo.storage.frame_rows import find_rows

logger = logging.getLogger(__name__)

#: Of every member, its trainings with other seeds, and of each of these the file of every fold.
Members = Mapping[str, Sequence[Sequence[str | PathLike]]]
_COLUMNS = ["name", "role", "frame", *DIMENSIONS]


@dataclass(frozen=True)
class MemberPredictions:
    """Out-of-fold predictions of all members, of the frames that every member predicts.

    Attributes
    ----------
    frames
        fold, name, frame; sorted by name and frame.
    values
        Predictions of every member, (members, frames, dimensions).
    labelled
        The truth of the labelled frames, matched with their rows.
    """

    frames: pd.DataFrame
    values: np.ndarray
    labelled: MatchedTruth

    def factors(self) -> dict[int, np.ndarray]:
        """Return what weights are fitted on, see `mimamo.ensembles.weights.factor`, of every fold's names."""
        folds = self.frames["fold"].to_numpy()[self.labelled.rows]
        truth = self.labelled.values
        return {
            fold: factor(self.values[:, self.labelled.rows[folds == fold]], truth[folds == fold])
            for fold in np.unique(folds).tolist()
        }

    def combined(self, weights: pd.DataFrame, members: Sequence[str]) -> np.ndarray:
        """Return the weighted means, of the names of every fold by the weights that are for them.

        Parameters
        ----------
        weights
            As `mimamo.ensembles.weights.fit_weights` returns them.
        members
            The names of the members, in the order of `values`.

        Returns
        -------
        numpy.ndarray
            (frames, dimensions)
        """
        found = np.empty(self.values.shape[1:])
        folds = self.frames["fold"].to_numpy()
        for fold in np.unique(folds).tolist():
            own = folds == fold
            found[own] = weighted_mean(self.values[:, own], weights_for(weights, members, str(fold)))
        return found


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weighted means of predictions.

    Parameters
    ----------
    values
        (members, frames, dimensions)
    weights
        (members, dimensions)

    Returns
    -------
    numpy.ndarray
        (frames, dimensions)
    """
    return np.einsum("mfd,md->fd", values, weights)


def combine_out_of_fold(
    members: Members,
    labels: str | PathLike,
    folds: str | PathLike,
    method: str,
    weights: str | PathLike,
    steps: str | PathLike,
    checks: str | PathLike,
    predictions: Sequence[str | PathLike],
) -> None:
    """Fit the weights of an ensemble and write its predictions, in the form of those of a single training.

    What is applied to the names of a fold is fitted on the names of the other folds; what is applied to the
    official validation set, where it is held out, on the names of all folds.

    Parameters
    ----------
    members
        Their out-of-fold predictions.
    labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    method
        One of `mimamo.ensembles.weights.METHODS`.
    weights, steps
        CSVs to write, see `mimamo.ensembles.weights.fit_weights`.
    checks
        CSV to write: every member by itself, see `mimamo.ensembles.leaks.describe_members`.
    predictions
        The CSVs to write, one a fold: name, role (score, validation), frame, valence, arousal.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.OutOfFold.read`, of any member.
    """
    names = list(members)
    found = read_members(members, labels, folds)
    table, selection = fit_weights(found.factors(), names, method)
    write_csv(table, weights)
    write_csv(selection, steps)
    write_csv(_describe(found, members, labels, folds), checks)
    scored = found.frames.assign(role="score")
    scored[list(DIMENSIONS)] = found.combined(table, names)
    for fold, path in enumerate(predictions):
        held_out = combine_rows(_of_fold(members, fold), "validation", table)
        write_csv(join_tables([scored[scored["fold"] == fold], held_out], _COLUMNS), path)
    logger.info(
        "%s over %d members, %d frames, %d of them labelled",
        *(method, len(names), len(found.frames), len(found.labelled.rows)),
    )


def _describe(
    found: MemberPredictions, members: Members, labels: str | PathLike, folds: str | PathLike
) -> pd.DataFrame:
    """Score every member by itself, on the names of every fold and on a held-out validation set."""
    rows, truth = found.labelled.rows, found.labelled.values
    numbers = found.frames["fold"].to_numpy()[rows]
    parts = {f"fold {fold}": numbers == fold for fold in np.unique(numbers).tolist()}
    values = {part: found.values[:, rows[own]] for part, own in parts.items()}
    truths = {part: truth[own] for part, own in parts.items()}
    if names := held_out_names(folds):
        # Of the first fold's networks: those of all folds saw the same of it.
        aligned = _align(_of_fold(members, 0), "validation")
        held_out = read_labels(labels, names)
        places = find_rows(aligned.frames, held_out)
        values["validation set"] = aligned.values()[:, places[places >= 0]]
        truths["validation set"] = held_out[list(DIMENSIONS)].to_numpy()[places >= 0]
    return describe_members(values, truths, list(members))


def combine_test(members: Members, weights: str | PathLike, predictions: Sequence[str | PathLike]) -> None:
    """Combine the members' predictions of the test names, fold by fold, by the weights for new names.

    Parameters
    ----------
    members
        Their predictions of the test names.
    weights
        The table that `combine_out_of_fold` wrote.
    predictions
        The CSVs to write, one a fold, in the form of those of a single training: its folds are then combined
        as those of one. Of means it makes no difference which is taken first.

    Raises
    ------
    InputError
        As for `mimamo.postprocessing.ensemble.read_rows`, of any member.
    """
    table = read_csv(weights)
    for fold, path in enumerate(predictions):
        write_csv(combine_rows(_of_fold(members, fold), "test", table), path)


def _of_fold(members: Members, fold: int) -> dict[str, list[str | PathLike]]:
    """Return of every member the files of one fold, one for each of its trainings."""
    return {member: [files[fold] for files in trainings] for member, trainings in members.items()}


def combine_rows(
    members: Mapping[str, Sequence[str | PathLike]], role: str, weights: pd.DataFrame
) -> pd.DataFrame:
    """Combine the rows of one role by the weights for new names: name, role, frame, valence, arousal.

    `members` are the files of each member's trainings, of one fold.
    """
    aligned = _align(members, role)
    table = aligned.frames.assign(role=role)
    table[list(DIMENSIONS)] = weighted_mean(aligned.values(), weights_for(weights, list(members)))
    return table[_COLUMNS]


def read_members(members: Members, labels: str | PathLike, folds: str | PathLike) -> MemberPredictions:
    """Read the out-of-fold predictions of all members; parameters as of `combine_out_of_fold`.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.OutOfFold.read`, of any member.
    """
    aligned = _Aligned()
    for member, trainings in members.items():
        for files in trainings:
            found = OutOfFold.read(files, labels, folds)
            aligned.add(member, found.predicted)
    # Every member predicts every labelled frame.
    truth = found.labelled.table
    return MemberPredictions(
        aligned.frames, aligned.values(), MatchedTruth(truth, find_rows(aligned.frames, truth))
    )


def _align(members: Mapping[str, Sequence[str | PathLike]], role: str) -> _Aligned:
    """Read the rows of one role of all members; `members` as for `combine_rows`."""
    aligned = _Aligned()
    for member, files in members.items():
        for path in files:
            aligned.add(member, read_rows(path, role))
    return aligned


class _Aligned:
    """Predictions of the frames that all tables have, one table after the other.

    Attributes
    ----------
    frames
        The columns beside valence and arousal, of the first table.
    """

    def __init__(self) -> None:
        self.frames = pd.DataFrame()
        self._sums: dict[str, np.ndarray] = {}
        self._trainings: dict[str, int] = {}

    def add(self, member: str, table: pd.DataFrame) -> None:
        """Add the predictions of a training of a member; `table` is sorted by name and frame."""
        if not self._sums:
            self.frames = table.drop(columns=list(DIMENSIONS))
        rows = find_rows(table, self.frames)
        if (missing := rows < 0).any():
            self.frames = self.frames[~missing].reset_index(drop=True)
            self._sums = {name: values[~missing] for name, values in self._sums.items()}
            rows = rows[~missing]
        values = table[list(DIMENSIONS)].to_numpy(np.float64)[rows]
        self._sums[member] = self._sums.get(member, 0.0) + values
        self._trainings[member] = self._trainings.get(member, 0) + 1

    def values(self) -> np.ndarray:
        """Return the mean of every member's trainings, (members, frames, dimensions)."""
        return np.stack([values / self._trainings[name] for name, values in self._sums.items()])
