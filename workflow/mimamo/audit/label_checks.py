"""Checks of labels: layouts and values that are read as they are, but may not be what they should.

None makes a name unusable, so all are notes. What all names share is told once, of the corpus as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mimamo import DIMENSIONS
from mimamo.audit.name_report import NameReport
from mimamo.audit.shared_symptoms import collapse_shared
from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.audit.tables import symptom_rows
from mimamo.corpus.annotations import Annotations, read_annotations
from mimamo.corpus.columns import HEADER
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError

LAYOUT = "annotations in another layout"
ZERO = "labels that are all zero"
CONSTANT = "labels that do not change"
POSITIVE = "labels from 0 to 1 only"
COARSE = "labels in steps of 0.5"
IDENTICAL = "labels of another name"
#: The kinds of notes on labels.
CHECKS = (LAYOUT, ZERO, CONSTANT, POSITIVE, COARSE, IDENTICAL)
#: Fewer annotated frames may well be alike.
MIN_FRAMES = 5


def check_labels(report: NameReport, path: Path, annotations: Annotations) -> None:
    """Note an unusual layout and suspicious values of a name's annotations, and compute their digest."""
    if annotations.unusual:
        wrong = f"{path}: expected the header {HEADER!r} and two numbers a line, found"
        report.note(
            LAYOUT, f"{wrong} {', '.join(annotations.unusual)}", "columns are taken by their names", ""
        )
    frames = annotations.frames()
    if len(frames) < MIN_FRAMES:
        return
    values = np.stack([getattr(annotations, dimension)[frames - 1] for dimension in DIMENSIONS], axis=1)
    still = (values == values[0]).all(axis=0)
    if not still.all():
        report.cells["label_digest"] = _digest(frames, values)
    for check, expected, found, remedy in _suspicions(values, still):
        wrong = f"{path}: expected {expected}, found {found} in all {len(frames)} annotated frames"
        report.note(check, wrong, "used", remedy, frames.tolist())


def _suspicions(values: np.ndarray, still: np.ndarray) -> list[tuple[str, str, str, str]]:
    """Return check, expectation, finding and remedy of all that is suspicious in one name's values.

    Parameters
    ----------
    values
        (frames, 2) labels in the order of `DIMENSIONS`.
    still
        (2,) whether a dimension has one value throughout.
    """
    if not values.any():
        return [(ZERO, "labels that change", "0 for both", "download it again if it should hold annotations")]
    found = []
    if still.any():
        alike = [f"{name} {values[0, i]:g}" for i, name in enumerate(DIMENSIONS) if still[i]]
        found.append((CONSTANT, "labels that change", " and ".join(alike), "check whether they are real"))
    if still.all():
        return found
    if values.min() >= 0:
        remedy = "if they were scaled to 0 to 1, scale them back to -1 to 1"
        found.append((POSITIVE, "labels from -1 to 1", "none below 0", remedy))
    if (values * 2 % 1 == 0).all():
        remedy = "check whether they were rounded, or are classes"
        found.append((COARSE, "finely graded labels", "only multiples of 0.5", remedy))
    return found


def _digest(frames: np.ndarray, values: np.ndarray) -> str:
    """Return a digest of the labels of all annotated frames; it begins with letters, to be read as text."""
    content = np.column_stack([frames, values]).astype("<f8").tobytes()
    return f"sha256:{hashlib.sha256(content).hexdigest()[:16]}"


def join_label_notes(
    corpus: Corpus, rows: Sequence[Mapping[str, object]], symptoms: Iterable[Mapping[str, str]]
) -> tuple[list[Mapping[str, str]], list[Mapping[str, str]]]:
    """Compare the labels of all names, and tell once what all annotated names share.

    Parameters
    ----------
    corpus
        The data set.
    rows
        The rows of the audit's table, of all batches.
    symptoms
        The rows of the tables of symptoms of all batches.

    Returns
    -------
    of_names, of_corpus : list of dict
        The symptoms of names, with those of identical labels and without the shared ones; and the shared
        ones, as symptoms of the corpus as a whole.
    """
    # Of an unreadable file, and of test names, no lines were counted.
    read = [row for row in rows if str(row["annotation_lines"]).isdigit()]
    labelled = {row["name"] for row in read if row["annotation_lines"] - row["unannotated"] >= MIN_FRAMES}
    of_names = [*symptoms, *_identical_labels(corpus, rows)]
    return collapse_shared(of_names, CHECKS, labelled, "annotated names")


def _identical_labels(corpus: Corpus, rows: Iterable[Mapping[str, object]]) -> list[Mapping[str, str]]:
    """Return the symptoms of names that have the same labels as others, as rows of a table."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row["label_digest"]:
            groups.setdefault(str(row["label_digest"]), []).append(str(row["name"]))
    return [
        row
        for names in groups.values()
        if len(names) > 1
        for name in names
        for row in symptom_rows(
            corpus, name, [_identical(corpus, name, [other for other in names if other != name])]
        )
    ]


def _identical(corpus: Corpus, name: str, others: list[str]) -> Symptom:
    """Build the note of a name whose labels are those of other names."""
    path = corpus.annotation(name)
    try:
        frames = read_annotations(path).frames().tolist() if path is not None else []
    except InputError:
        # It changed since the audit; which frames they were is not worth an error.
        frames = []
    more = f" and {pluralise(others[1:], 'other')}" if len(others) > 1 else ""
    wrong = f"{path or name}: expected labels of its own, found those of {others[0]!r}{more}"
    return Symptom(IDENTICAL, "note", wrong, "used", "look which video they belong to", tuple(frames))
