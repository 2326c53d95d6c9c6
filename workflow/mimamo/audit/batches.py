"""Frame alignment checks: the tables of what is on disk for every name."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.crop_checks import crop_cells
from mimamo.audit.name_checks import audit_name
from mimamo.audit.name_report import Diagnosis
from mimamo.audit.progress import AuditProgress
from mimamo.audit.survey import Lists, path_faults
from mimamo.audit.symptoms import counted
from mimamo.audit.tables import build_table, read_audit, symptom_table
from mimamo.corpus.crops import limit_threads, list_crops
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import write_csv

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

_TOLD = ("name", "subset", "crops", "verdict")


def audit_batch(
    names: Iterable[str],
    subsets: Mapping[str, str],
    data: Mapping[str, object],
    root: str,
    decode_containers: bool,
    names_csv: str | PathLike,
    frames_csv: str | PathLike,
    symptoms_csv: str | PathLike,
    threads: int = 1,
    known: Iterable[str] = (),
    note: str | PathLike | None = None,
) -> None:
    """Check a batch of names and write the tables of the batch.

    Parameters
    ----------
    names
        The names of the batch.
    subsets
        The subset of (at least) these names.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    decode_containers
        Whether to count the containers' frames by decoding them.
    names_csv, frames_csv, symptoms_csv
        The tables to write: a row per name with the columns of `mimamo.audit.tables`; ``name,frame`` of every
        usable crop; and all that was found, with `SYMPTOM_COLUMNS`.
    threads
        Threads for decoding.
    known
        Complaints about the corpus as a whole that are known: the doctor goes on all the same.
    note
        File for the progress, see `AuditProgress`; by the side of `names_csv` where not given.

    Raises
    ------
    InputError
        If the configuration names something that is missing, or a list cannot be read, and it is not known.
    """
    import pandas as pd

    limit_threads(threads)
    corpus = Corpus.from_config({"data": data}, root)
    lists = Lists.read(corpus)
    _refuse_news([*path_faults(corpus), *lists.errors], set(known))
    names = sorted(names)
    progress = AuditProgress(Path(note or f"{names_csv}.progress"), len(names))
    found = []
    for name in names:
        found.append(audit_name(corpus, name, subsets[name], lists, decode_containers, threads))
        progress.add(len(found[-1].frames))
        _tell(corpus, found[-1], progress)
    frames = [(one.cells["name"], frame) for one in found for frame in one.frames]
    write_csv(build_table([one.row(corpus) for one in found]), names_csv)
    write_csv(pd.DataFrame(frames, columns=["name", "frame"]), frames_csv)
    write_csv(symptom_table(corpus, {str(one.cells["name"]): one.symptoms for one in found}), symptoms_csv)


def _refuse_news(errors: Iterable[InputError], known: set[str]) -> None:
    """Raise the first error that is not known: a disk that has gone must not make all names unusable."""
    for error in errors:
        if str(error) not in known:
            raise error


def _tell(corpus: Corpus, found: Diagnosis, progress: AuditProgress) -> None:
    """Log what was found for a name."""
    row = found.row(corpus)
    logger.info("%s (%s): %d crops, %s [%s]", *(row[key] for key in _TOLD), progress)
    if row["reason"]:
        logger.warning("%s is %s. %s", row["name"], row["verdict"], row["reason"])


def audit_table(
    batches: Iterable[str], data: Mapping[str, object], root: str, table_csv: str, strict: bool = False
) -> None:
    """Join the tables of all batches, and add what no list names.

    Parameters
    ----------
    batches
        The ``names.csv`` of every batch.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    table_csv
        The table to write.
    strict
        Whether an unusable name is an error.

    Raises
    ------
    InputError
        If `strict` and a listed name is unusable; the sentence names all of them.
    """
    import pandas as pd

    corpus = Corpus.from_config({"data": data}, root)
    table = pd.concat([read_audit(batch) for batch in batches], ignore_index=True)
    unusable = sorted(table.loc[table["verdict"] == "unusable", "name"])
    if strict and unusable:
        raise InputError(strict_refusal(unusable, len(table), "snakemake doctor"))
    unlisted = [found.row(corpus) for found in unlisted_names(corpus, set(table["name"]))]
    table = pd.concat([table, build_table(unlisted)], ignore_index=True).sort_values("name", kind="stable")
    write_csv(table, table_csv)
    _tell_all(table)


def strict_refusal(unusable: list[str], names: int, where: str) -> str:
    """Say that names cannot be used although all must be, and where to read why."""
    return (
        f"With strict: true every name must be usable, but {counted(unusable, 'name')} of {names} cannot be"
        f" used: {', '.join(unusable)}; mend them as {where} says, or set strict: false."
    )


def unlisted_names(corpus: Corpus, listed: set[str]) -> list[Diagnosis]:
    """Give what is found, by listing alone, of crops and names of the sample list that no subset has."""
    lists = Lists.read(corpus)
    names = sorted((set(corpus.crop_names()) | set(lists.sample)) - listed)
    return [_unlisted(corpus, name, lists) for name in names]


def _unlisted(corpus: Corpus, name: str, lists: Lists) -> Diagnosis:
    """Describe a name that is in no subset."""
    shown = name if name.isprintable() else ascii(name)
    cells = {"subset": "unlisted", "partner": " ".join(corpus.partners(name)), "group": lists.group(name)}
    found = Diagnosis({"name": shown, **cells, **crop_cells(_numbers(corpus, name))})
    if name in lists.sample:
        wrong = f"{corpus.sample_list}: expected names of data.test_list, found {name!r}"
        found.fault("names of the sample list alone", wrong, "add it to data.test_list")
        logger.warning("%s", found.symptoms[-1].sentence)
    else:
        wrong = f"{shown}: expected a list or annotation that names this folder of crops, found none"
        found.fault("crops without a list", wrong, "add the annotation or list the name if it is wanted")
    return found


def _numbers(corpus: Corpus, name: str) -> list[int]:
    """List the crops of a name, none where that cannot be done."""
    folder = corpus.crop_folder(name)
    try:
        return list_crops(folder).numbers if folder is not None else []
    except InputError:
        return []


def _tell_all(table: pd.DataFrame) -> None:
    """Log the summary of the whole audit."""
    listed = table[table["subset"] != "unlisted"]
    verdicts = {
        verdict: int((listed["verdict"] == verdict).sum()) for verdict in ("ok", "repaired", "unusable")
    }
    logger.info(
        "%d names: %d ok, %d repaired, %d unusable; %d usable crops; %d further names that no list has.",
        len(listed),
        *verdicts.values(),
        listed["crops"].sum(),
        len(table) - len(listed),
    )
