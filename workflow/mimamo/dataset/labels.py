"""Annotation filtering: the frames that have both a crop and a real annotation."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit, read_usable_crops
from mimamo.corpus.annotations import Annotations, read_annotations
from mimamo.corpus.layout import Corpus
from mimamo.corpus.stretches import contiguous_runs, stretch_numbers
from mimamo.errors import InputError
from mimamo.storage.files import atomic_write, read_named_values, write_csv

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

SUMMARY_COLUMNS = [
    "name",
    "subset",
    "crops",
    "annotation_lines",
    "kept",
    "dropped_unannotated",
    "dropped_no_crop",
    "dropped_no_line",
    "stretches",
    "longest_stretch",
    "note",
]


def filter_labels(annotations: Annotations, crops: np.ndarray) -> pd.DataFrame:
    """Keep the frames that have a crop and a real annotation, matched by frame number.

    Parameters
    ----------
    annotations
        Values of every line of the annotation file.
    crops
        Frame numbers of the usable crops, ascending; shape (crops,).

    Returns
    -------
    pandas.DataFrame
        ``frame``, ``valence``, ``arousal`` and ``stretch``: 1, 2, … for each contiguous run of frames.
    """
    import pandas as pd

    frames = np.intersect1d(annotations.frames(), np.asarray(crops, dtype=np.int64))
    values = {"valence": annotations.valence[frames - 1], "arousal": annotations.arousal[frames - 1]}
    return pd.DataFrame({"frame": frames, **values, "stretch": stretch_numbers(frames)})


def summarise(annotations: Annotations, crops: np.ndarray, labels: pd.DataFrame) -> dict[str, object]:
    """Count what the filtering of one name kept and dropped.

    A crop is kept, dropped because its frame is not annotated (-5), or dropped because the file has no line
    for it; so the three counts add up to ``crops``. An annotated line is kept, or dropped because it has no
    crop.

    Returns
    -------
    dict[str, object]
        The columns of `SUMMARY_COLUMNS` but for name and subset.
    """
    crops = np.asarray(crops, dtype=np.int64)
    lengths = [length for _, length in contiguous_runs(labels["frame"].to_numpy())]
    dropped = {
        "dropped_unannotated": len(np.intersect1d(annotations.frames(annotated=False), crops)),
        "dropped_no_crop": len(np.setdiff1d(annotations.frames(), crops)),
        "dropped_no_line": int((crops > len(annotations)).sum()),
    }
    return {
        "crops": len(crops),
        "annotation_lines": len(annotations),
        "kept": len(labels),
        **dropped,
        "stretches": len(lengths),
        "longest_stretch": max(lengths, default=0),
        "note": _note(dropped),
    }


def _note(dropped: Mapping[str, int]) -> str:
    """Describe what was dropped and why; empty where nothing was."""
    reasons = {
        "dropped_unannotated": "crops without annotation (-5)",
        "dropped_no_crop": "annotated frames without crop",
        "dropped_no_line": "crops beyond the last line",
    }
    counts = [f"{dropped[key]} {reason}" for key, reason in reasons.items() if dropped[key]]
    return f"Dropped: {', '.join(counts)}." if counts else ""


def write_labels(
    audit_csv: str,
    frames_csv: str,
    data: Mapping[str, object],
    root: str,
    labels_folder: str,
    summary_csv: str,
) -> None:
    """Filter the annotations of all names that the audit found usable.

    Parameters
    ----------
    audit_csv
        The audit's table.
    frames_csv
        The audit's table of usable crops.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    labels_folder
        The folder to write, with one ``<name>.csv`` for each usable name of train and validation.
    summary_csv
        The table to write, with a row for every name of train and validation, unusable ones too.

    Raises
    ------
    InputError
        If an annotation file changed since the audit and cannot be read any more.
    """
    corpus = Corpus.from_config({"data": data}, root)
    audit = read_audit(audit_csv)
    audit = audit[audit["subset"].isin(["train", "validation"])].sort_values("name")
    crops = read_usable_crops(frames_csv)
    rows = []
    with atomic_write(labels_folder) as folder:
        folder.mkdir()
        for row in audit.itertuples():
            if row.verdict != "unusable":
                counts = _write_name(corpus, row.name, row.subset, crops, folder)
            else:
                counts = _unusable_counts(row)
            rows.append({"name": row.name, "subset": row.subset, **counts})
    _write_summary(rows, summary_csv)


def _write_name(
    corpus: Corpus, name: str, subset: str, crops: Mapping[str, np.ndarray], folder: Path
) -> dict[str, object]:
    """Write the labels of one name and return its row of counts."""
    annotations = read_annotations(getattr(corpus, subset) / f"{name}.txt")
    labels = filter_labels(annotations, crops[name])
    write_csv(labels, folder / f"{name}.csv")
    return summarise(annotations, crops[name], labels)


def _unusable_counts(row: object) -> dict[str, object]:
    """Return the row of counts of a name that the audit found unusable, and log why it is left out."""
    counts = dict.fromkeys(SUMMARY_COLUMNS[4:-1], 0)
    logger.warning("%s is left out of the labels: the audit found it unusable. %s", row.name, row.reason)
    return {
        "crops": row.crops,
        "annotation_lines": row.annotation_lines,
        **counts,
        "note": f"Unusable: {row.reason}",
    }


def _write_summary(rows: list[dict[str, object]], path: str) -> None:
    """Write the summary and log its totals."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=SUMMARY_COLUMNS).astype(dict.fromkeys(SUMMARY_COLUMNS[2:-1], "Int64"))
    write_csv(table, path)
    logger.info(
        "%d labelled frames in %d stretches of %d names; dropped %d crops without annotation, %d annotated"
        " frames without crop, %d crops beyond the last line.",
        *(table[key].sum() for key in ("kept", "stretches")),
        (table["kept"] > 0).sum(),
        *(table[key].sum() for key in ("dropped_unannotated", "dropped_no_crop", "dropped_no_line")),
    )


def read_labels(folder: str | PathLike, names: Iterable[str] | None = None) -> pd.DataFrame:
    """Read the labels that `write_labels` wrote.

    Parameters
    ----------
    folder
        The folder with one ``<name>.csv`` per name.
    names
        The names to read; all by default.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal; one row a labelled frame, sorted by name and frame.

    Raises
    ------
    InputError
        Where the folder has no label at all, or none of a given name, or a label is not a finite number.
    """
    paths = {path.stem: path for path in Path(folder).glob("*.csv")}
    wanted = sorted(paths if names is None else set(names))
    if missing := [name for name in wanted if name not in paths]:
        raise InputError(
            f"{folder}: expected labels of {missing[0]!r} in {missing[0]}.csv, found none;"
            " filter the labels again"
        )
    table = read_named_values({name: paths[name] for name in wanted})
    if table.empty:
        raise InputError(
            f"{folder}: expected CSV files with labelled frames, found none; see audit.csv for what is wrong"
            " with the annotations"
        )
    return table


@dataclass(frozen=True)
class Labels:
    """The labelled frames of one name.

    Attributes
    ----------
    frames
        (n,) frame numbers, ascending.
    values
        (n, 2) labels in the order of `mimamo.DIMENSIONS`.
    """

    frames: np.ndarray
    values: np.ndarray


def labels_by_name(folder: str | PathLike, names: Iterable[str]) -> dict[str, Labels]:
    """Read the labels of `names` as arrays, in float32 as training computes; see `read_labels`."""
    names = list(names)
    table = read_labels(folder, names)
    rows = dict(iter(table.groupby("name")))
    return {name: _as_arrays(rows.get(name, table[:0])) for name in names}


def _as_arrays(table: pd.DataFrame) -> Labels:
    """Return one name's rows of labels as arrays."""
    return Labels(table["frame"].to_numpy(), table[list(DIMENSIONS)].to_numpy(np.float32))
