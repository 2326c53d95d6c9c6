"""The trials of a search, and the files that they are kept in."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.storage.files import atomic_write, read_csv

#: The states of a trial and of its folds.
RUNNING, COMPLETE, PRUNED, FAILED = "running", "complete", "pruned", "failed"


@dataclass(frozen=True)
class FoldOutcome:
    """What the training of one fold of a trial came to.

    Attributes
    ----------
    state
        `COMPLETE`, `PRUNED` (ended early, as its CCC was low) or `FAILED` (no usable network).
    curve
        The CCC on the stop names after every epoch, mean of valence and arousal; NaN where it is undefined.
    note
        Why it failed.
    average
        The CCC of the mean of its best epochs, where that is what is kept (``training.average``); else None.
    """

    state: str
    curve: tuple[float, ...]
    note: str = ""
    average: float | None = None

    @property
    def value(self) -> float:
        """The CCC on the stop names of what is kept, the best epoch; NaN where it is undefined in all."""
        if self.average is not None:
            return self.average
        return float(np.nanmax(self.curve)) if np.isfinite(self.curve).any() else math.nan


@dataclass(frozen=True)
class Trial:
    """One combination of values of a search.

    Attributes
    ----------
    number
        From 0, in the order in which they are asked for.
    parameters
        The value of every searched key.
    folds
        What the training of every fold came to; none while they are trained.
    """

    number: int
    parameters: Mapping[str, object]
    folds: tuple[FoldOutcome, ...] = ()

    @property
    def state(self) -> str:
        """One for all folds: failed where any failed, and pruned where most were."""
        if not self.folds:
            return RUNNING
        states = [fold.state for fold in self.folds]
        if FAILED in states:
            return FAILED
        # The CCC of a single fold is noisy: one low fold of a good trial is no reason to drop it.
        return PRUNED if states.count(PRUNED) > len(states) / 2 else COMPLETE

    @property
    def value(self) -> float:
        """The mean over folds of the best CCC on their stop names; NaN of a trial that failed or runs."""
        known = self.state in (COMPLETE, PRUNED)
        return float(np.mean([fold.value for fold in self.folds])) if known else math.nan

    @property
    def curve(self) -> dict[int, float]:
        """The mean CCC of the folds on their stop names, by epoch, where all folds have one."""
        means = [float(np.mean(values)) for values in zip(*(fold.curve for fold in self.folds), strict=False)]
        return {epoch: mean for epoch, mean in enumerate(means, start=1) if math.isfinite(mean)}


def stop_curve(rows: Iterable[Mapping[str, float]], of: str = "stop") -> tuple[float, ...]:
    """Return the CCC on the stop names, mean of valence and arousal, of every row of a history.

    Parameters
    ----------
    rows
        The rows.
    of
        What the columns begin with; NaN where there are no such ones.
    """
    return tuple(
        float(np.mean([float(row.get(f"{of}_ccc_{dimension}", np.nan)) for dimension in DIMENSIONS]))
        for row in rows
    )


def write_parameters(number: int, parameters: Mapping[str, object], path: str | PathLike) -> None:
    """Write the parameters of a trial that is asked for."""
    _write({"number": number, "parameters": parameters}, path)


def write_outcome(state: str, note: str, path: str | PathLike) -> None:
    """Write what the training of a fold came to, beside its history."""
    _write({"state": state, "note": note}, path)


def write_result(trial: Trial, path: str | PathLike) -> None:
    """Write a trial with what its folds came to."""
    folds = [
        {
            "state": fold.state,
            "ccc": [_or_none(value) for value in fold.curve],
            "note": fold.note,
            "average": fold.average,
        }
        for fold in trial.folds
    ]
    head = {"number": trial.number, "parameters": trial.parameters}
    _write({**head, "state": trial.state, "value": _or_none(trial.value), "folds": folds}, path)


def read_trial(path: str | PathLike) -> Trial:
    """Read a trial: with its folds, or its parameters alone."""
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    folds = tuple(
        FoldOutcome(
            fold["state"],
            tuple(math.nan if value is None else value for value in fold["ccc"]),
            fold["note"],
            fold["average"],
        )
        for fold in content.get("folds", ())
    )
    return Trial(content["number"], content["parameters"], folds)


def join_folds(
    parameters: str | PathLike, histories: Sequence[str | PathLike], outcomes: Sequence[str | PathLike]
) -> Trial:
    """Return a trial with its folds, by their histories alone.

    Parameters
    ----------
    parameters
        The file of its parameters.
    histories, outcomes
        The history and the outcome of every fold, in their order.
    """
    folds = []
    for history, outcome in zip(histories, outcomes, strict=True):
        content = json.loads(Path(outcome).read_text(encoding="utf-8"))
        rows = read_csv(history).to_dict("records")
        average = stop_curve(rows[-1:], "average_stop") if rows else ()
        kept = average[0] if average and math.isfinite(average[0]) else None
        folds.append(FoldOutcome(content["state"], stop_curve(rows), content["note"], kept))
    asked = read_trial(parameters)
    return Trial(asked.number, asked.parameters, tuple(folds))


def _or_none(value: float) -> float | None:
    """Return a number, or None where it is none: JSON has no NaN."""
    return value if math.isfinite(value) else None


def _write(content: Mapping[str, object], path: str | PathLike) -> None:
    """Write a JSON file."""
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
