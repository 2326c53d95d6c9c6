"""Cost of frames without a crop: gaps of the test names are masked into names with truth, and filled.

The truth of test names is not known, and names of which the truth is known mostly have a crop where they are
labelled. So from each labelled name the frames are removed that a test name lacks, and every policy of
`mimamo.postprocessing.gaps` fills them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from os import PathLike

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit, read_usable_crops
from mimamo.evaluation.bootstrap import difference_columns, read_groups, score_columns
from mimamo.evaluation.matched_truth import MatchedTruth
from mimamo.evaluation.scores import OutOfFold
from mimamo.evidence.variants import FittedRun, ensemble_of, validation_names, validation_truth
from mimamo.postprocessing.gaps import POLICIES, fill_videos, known_lengths, label_means
from mimamo.storage.files import write_csv
from mimamo.storage.frame_rows import find_rows, run_starts

logger = logging.getLogger(__name__)

#: The reference that the policies are compared with: every frame has its own prediction.
NO_GAPS = "no gaps"


def score_gap_policies(
    fitted: FittedRun,
    audit: str | PathLike,
    frames: str | PathLike,
    ensemble: str,
    configured: str,
    out: str | PathLike,
    caveat: str = "",
) -> pd.DataFrame:
    """Score every gap policy where real gaps are masked into names with truth.

    Parameters
    ----------
    fitted
        The run: its validation set, predicted by the ensemble of folds, or where the protocol merges the
        sets all its names, out of fold.
    audit
        audit.csv, for subsets and lengths.
    frames
        The audit's table of usable crops.
    ensemble
        How the folds are combined.
    configured
        The policy that is configured.
    out
        CSV to write: policy (`NO_GAPS`, or one of `mimamo.postprocessing.gaps.POLICIES`), configured (yes or
        no), ccc_* with intervals, frames, masked (frames with truth that were removed), difference_* with
        intervals against `NO_GAPS`, note.
    caveat
        Caveat to write with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.
    """
    predicted, truth = held_out_predictions(fitted, ensemble)
    names, groups = read_audit(audit), read_groups(fitted.folds)
    known, predicted_names = known_lengths(names), predicted["name"].to_numpy()
    lengths = {name: known[name] for name in predicted_names[run_starts(predicted_names)]}
    kept = mask_gaps(predicted, lengths, gap_patterns(names, read_usable_crops(frames)))
    means = label_means(fitted.labels, fitted.folds)
    scored = {NO_GAPS: truth.group_sums(predicted[list(DIMENSIONS)].to_numpy(), groups)}
    for policy in POLICIES:
        filled = fill_videos(kept, lengths, policy, means)
        matched = MatchedTruth.of_found(truth.table, filled.rows_of(truth.table))
        scored[policy] = matched.group_sums(filled.values, groups)
    masked = int((find_rows(kept, truth.table) < 0).sum())
    rows = [
        {"policy": policy, "configured": "yes" if policy == configured else "no"}
        | score_columns(sums)
        | {"frames": sums.frames, "masked": 0 if policy == NO_GAPS else masked}
        | difference_columns(sums, scored[NO_GAPS])
        | {"note": caveat}
        for policy, sums in scored.items()
    ]
    table = pd.DataFrame(rows)
    write_csv(table, out)
    for row in rows:
        scores = (row[f"ccc_{dimension}"] for dimension in DIMENSIONS)
        logger.info("%s: CCC %.3f for valence, %.3f for arousal", row["policy"], *scores)
    return table


def held_out_predictions(fitted: FittedRun, ensemble: str) -> tuple[pd.DataFrame, MatchedTruth]:
    """Return predictions of names on which no predicting model was fitted, and the truth of these names.

    The predictions, name, frame, valence, arousal, are sorted by name and frame.
    """
    if names := validation_names(fitted.folds):
        predicted, truth = ensemble_of(fitted, ensemble), validation_truth(fitted.labels, names)
        return predicted, MatchedTruth.of_found(truth, find_rows(predicted, truth))
    found = OutOfFold.read(fitted.predictions, fitted.labels, fitted.folds)
    return found.predicted[["name", "frame", *DIMENSIONS]], found.labelled


def gap_patterns(names: pd.DataFrame, frames: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Return which frames of every test video have a crop, or of every video where there are no test names.

    Parameters
    ----------
    names
        The audit's table.
    frames
        The frame numbers (n,) of the usable crops by name.

    Returns
    -------
    list[numpy.ndarray]
        A bool for each frame of every video with a crop and a known length, (length,), sorted by name.
        Videos without any gap are included, so that their share is kept.
    """
    tests = names[names["subset"] == "test"]
    lengths = known_lengths(tests if len(tests) else names)
    patterns = []
    for name, crops in sorted(frames.items()):
        if len(crops) and (length := lengths.get(name, 0)):
            pattern = np.zeros(length, dtype=bool)
            pattern[crops - 1] = True
            patterns.append(pattern)
    return patterns


def fit_pattern(pattern: np.ndarray, length: int) -> np.ndarray:
    """Transfer the gaps of one video to another of a different length.

    Parameters
    ----------
    pattern
        Which frames of a video have a crop; bool, (any length,).
    length
        Frames of the other video.

    Returns
    -------
    numpy.ndarray
        Which frames it keeps; bool, (length,). Gaps keep their number of frames; those at an end stay at it,
        the others at the same relative position.
    """
    kept = np.ones(length, dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[True], pattern, [True]])))
    for first, end in edges.reshape(-1, 2):
        if end == len(pattern):
            start = max(0, length - (end - first))
        else:
            start = round(first / len(pattern) * length)
        kept[start : start + end - first] = False
    return kept


def mask_gaps(
    predicted: pd.DataFrame, lengths: Mapping[str, int], patterns: Sequence[np.ndarray]
) -> pd.DataFrame:
    """Remove the frames of the gaps from the predictions, taking the patterns in turn for the names.

    A name that would lose every prediction keeps them all: the policies differ in how they fill a gap from
    predictions, and without any they cannot be compared.

    Parameters
    ----------
    predicted
        Predictions: name, frame, valence, arousal; sorted by name and frame.
    lengths
        Number of frames of every name.
    patterns
        As `gap_patterns` returns them; without any, nothing is removed.

    Returns
    -------
    pandas.DataFrame
        The remaining rows.
    """
    if not patterns:
        return predicted
    frames, starts = predicted["frame"].to_numpy(), run_starts(predicted["name"].to_numpy())
    remains = np.ones(len(predicted), dtype=bool)
    for number, (start, end) in enumerate(zip(starts, [*starts, len(predicted)][1:], strict=True)):
        kept = fit_pattern(patterns[number % len(patterns)], lengths[predicted["name"].iloc[start]])
        remains[start:end] = kept[frames[start:end] - 1]
        if not remains[start:end].any():
            remains[start:end] = True
    return predicted[remains].reset_index(drop=True)
