"""The truth of labelled frames, matched once with rows of predictions whose values may then change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mimamo.evaluation.bootstrap import GroupSums
from mimamo.evaluation.ccc_sums import TRUTHS, run_sums
from mimamo.storage.frame_rows import run_starts


@dataclass(frozen=True)
class MatchedTruth:
    """The truth of labelled frames, and the row of predictions that each is compared with.

    Attributes
    ----------
    table
        name, frame, true_valence, true_arousal, sorted by name and frame.
    rows
        The row of the predictions of every row of `table`; int64.
    """

    table: pd.DataFrame
    rows: np.ndarray

    @classmethod
    def of_found(cls, table: pd.DataFrame, rows: np.ndarray) -> MatchedTruth:
        """Match what has a prediction; `rows` are below 0 where a row of `table` has none."""
        return cls(table[rows >= 0].reset_index(drop=True), rows[rows >= 0])

    @property
    def values(self) -> np.ndarray:
        """The true valence and arousal, (frames, 2)."""
        return self.table[TRUTHS].to_numpy(np.float64)

    def sums(self, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Add up truth and prediction by names.

        Parameters
        ----------
        predicted
            Valence and arousal of every row of the predictions, (rows, 2).

        Returns
        -------
        names : numpy.ndarray
            The names with a labelled frame, sorted.
        sums : numpy.ndarray
            (names, dimensions, 6), see `mimamo.evaluation.ccc_sums.video_sums`.
        """
        names = self.table["name"].to_numpy()
        starts = run_starts(names)
        return names[starts], run_sums(self.values, predicted[self.rows], starts)

    def group_sums(self, predicted: np.ndarray, groups: Mapping[str, str]) -> GroupSums:
        """Add up truth and prediction, see `sums`, by the person group of every name."""
        return GroupSums.of_names(*self.sums(predicted), groups)
