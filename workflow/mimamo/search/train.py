"""The training of one fold of a trial: that of the configured run, with the trial's values."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import pandas as pd

from mimamo.dataset.folds import check_sides
from mimamo.distributed import SINGLE_PROCESS, ProcessGroup
from mimamo.runs import changed_config
from mimamo.search.ranges import as_changes
from mimamo.search.study import FoldPruner
from mimamo.search.trials import COMPLETE, FAILED, PRUNED, read_trial, write_outcome
from mimamo.storage.files import write_csv
from mimamo.training.history import COLUMNS, FailedTraining
from mimamo.training.loop import train_fold

logger = logging.getLogger(__name__)


def train_trial(
    fold: int,
    parameters: str | PathLike,
    earlier: Sequence[str | PathLike],
    prune: float,
    sections: Mapping[str, dict],
    folds_csv: Path,
    history: Path,
    outcome: Path,
    state: Path,
    process_group: ProcessGroup = SINGLE_PROCESS,
    **arguments: object,
) -> None:
    """Train a fold with the values of a trial; write its history and what it came to.

    Parameters
    ----------
    fold
        The fold's number.
    parameters
        The file of the trial's parameters.
    earlier
        The files of the trials that it is compared with, to end early where it is worse.
    prune
        See `FoldPruner`.
    sections
        The sections ``network``, ``training`` and ``streams`` that the trial changes.
    folds_csv, state, process_group, arguments
        As for `mimamo.training.loop.train_fold`.
    history, outcome
        The files to write.

    Raises
    ------
    InputError
        Where a name that is scored, or another one of its group, is one to train on or to stop by; else as
        `train_fold`, but not where the trial's values lead to no usable network: that is an outcome.
    """
    check_sides(folds_csv)
    changed = changed_config(sections, as_changes(read_trial(parameters).parameters))
    trials = [read_trial(path) for path in earlier]
    pruner = FoldPruner.of_trials(trials, fold, prune, changed["training"]["epochs"])
    note = ""
    try:
        pruned = train_fold(
            fold=fold,
            folds_csv=folds_csv,
            **changed,
            checkpoint=None,
            history=history,
            state=state,
            process_group=process_group,
            prune=pruner,
            **arguments,
        )
        found = PRUNED if pruned else COMPLETE
    except FailedTraining as error:
        found, note = FAILED, str(error)
        logger.warning("%s", error)
        if process_group.is_main:
            write_csv(pd.DataFrame(error.rows, columns=list(COLUMNS)), history)
            shutil.rmtree(state, ignore_errors=True)
    if process_group.is_main:
        write_outcome(found, note, outcome)
