"""The tables of a search: all its trials, and the best one as a run that one can keep."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from os import PathLike

import pandas as pd
import yaml

from mimamo.errors import InputError
from mimamo.evidence.run_comparison import training_cost
from mimamo.search.ranges import as_changes
from mimamo.search.trials import COMPLETE, Trial
from mimamo.storage.files import atomic_write, write_csv

logger = logging.getLogger(__name__)


def write_trials(
    trials: Sequence[Trial],
    durations: Mapping[int, Sequence[str | PathLike]],
    trainings: Mapping[int, Sequence[str | PathLike]],
    out: str | PathLike,
) -> None:
    """Write the table of all trials.

    Parameters
    ----------
    trials
        The trials, told.
    durations, trainings
        The benchmarks and the records of every trial's trainings, by its number.
    out
        CSV to write: trial, state, value (mean over folds of the best CCC on their stop names), epochs (of
        all folds together), hours (of its trainings together), processor, note, and the value of every
        searched key.
    """
    rows = [
        {
            "trial": trial.number,
            "state": trial.state,
            "value": trial.value,
            "epochs": sum(len(fold.curve) for fold in trial.folds),
            **training_cost(durations[trial.number], trainings[trial.number]),
            "note": next((fold.note for fold in trial.folds if fold.note), ""),
            # As JSON has them: six decimals would be too few of a learning rate.
            **{key: _text(value) for key, value in trial.parameters.items()},
        }
        for trial in trials
    ]
    write_csv(pd.DataFrame(rows), out)


def best_of(trials: Sequence[Trial]) -> Trial:
    """Return the trial with the highest value, the first of equal ones.

    Raises
    ------
    InputError
        Where none was trained to its end.
    """
    complete = [trial for trial in trials if trial.state == COMPLETE]
    if not complete:
        notes = [fold.note for trial in trials for fold in trial.folds if fold.note]
        raise InputError(
            f"None of the {len(trials)} trials of the search led to a usable network"
            f"{f', the first as: {notes[0]}' if notes else ''}; narrow search.ranges"
        )
    return max(complete, key=lambda trial: (trial.value, -trial.number))


def write_best(trials: Sequence[Trial], protocol: str, out: str | PathLike) -> None:
    """Write the best trial as a file of configuration with a run ``found``.

    Parameters
    ----------
    trials
        The trials, told.
    protocol
        ``merged`` or ``official``: which names the search has seen labels of.
    out
        The YAML file to write.

    Raises
    ------
    InputError
        As `best_of`.
    """
    best = best_of(trials)
    count = len(trials)
    logger.info("Best of %d trials: %d, with CCC %.3f on the stop names", count, best.number, best.value)
    seen = (
        "The official validation set had no part in it."
        if protocol == "official"
        else "A name that is scored in one fold may be a stop name of another: its out-of-fold CCC is\n"
        "# likely to be a little too good compared with that of a run without a search."
    )
    text = (
        f"# Trial {best.number} of a search of {count}, with CCC {best.value:.4f} on the stop names.\n"
        f"# {seen}\n"
        f"{yaml.safe_dump({'runs': {'found': as_changes(best.parameters)}}, sort_keys=False)}"
    )
    with atomic_write(out) as fresh:
        fresh.write_text(text, encoding="utf-8")


def _text(value: object) -> str:
    """Return a value as a field of the table."""
    return value if isinstance(value, str) else json.dumps(value)
