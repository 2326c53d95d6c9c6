"""Comparison of runs: out-of-fold scores of every variant over its seeds, and the choice of the best."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import GroupSums, difference_columns, read_groups, score_columns
from mimamo.evaluation.scores import out_of_fold_sums
from mimamo.evidence.compared_scores import log_compared
from mimamo.evidence.run_choice import choose
from mimamo.evidence.variants import UNFILLED, VALIDATION
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainedRun:
    """Files of a training with one seed.

    Attributes
    ----------
    predictions
        Its CSV of every fold, in the order of the folds.
    folds
        Its folds.csv.
    trainings
        The record of every fold's training.
    durations
        The benchmark of every fold's training, a table of Snakemake; those that do not exist are left out.
    """

    predictions: Sequence[str | PathLike]
    folds: str | PathLike
    trainings: Sequence[str | PathLike]
    durations: Sequence[str | PathLike]

    @classmethod
    def of_folder(cls, folder: str, count: int, folds: str | PathLike) -> TrainedRun:
        """Find the files of a run by its folder below ``results/`` and the number of its folds."""

        def files(pattern: str) -> list[str]:
            """Return the file of every fold."""
            return [f"results/{pattern}".format(run=folder, fold=fold) for fold in range(count)]

        return cls(
            files("{run}predictions/fold{fold}.csv"),
            folds,
            files("{run}train/fold{fold}/model.json"),
            files("benchmarks/{run}train/fold{fold}.tsv"),
        )


def compare_runs(
    variants: Mapping[str, Sequence[TrainedRun]],
    changes: Mapping[str, str],
    labels: str | PathLike,
    held_out: Mapping[str, str | PathLike],
    out: str | PathLike,
    choice_out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Score every variant out of fold, beside the configured run, and say what choosing the best is worth.

    Parameters
    ----------
    variants
        The runs of every variant, one for each seed; first those of the configured run.
    changes
        What differs from the configuration, in words, by variant.
    labels
        Folder of labels, one CSV a name.
    held_out
        variants.csv by variant, of its first seed, where the official validation set is held out; else empty.
    out
        CSV to write, one row a variant: run, seeds, changes, ccc_* (mean over seeds) with intervals over
        people, spread_* (standard deviation over seeds), difference_* to the first variant with intervals,
        frames, hours (of all its trainings together), processor (what they ran on), note.
    choice_out
        CSV to write, one row: see `mimamo.evidence.run_choice.Choice`.
    caveat
        Caveat to write and log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table of variants.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.score_folds`.
    """
    first = next(iter(variants.values()))[0]
    groups = read_groups(first.folds)
    scored = {
        name: [out_of_fold_sums(run.predictions, labels, run.folds, groups) for run in runs]
        for name, runs in variants.items()
    }
    reference = next(iter(scored.values()))
    rows = [
        {"run": name, "seeds": len(sums), "changes": changes[name]}
        | score_columns(*sums)
        | _spread(sums)
        | difference_columns(sums, reference)
        | {"frames": sums[0].frames}
        | training_cost(
            [path for run in variants[name] for path in run.durations],
            [path for run in variants[name] for path in run.trainings],
        )
        | {"note": caveat}
        for name, sums in scored.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    choice = choose(scored, _folds_of_groups(first.folds))
    validation = _validation_scores(held_out[choice.best]) if held_out else {}
    write_csv(pd.DataFrame([choice.as_row() | validation]), choice_out)
    log_compared(logger, rows, lambda row: row["run"], caveat, choice.sentence())
    return table


def _spread(sums: Sequence[GroupSums]) -> dict[str, float]:
    """Return the standard deviation of the CCC over seeds; NaN with a single one."""
    return {
        f"spread_{dimension}": float(np.std([one.ccc(i) for one in sums], ddof=1))
        if len(sums) > 1
        else np.nan
        for i, dimension in enumerate(DIMENSIONS)
    }


def training_cost(
    durations: Iterable[str | PathLike], trainings: Iterable[str | PathLike]
) -> dict[str, object]:
    """Return the hours of some trainings together, and what they ran on.

    Parameters
    ----------
    durations, trainings
        The benchmark and the record of each, see `TrainedRun`.
    """
    seconds = [float(read_csv(path, sep="\t")["s"].iloc[-1]) for path in durations if Path(path).is_file()]
    records = [json.loads(Path(path).read_text(encoding="utf-8")) for path in trainings]
    machines = [record.get("machine", {}) for record in records]
    processors = dict.fromkeys(machine.get("gpu") or "CPU" for machine in machines)
    return {"hours": sum(seconds) / 3600 if seconds else np.nan, "processor": ", ".join(processors)}


def _folds_of_groups(folds: str | PathLike) -> dict[str, int]:
    """Return the fold that every person group is scored in."""
    table = read_csv(folds)
    scored = table[table["role"] == "score"]
    return dict(zip(scored["group"], scored["fold"].astype(int), strict=True))


def _validation_scores(variants: str | PathLike) -> dict[str, float]:
    """Return the scores of a run's ensemble on the official validation set, where nothing was chosen."""
    table = read_csv(variants)
    rows = table[
        (table["scored_on"] == VALIDATION) & (table["configured"] == "yes") & (table["gaps"] == UNFILLED)
    ]
    if rows.empty:
        return {}
    row = rows.iloc[0]
    return {
        f"validation_{dimension}{end}": row[f"ccc_{dimension}{end}"]
        for dimension in DIMENSIONS
        for end in ("", "_low", "_high")
    }
