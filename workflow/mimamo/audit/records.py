"""What the audit found for every name, in a record a name, see `mimamo.storage.name_records`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.name_report import NameReport
from mimamo.audit.tables import build_table, symptom_rows
from mimamo.corpus.layout import Corpus
from mimamo.corpus.stretches import frame_ranges, frames_of_ranges
from mimamo.storage.name_records import NameRecords

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def record_content(
    corpus: Corpus, report: NameReport, digests: Mapping[str, str | None]
) -> dict[str, object]:
    """Return what is recorded of a name.

    Parameters
    ----------
    corpus
        The data set, to which paths in sentences are relative.
    report
        What was found.
    digests
        Of what was read, by part, from `mimamo.corpus.inventory.record`.

    Returns
    -------
    dict
        ``row`` of the audit's table, ``frames`` of the usable crops in ranges, ``symptoms`` as rows of the
        table of symptoms, and ``inputs``: the digests of what was read; ``brought``: what there is of the
        features that somebody brings, and ``sound``, whether there is any, where there are such streams.
    """
    brought = {"brought": report.brought} if report.brought else {}
    sound = {} if report.sound is None else {"sound": report.sound}
    return (
        brought
        | sound
        | {
            "row": report.row(corpus),
            "frames": " ".join(frame_ranges(report.frames)),
            "symptoms": symptom_rows(corpus, str(report.cells["name"]), report.symptoms),
            "inputs": {part: digest for part, digest in digests.items() if digest is not None},
        }
    )


def read_rows(folder: str | PathLike, names: Iterable[str]) -> pd.DataFrame:
    """Read the rows of the audit's table of some names, with the types of `mimamo.audit.tables.COLUMNS`."""
    records = NameRecords(Path(folder))
    return build_table([records.read(name)["row"] for name in sorted(names)])


def read_symptom_rows(folder: str | PathLike, names: Iterable[str]) -> list[dict[str, str]]:
    """Read the symptoms of some names, as rows of the table of symptoms."""
    records = NameRecords(Path(folder))
    return [row for name in sorted(names) for row in records.read(name)["symptoms"]]


def read_usable(folder: str | PathLike, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Read the frame numbers of the usable crops of some names: (n,) int64 each, ascending."""
    records = NameRecords(Path(folder))
    return {name: frames_of_ranges(records.read(name)["frames"]) for name in names}
