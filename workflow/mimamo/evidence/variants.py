"""Scores of ensembling, smoothing and gap filling, on names that none of them was fitted on.

Out of fold each name is predicted by one network, so there is no ensemble; smoothing is scored nested: what
is applied to a fold's names was chosen on the other folds. The official validation set, where the protocol
holds it out, is predicted by all folds' networks, and there ensemble, smoothing and gap filling are scored as
in a submission.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.layout import Corpus
from mimamo.dataset.labels import read_labels
from mimamo.evaluation.bootstrap import GroupSums, read_groups
from mimamo.evaluation.ccc_sums import TRUTHS
from mimamo.evaluation.matched_truth import MatchedTruth
from mimamo.evaluation.scores import OutOfFold
from mimamo.evidence.compared_scores import compared_columns
from mimamo.postprocessing.ensemble import METHODS, combine, read_folds
from mimamo.postprocessing.fit import NEW_NAMES, OPTIONS, Option, read_treatments
from mimamo.postprocessing.gaps import POLICIES, fill_videos, known_lengths, label_means
from mimamo.postprocessing.smoothing import treat, treat_each
from mimamo.storage.files import join_tables, read_csv, write_csv
from mimamo.storage.frame_rows import find_rows

logger = logging.getLogger(__name__)

#: What the variants are scored on.
OUT_OF_FOLD, VALIDATION = "out of fold", "validation set"
#: The policy where gaps are not filled and only frames with a crop count.
UNFILLED = "none"
#: Value of `Variant.ensemble` for names that a single network predicts.
SINGLE = "one network"


@dataclass(frozen=True)
class Variant:
    """The postprocessing of scored predictions.

    Attributes
    ----------
    kind
        What differs between the variants that are compared: ensemble, smoothing, gaps.
    scored_on
        `OUT_OF_FOLD` or `VALIDATION`.
    ensemble
        One of `mimamo.postprocessing.ensemble.METHODS`, or `SINGLE`.
    option
        Smoothing and delay.
    gaps
        The policy; `UNFILLED` where only frames with a crop are scored.
    """

    kind: str
    scored_on: str
    ensemble: str
    option: Option
    gaps: str = UNFILLED

    def as_row(self) -> dict[str, str]:
        """Return the columns that identify the variant."""
        kinds = {"kind": self.kind, "scored_on": self.scored_on, "ensemble": self.ensemble}
        return kinds | {
            "smoothing": self.option.smoothing,
            "delay": self.option.delay_label,
            "gaps": self.gaps,
        }


@dataclass(frozen=True)
class FittedRun:
    """Files of one run that variants of its predictions are computed from.

    Attributes
    ----------
    predictions
        One CSV per fold, in the order of the folds.
    labels
        Folder of labels, one CSV a name.
    folds
        folds.csv.
    weights, choices
        The tables of `mimamo.postprocessing.fit.fit_postprocessing`.
    """

    predictions: Sequence[str | PathLike]
    labels: str | PathLike
    folds: str | PathLike
    weights: str | PathLike
    choices: str | PathLike


def score_variants(
    fitted: FittedRun,
    audit: str | PathLike,
    data: Mapping[str, object],
    root: str,
    configured: Mapping[str, object],
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Score every variant and write variants.csv.

    Parameters
    ----------
    fitted
        The run.
    audit
        audit.csv, for the lengths of the validation videos.
    data, root
        The section ``data`` of the configuration, and the data set's folder, for the annotations of frames
        without a crop, which label tables do not have.
    configured
        ``ensemble``, ``smoothing``, ``delay`` and ``gaps`` of the configuration.
    out
        CSV to write: kind, scored_on, ensemble, smoothing, delay, gaps, configured (yes for the configured
        variant), frames, ccc_* with intervals, difference_* with intervals against the first
        variant of the same kind, note. Where gaps are filled all annotated frames count.
    caveat
        Caveat to write and log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.out_of_fold` and `mimamo.postprocessing.ensemble.read_folds`.
    """
    groups = read_groups(fitted.folds)
    series = [out_of_fold_smoothings(fitted, groups)]
    if names := validation_names(fitted.folds):
        corpus = Corpus.from_config({"data": data}, root)
        series += validation_series(fitted, names, audit, corpus, configured, groups)
    rows = [
        variant.as_row()
        | {"configured": "yes" if _is_configured(variant, configured) else "no", "frames": sums.frames}
        | compared_columns(sums, reference)
        | {"note": caveat}
        for scored in series
        for reference in [next(iter(scored.values()))]
        for variant, sums in scored.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    logger.info("%d variants scored%s", len(table), f" ({caveat})" if caveat else "")
    return table


def validation_names(folds: str | PathLike) -> list[str]:
    """Return the validation names that no fold has seen; none where the protocol merges the sets."""
    table = read_csv(folds)
    return sorted(set(table[table["role"] == "validation"]["name"]))


def _is_configured(variant: Variant, configured: Mapping[str, object]) -> bool:
    """Return whether a variant is what the configuration asks for, as far as it is applied."""
    option = Option(str(configured["smoothing"]), bool(configured["delay"]))
    return (
        variant.ensemble in (configured["ensemble"], SINGLE)
        and variant.option == option
        and variant.gaps in (UNFILLED, configured["gaps"])
    )


# Out of fold ----------------------------------------------------------------------------------------------


def out_of_fold_smoothings(
    fitted: FittedRun, groups: Mapping[str, str], options: Sequence[Option] = OPTIONS
) -> dict[Variant, GroupSums]:
    """Return the sums by smoothing, each fold's names smoothed as chosen on the other folds."""
    found = OutOfFold.read(fitted.predictions, fitted.labels, fitted.folds)
    sums: dict[Option, list[tuple[np.ndarray, np.ndarray]]] = {option: [] for option in options}
    for fold, part in found.by_fold():
        for option, treated in _treated(part.predicted, fitted, str(fold), options):
            sums[option].append(part.labelled.sums(treated[list(DIMENSIONS)].to_numpy()))
    return {
        Variant("smoothing", OUT_OF_FOLD, SINGLE, option): GroupSums.of_names(
            *map(np.concatenate, zip(*by_fold, strict=True)), groups
        )
        for option, by_fold in sums.items()
    }


def _treated(
    predicted: pd.DataFrame, fitted: FittedRun, target: str, options: Sequence[Option] = OPTIONS
) -> Iterator[tuple[Option, pd.DataFrame]]:
    """Yield every option, and predictions smoothed and delayed as it chose for `target`."""
    choices = (read_treatments(fitted.choices, option, target) for option in options)
    return zip(options, treat_each(predicted, choices), strict=True)


# The official validation set ------------------------------------------------------------------------------


def validation_series(
    fitted: FittedRun,
    names: Sequence[str],
    audit: str | PathLike,
    corpus: Corpus,
    configured: Mapping[str, object],
    groups: Mapping[str, str],
) -> Iterator[dict[Variant, GroupSums]]:
    """Yield the sums over the validation set by variant, one series for each kind.

    First all ensembles, then all smoothings of the configured ensemble, then all gap policies of the
    configured ensemble and smoothing.
    """
    ensemble, plain = str(configured["ensemble"]), OPTIONS[0]
    configured_option = Option(str(configured["smoothing"]), bool(configured["delay"]))
    predictions, weights = read_folds(fitted.predictions, "validation"), read_csv(fitted.weights)
    truth = validation_truth(fitted.labels, names)
    labelled = MatchedTruth.of_found(truth, find_rows(predictions[0], truth))

    def sums_of(table: pd.DataFrame) -> GroupSums:
        """Return the sums over the labelled frames."""
        return labelled.group_sums(table[list(DIMENSIONS)].to_numpy(), groups)

    yield {
        Variant("ensemble", VALIDATION, method, plain): sums_of(combine(predictions, method, weights))
        for method in METHODS
    }
    combined = combine(predictions, ensemble, weights)
    del predictions
    yield {
        Variant("smoothing", VALIDATION, ensemble, option): sums_of(table)
        for option, table in _treated(combined, fitted, NEW_NAMES)
    }
    smoothed = treat(combined, read_treatments(fitted.choices, configured_option))
    annotated = annotated_truth(corpus, names)
    lengths = lengths_of(audit, names, annotated)
    means = label_means(fitted.labels, fitted.folds)
    scored = {}
    for policy in POLICIES:
        filled = fill_videos(smoothed, lengths, policy, means)
        matched = MatchedTruth.of_found(annotated, filled.rows_of(annotated))
        variant = Variant("gaps", VALIDATION, ensemble, configured_option, policy)
        scored[variant] = matched.group_sums(filled.values, groups)
    yield scored


def ensemble_of(fitted: FittedRun, method: str) -> pd.DataFrame:
    """Combine all folds' predictions of the validation set: name, frame, valence, arousal."""
    return combine(read_folds(fitted.predictions, "validation"), method, read_csv(fitted.weights))


def validation_sums(table: pd.DataFrame, truth: pd.DataFrame, groups: Mapping[str, str]) -> GroupSums:
    """Return the sums over the labelled frames of the validation set of a table of predictions.

    Parameters
    ----------
    table
        name, frame, valence, arousal.
    truth
        As `validation_truth` returns it.
    groups
        The person group of every name.
    """
    matched = MatchedTruth.of_found(truth, find_rows(table, truth))
    return matched.group_sums(table[list(DIMENSIONS)].to_numpy(), groups)


def validation_truth(labels: str | PathLike, names: Sequence[str]) -> pd.DataFrame:
    """Return name, frame, true_valence and true_arousal of the labelled frames, all of which have a crop."""
    return read_labels(labels, names).rename(columns=dict(zip(DIMENSIONS, TRUTHS, strict=True)))


def annotated_truth(corpus: Corpus, names: Sequence[str]) -> pd.DataFrame:
    """Return name, frame, true_valence and true_arousal of all annotated frames, with and without a crop."""
    tables = []
    for name in names:
        annotations = read_annotations(corpus.validation / f"{name}.txt")
        frames = annotations.frames()
        values = {f"true_{d}": getattr(annotations, d)[frames - 1] for d in DIMENSIONS}
        tables.append(pd.DataFrame({"name": name, "frame": frames, **values}))
    return join_tables(tables, ["name", "frame", *TRUTHS])


def lengths_of(audit: str | PathLike, names: Sequence[str], annotated: pd.DataFrame) -> dict[str, int]:
    """Return the length of every video, no less than its last annotated frame."""
    table = read_audit(audit)
    lengths = known_lengths(table[table["name"].isin(names)])
    last = annotated.groupby("name")["frame"].max()
    return {name: max(lengths[name], int(last.get(name, 0))) for name in names}
