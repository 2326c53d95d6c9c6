"""Submissions beside each other: validity, scores, and how they differ on the test names; a README for each.

A team may send few, and two that are nearly alike tell little more than one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evaluation.bootstrap import GroupSums, read_groups, score_columns
from mimamo.evaluation.metrics import concordance, rmse
from mimamo.evidence.variants import (
    OUT_OF_FOLD,
    VALIDATION,
    FittedRun,
    ensemble_of,
    out_of_fold_smoothings,
    validation_names,
    validation_sums,
    validation_truth,
)
from mimamo.html.formats import interval, number
from mimamo.html.formats import pair as between
from mimamo.postprocessing.fit import Option, read_treatments
from mimamo.postprocessing.gaps import MISSING
from mimamo.postprocessing.smoothing import treat
from mimamo.runs import CONFIGURED
from mimamo.storage.files import atomic_write, file_hash, read_csv, read_values, write_csv
from mimamo.storage.frame_rows import sort_by_frame

logger = logging.getLogger(__name__)

#: A CCC between two submissions from which on they are nearly the same.
ALIKE = 0.99
_PAIR_COLUMNS = [
    "first", "second", "frames", *(f"{metric}_{d}" for metric in ("ccc", "rmse") for d in DIMENSIONS),
    "other_missing", "note",
]  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """What may be sent: its values for every frame, and the zip."""

    filled: str | PathLike
    archive: str | PathLike


@dataclass(frozen=True)
class Submitted:
    """A submission that was written.

    Attributes
    ----------
    settings
        Its settings, see `mimamo.ensembles.settings.complete_submissions`.
    fitted
        The files of what it is made of, a run or an ensemble: predictions and what was fitted on them.
    upload
        What may be sent.
    check
        The validator's verdict.
    """

    settings: Mapping[str, object]
    fitted: FittedRun
    upload: Upload
    check: str | PathLike

    @property
    def option(self) -> Option:
        """Smoothing and delay."""
        return Option(str(self.settings["smoothing"]), bool(self.settings["delay"]))


def describe_submissions(
    submissions: Mapping[str, Submitted],
    configured: Upload,
    provenance: str | PathLike,
    table: str | PathLike,
    pairs: str | PathLike,
    readmes: Mapping[str, str | PathLike],
    caveat: str = "",
) -> pd.DataFrame:
    """Write the table of all submissions, how each two differ, and a README beside each.

    Parameters
    ----------
    submissions
        By name.
    configured
        That of the configured run, which may be sent as well.
    provenance
        provenance.json, whose digest the READMEs name.
    table
        CSV to write: submission, of, ensemble, smoothing, delay, gaps, verdict (valid, or the number of names
        that are wrong), names, lines, minus_five_share, sha256 (of the zip), scored_on, frames, ccc_* with
        intervals, note. Scored are frames with a crop: out of fold, smoothed as chosen on the other folds; or
        the validation set, where it is held out, as in the submission.
    pairs
        CSV to write, one row for each two: first, second, frames (of the test names, that both predict),
        ccc_* and rmse_* between them, other_missing (frames that one of them alone leaves at -5), note
        (identical, or nearly so).
    readmes
        The file to write of every submission.
    caveat
        Caveat to write and log with the scores.

    Returns
    -------
    pandas.DataFrame
        The table written.

    Raises
    ------
    InputError
        As for `mimamo.evaluation.scores.score_folds`.
    """
    rows = [
        {"submission": name, **each.settings} | _validity(each) | _scores(each) | {"note": caveat}
        for name, each in submissions.items()
    ]
    described = pd.DataFrame(rows)
    write_csv(described, table)
    uploads = {CONFIGURED: configured} | {name: each.upload for name, each in submissions.items()}
    compared = pd.DataFrame(_pairs(uploads), columns=_PAIR_COLUMNS)
    write_csv(compared, pairs)
    digest = file_hash(Path(provenance))
    for row in rows:
        with atomic_write(readmes[row["submission"]]) as fresh:
            fresh.write_text(_readme(row, submissions, compared, digest), encoding="utf-8")
        logger.info(
            "%s: %s, %s",
            *(row["submission"], row["verdict"], _sentence_of_scores(row)),
        )
    for row in compared[compared["note"] != ""].to_dict("records"):
        logger.warning("%s and %s: %s; do not send both", row["first"], row["second"], row["note"])
    return described


def _validity(submitted: Submitted) -> dict[str, object]:
    """Return what the validator found, and the digest of the zip."""
    check = read_csv(submitted.check)
    wrong = int((check["verdict"] == "wrong").sum())
    lines = int(check["lines"].sum())
    missing = float((check["lines"] * check["minus_five_share"].fillna(0)).sum())
    return {
        "verdict": f"{wrong} names are wrong" if wrong else "valid",
        "names": len(check),
        "lines": lines,
        "minus_five_share": missing / lines if lines else np.nan,
        "sha256": file_hash(Path(submitted.upload.archive)),
    }


def _scores(submitted: Submitted) -> dict[str, object]:
    """Return scores with intervals on names that nothing was fitted on."""
    fitted, groups = submitted.fitted, read_groups(submitted.fitted.folds)
    if names := validation_names(fitted.folds):
        where, sums = VALIDATION, _on_validation(submitted, names, groups)
    else:
        (sums,) = out_of_fold_smoothings(fitted, groups, [submitted.option]).values()
        where = OUT_OF_FOLD
    return {"scored_on": where, "frames": sums.frames} | score_columns(sums)


def _on_validation(submitted: Submitted, names: Sequence[str], groups: Mapping[str, str]) -> GroupSums:
    """Return the sums over the validation set, combined and smoothed as the submission."""
    combined = ensemble_of(submitted.fitted, str(submitted.settings["ensemble"]))
    smoothed = treat(combined, read_treatments(submitted.fitted.choices, submitted.option))
    return validation_sums(smoothed, validation_truth(submitted.fitted.labels, names), groups)


def _pairs(uploads: Mapping[str, Upload]) -> Iterator[tuple]:
    """Yield how each two submissions differ on the test names."""
    # Each is read once, although it is compared with all others.
    read = {
        name: sort_by_frame(read_values(upload.filled))[list(DIMENSIONS)].to_numpy()
        for name, upload in uploads.items()
    }
    digests = {name: file_hash(Path(upload.archive)) for name, upload in uploads.items()}
    for first, second in combinations(uploads, 2):
        values = [read[first], read[second]]
        present = [(each != MISSING).all(axis=1) for each in values]
        both = present[0] & present[1]
        alone = int((present[0] != present[1]).sum())
        scores = [
            metric(values[0][both, i], values[1][both, i]).value
            for metric in (concordance, rmse)
            for i in range(len(DIMENSIONS))
        ]
        same = digests[first] == digests[second]
        note = "identical" if same else ""
        if not same and not alone and min(scores[: len(DIMENSIONS)]) >= ALIKE:
            note = "nearly the same"
        yield (first, second, int(both.sum()), *scores, alone, note)


def _sentence_of_scores(row: Mapping[str, object]) -> str:
    """Describe the scores of a row of the table."""
    parts = []
    for dimension in DIMENSIONS:
        ends = interval(row, f"ccc_{dimension}")
        parts.append(f"{number(row[f'ccc_{dimension}'])} {dimension}" + (f" ({ends})" if ends else ""))
    return f"CCC {', '.join(parts)}, {row['scored_on']}, {row['frames']} frames"


def _readme(
    row: Mapping[str, object],
    submissions: Mapping[str, Submitted],
    compared: pd.DataFrame,
    digest: str,
) -> str:
    """Describe one submission for whoever sends it, and for the paper later."""
    name = row["submission"]
    archive = Path(submissions[name].upload.archive)
    delay = "predictions shifted by the label delay" if row["delay"] else "no label delay"
    smoothing = str(row["smoothing"]).replace("_", " ")
    lines = [
        f"# Submission {name}",
        "",
        f"Send `{archive.parent.name}/{archive.name}`, or its texts; this file is not part of it.",
        "",
        f"- Written: {datetime.now(UTC):%Y-%m-%d} (UTC)",
        f"- Of: {row['of']}; folds by {row['ensemble']}, smoothing: {smoothing}, {delay}, "
        f"gaps: {row['gaps']}",
        f"- Validation: {row['verdict']}, {row['names']} names, {row['lines']} lines, "
        f"{row['minus_five_share']:.2%} of them {MISSING:g}",
        f"- Scores: {_sentence_of_scores(row)}{'; ' + row['note'] if row['note'] else ''}",
        f"- {archive.name}: SHA-256 {row['sha256']}",
        f"- provenance.json: SHA-256 {digest}",
    ]
    others = compared[(compared["first"] == name) | (compared["second"] == name)]
    if len(others):
        lines += ["", "Beside the other submissions, on the test names:", ""]
    for pair in others.to_dict("records"):
        other = pair["second"] if pair["first"] == name else pair["first"]
        note = f"; {pair['note']}" if pair["note"] else ""
        lines.append(
            f"- {other}: CCC of valence and arousal {between(pair, 'ccc_')}, RMSE "
            f"{between(pair, 'rmse_')}{note}"
        )
    return "\n".join(lines) + "\n"
