"""What ensembling, smoothing and gap filling are worth, on names that none of them was fitted on.

Out of fold there is one network for every name, so there is nothing to combine; smoothing is scored nested:
what is applied to a fold's names was chosen on the other folds. The official validation set, where the
protocol holds it out, has all folds' networks, and there ensemble, smoothing and gap filling are scored as a
submission is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.layout import Corpus
from mimamo.dataset.labels import read_labels
from mimamo.evaluation.bootstrap import difference_columns, read_groups, score_columns
from mimamo.evaluation.scores import out_of_fold, read_scored
from mimamo.postprocessing.ensemble import METHODS, combine, read_folds
from mimamo.postprocessing.fit import NEW_NAMES, OPTIONS, Option, read_treatments
from mimamo.postprocessing.gaps import POLICIES, fill_table, known_lengths, label_means
from mimamo.postprocessing.smoothing import treat
from mimamo.storage.files import read_csv, write_csv

logger = logging.getLogger(__name__)

#: What the variants are scored on.
OUT_OF_FOLD, VALIDATION = "out of fold", "validation set"
#: The policy where gaps are not filled and only frames with a crop count.
UNFILLED = "none"
#: The ensemble of names that one network predicts.
SINGLE = "one network"
TRUTHS = {dimension: f"true_{dimension}" for dimension in DIMENSIONS}


@dataclass(frozen=True)
class Variant:
    """What was done to the predictions that are scored.

    Attributes
    ----------
    kind
        What differs among the variants that it is compared with: ensemble, smoothing, gaps.
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
        """Return the columns that name the variant."""
        kinds = {"kind": self.kind, "scored_on": self.scored_on, "ensemble": self.ensemble}
        return kinds | {
            "smoothing": self.option.smoothing,
            "delay": self.option.delay_word,
            "gaps": self.gaps,
        }


@dataclass(frozen=True)
class Fitted:
    """What is needed to make variants of one run's predictions: its files and what was fitted."""

    predictions: Sequence[str | PathLike]
    labels: str | PathLike
    folds: str | PathLike
    weights: str | PathLike
    choices: str | PathLike


def score_variants(
    fitted: Fitted,
    audit: str | PathLike,
    data: Mapping[str, object],
    root: str,
    configured: Mapping[str, object],
    out: str | PathLike,
    remark: str = "",
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
        without a crop, which no label table has.
    configured
        ``ensemble``, ``smoothing``, ``delay`` and ``gaps`` of the configuration.
    out
        CSV to write: kind, scored_on, ensemble, smoothing, delay, gaps, configured (yes for what the
        configuration says), frames, ccc_* with intervals, difference_* with intervals against the first
        variant of the same kind, note. Where gaps are filled all annotated frames count.
    remark
        What is told with the scores.

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
    series = [out_of_fold_smoothings(fitted)]
    if names := validation_names(fitted.folds):
        corpus = Corpus.from_config({"data": data}, root)
        series += validation_series(fitted, names, audit, corpus, configured)
    rows = [
        variant.as_row()
        | {"configured": "yes" if _is_configured(variant, configured) else "no", "frames": len(joined)}
        | score_columns(joined, groups)
        | difference_columns(joined, reference, groups)
        | {"note": remark}
        for tables in series
        for reference in [next(iter(tables.values()))]
        for variant, joined in tables.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    logger.info("%d variants scored%s", len(table), f" ({remark})" if remark else "")
    return table


def validation_names(folds: str | PathLike) -> list[str]:
    """Return the validation names that no fold has seen; none where the protocol merges the sets."""
    table = read_csv(folds)
    return sorted(set(table[table["role"] == "validation"]["name"]))


def _is_configured(variant: Variant, configured: Mapping[str, object]) -> bool:
    asked = Option(str(configured["smoothing"]), bool(configured["delay"]))
    return (
        variant.ensemble in (configured["ensemble"], SINGLE)
        and variant.option == asked
        and variant.gaps in (UNFILLED, configured["gaps"])
    )


# Out of fold ----------------------------------------------------------------------------------------------


def out_of_fold_smoothings(fitted: Fitted) -> dict[Variant, pd.DataFrame]:
    """Smooth every fold's names with what was chosen on the other folds."""
    predicted = read_scored(fitted.predictions)
    truth = out_of_fold(fitted.predictions, fitted.labels, fitted.folds)[["name", "frame", *TRUTHS.values()]]
    found = {}
    for option in OPTIONS:
        parts = [
            treat(part.sort_values(["name", "frame"], ignore_index=True), choice)
            for fold, part in predicted.groupby("fold", sort=True)
            for choice in [read_treatments(fitted.choices, option, str(fold))]
        ]
        joined = truth.merge(pd.concat(parts), on=["name", "frame"])
        found[Variant("smoothing", OUT_OF_FOLD, SINGLE, option)] = joined
    return found


# The official validation set ------------------------------------------------------------------------------


def validation_series(
    fitted: Fitted,
    names: Sequence[str],
    audit: str | PathLike,
    corpus: Corpus,
    configured: Mapping[str, object],
) -> Iterator[dict[Variant, pd.DataFrame]]:
    """Yield the ensembles, the smoothings of the configured one, and the policies of that as configured."""
    seen = validation_truth(fitted.labels, names)
    ensemble, plain = str(configured["ensemble"]), OPTIONS[0]
    asked = Option(str(configured["smoothing"]), bool(configured["delay"]))
    made = {method: ensemble_of(fitted, method) for method in METHODS}
    yield {
        Variant("ensemble", VALIDATION, method, plain): seen.merge(table, on=["name", "frame"])
        for method, table in made.items()
    }
    smoothed = {
        option: treat(made[ensemble], read_treatments(fitted.choices, option, NEW_NAMES))
        for option in OPTIONS
    }
    yield {
        Variant("smoothing", VALIDATION, ensemble, option): seen.merge(table, on=["name", "frame"])
        for option, table in smoothed.items()
    }
    annotated = annotated_truth(corpus, names)
    lengths = lengths_of(audit, names, annotated)
    means = label_means(fitted.labels, fitted.folds)
    yield {
        Variant("gaps", VALIDATION, ensemble, asked, policy): annotated.merge(
            fill_table(smoothed[asked], lengths, policy, means), on=["name", "frame"]
        )
        for policy in POLICIES
    }


def ensemble_of(fitted: Fitted, method: str) -> pd.DataFrame:
    """Combine all folds' predictions of the validation set: name, frame, valence, arousal."""
    return combine(read_folds(fitted.predictions, "validation"), method, read_csv(fitted.weights))


def validation_truth(labels: str | PathLike, names: Sequence[str]) -> pd.DataFrame:
    """Return name, frame, true_valence and true_arousal of the labelled frames, all of which have a crop."""
    table = read_labels(labels)
    return table[table["name"].isin(names)].rename(columns=TRUTHS)


def annotated_truth(corpus: Corpus, names: Sequence[str]) -> pd.DataFrame:
    """Return name, frame, true_valence and true_arousal of all annotated frames, with and without a crop."""
    parts = []
    for name in names:
        annotations = read_annotations(corpus.validation / f"{name}.txt")
        frames = annotations.frames()
        values = {TRUTHS[d]: getattr(annotations, d)[frames - 1] for d in DIMENSIONS}
        parts.append(pd.DataFrame({"name": name, "frame": frames, **values}))
    return pd.concat(parts, ignore_index=True)


def lengths_of(audit: str | PathLike, names: Sequence[str], annotated: pd.DataFrame) -> dict[str, int]:
    """Return the length of every video, no less than its last annotated frame."""
    table = read_audit(audit)
    lengths = known_lengths(table[table["name"].isin(names)])
    last = annotated.groupby("name")["frame"].max()
    return {name: max(lengths[name], int(last.get(name, 0))) for name in names}
