"""Predictions of the test names: the ensemble of the folds' models, smoothed as configured."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from os import PathLike

import pandas as pd

from mimamo.postprocessing.ensemble import combine, read_folds
from mimamo.postprocessing.fit import Option, read_treatments
from mimamo.postprocessing.smoothing import treat
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)


def combine_test_names(
    predictions: Sequence[str | PathLike],
    weights: str | PathLike | None,
    choices: str | PathLike | None,
    out: str | PathLike,
    ensemble: str = "mean",
    smoothing: str = "none",
    delay: bool = False,
) -> pd.DataFrame:
    """Combine the folds' predictions of the test names, smooth them and write ensemble.csv.

    Parameters
    ----------
    predictions
        One CSV per fold, in the order of the folds: name, role, frame, valence, arousal. The rows with role
        ``test`` are used.
    weights, choices
        The tables of `mimamo.postprocessing.fit.fit_postprocessing`; None where the models were not
        trained here, with `ensemble` not weighted and nothing smoothed.
    out
        The CSV to write: name, frame, valence, arousal, sorted by name and frame, in the labels' range.
    ensemble, smoothing, delay
        The section ``postprocessing`` of the configuration.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        As for `mimamo.postprocessing.ensemble.read_folds`.
    """
    tables = read_folds(predictions, "test")
    table = combine(tables, ensemble, None if weights is None else read_csv(weights))
    if choices is not None:
        table = treat(table, read_treatments(choices, Option(smoothing, delay)))
    write_csv(table, out)
    logger.info(
        "Ensemble %s of %d folds, smoothing %s, over %d frames of %d names",
        *(ensemble, len(tables), smoothing, len(table), table["name"].nunique()),
    )
    return table
