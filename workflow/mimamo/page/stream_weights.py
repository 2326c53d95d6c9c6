"""The weights that attention gives the streams: by fold, by person, and over the time of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.storage.files import read_csv
from mimamo.streams import WEIGHT_COLUMN


@dataclass(frozen=True)
class StreamWeights:
    """The weights of every stream in the frames that were predicted.

    Attributes
    ----------
    streams
        The streams' names.
    out_of_fold, test
        name, frame, a column a stream, and of the first also fold; of several networks the mean.
    """

    streams: list[str]
    out_of_fold: pd.DataFrame
    test: pd.DataFrame

    @classmethod
    def read(
        cls, out_of_fold: Sequence[str | PathLike], test: Sequence[str | PathLike]
    ) -> StreamWeights | None:
        """Read the tables of all folds, in their order; None where there are none.

        Parameters
        ----------
        out_of_fold, test
            The tables that `mimamo.model.inference.predict_fold` writes; those that are absent are left out.
        """
        first, last = (
            [read_csv(path).assign(fold=fold) for fold, path in enumerate(paths) if Path(path).is_file()]
            for paths in (out_of_fold, test)
        )
        if not first and not last:
            return None
        columns = [column for column in (first or last)[0] if column.startswith(WEIGHT_COLUMN)]
        names = {column: column.removeprefix(WEIGHT_COLUMN) for column in columns}
        empty = pd.DataFrame(columns=["name", "role", "frame", *columns, "fold"])
        scored, tested = (pd.concat(tables) if tables else empty for tables in (first, last))
        # Names that all folds predict are those of the official validation set and the test names.
        scored = scored[scored["role"] == "score"]
        mean = tested.groupby(["name", "frame"], as_index=False)[columns].mean()
        return cls(list(names.values()), scored.rename(columns=names), mean.rename(columns=names))

    def rows(self, groups: Mapping[str, str]) -> list[dict[str, object]]:
        """Return the mean weight of every stream in all frames, those of each fold, and those of each person.

        Parameters
        ----------
        groups
            The person group of every name that was scored.

        Returns
        -------
        list of dict
            label, kind (all, fold, person, test), frames, and weights in the order of the streams.
        """
        table = self.out_of_fold
        people = table.groupby(table["name"].map(lambda name: groups.get(name, name)))
        parts = [
            ("all folds", "all", table),
            *((f"fold {fold}", "fold", part) for fold, part in table.groupby("fold")),
            ("test names, all networks", "test", self.test),
            *((str(person), "person", part) for person, part in people),
        ]
        return [
            {
                "label": label,
                "kind": kind,
                "frames": len(part),
                "weights": part[self.streams].mean().tolist(),
            }
            for label, kind, part in parts
            if len(part)
        ]

    @cached_property
    def _scored_names(self) -> dict[str, pd.DataFrame]:
        """The rows of every scored name: to look for them anew for each of many videos would take long."""
        return dict(list(self.out_of_fold.groupby("name")))

    @cached_property
    def _test_names(self) -> dict[str, pd.DataFrame]:
        """The rows of every test name."""
        return dict(list(self.test.groupby("name")))

    def over_time(self, name: str, test: bool, frames: int) -> dict[str, np.ndarray] | None:
        """Return the weights (frames,) of every stream in a video, NaN in frames without; None without any.

        Parameters
        ----------
        name, test
            The video, and whether it is a test name.
        frames
            The number of its frames.
        """
        rows = (self._test_names if test else self._scored_names).get(name)
        if rows is None:
            return None
        values = {stream: np.full(frames, np.nan) for stream in self.streams}
        for stream, column in values.items():
            column[rows["frame"].to_numpy(dtype=int) - 1] = rows[stream]
        return values
