"""Frame alignment checks: the audit's tables, batch by batch and joined for the whole corpus."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.corpus_checks import corpus_symptoms
from mimamo.audit.crop_checks import crop_cells
from mimamo.audit.list_checks import CHECK_READING, Lists
from mimamo.audit.name_checks import audit_name
from mimamo.audit.name_report import NameReport
from mimamo.audit.progress import AuditProgress
from mimamo.audit.records import BatchRecords
from mimamo.audit.survey import Survey, path_faults, survey
from mimamo.audit.symptoms import pluralise
from mimamo.audit.tables import build_table, read_audit, symptom_table
from mimamo.corpus.crops import limit_threads, list_crops
from mimamo.corpus.inventory import stat_digests
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import write_csv

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

#: The cells of a name's row that are logged.
_LOGGED_CELLS = ("name", "subset", "crops", "verdict")


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
    records: BatchRecords | None = None,
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
        usable crop; and all symptoms, with `SYMPTOM_COLUMNS`.
    threads
        Threads for decoding.
    known
        Messages of known faults of the corpus as a whole, which are not raised: the doctor reports them.
    note
        File for the progress, see `AuditProgress`; beside `names_csv` by default.
    records
        Where to record what was read; nowhere by default.

    Raises
    ------
    InputError
        If a configured path is missing or a list cannot be read, unless that fault is in `known`.
    """
    import pandas as pd

    limit_threads(threads)
    corpus = Corpus.from_config({"data": data}, root)
    lists = Lists.read(corpus)
    _raise_unknown_faults([*path_faults(corpus), *lists.errors], set(known))
    names = sorted(names)
    progress = AuditProgress(Path(note or f"{names_csv}.progress"), len(names))
    reports = []
    for name in names:
        before = stat_digests(corpus, name) if records else {}
        reports.append(audit_name(corpus, name, subsets[name], lists, decode_containers, threads))
        if records:
            records.add(corpus, name, before, decode_containers)
        progress.add(len(reports[-1].frames))
        _log(corpus, reports[-1], progress)
    frames = [(report.cells["name"], frame) for report in reports for frame in report.frames]
    write_csv(build_table([report.row(corpus) for report in reports]), names_csv)
    write_csv(pd.DataFrame(frames, columns=["name", "frame"]), frames_csv)
    symptoms = {str(report.cells["name"]): report.symptoms for report in reports}
    write_csv(symptom_table(corpus, symptoms), symptoms_csv)
    if records:
        records.write_table()


def _raise_unknown_faults(errors: Iterable[InputError], known: set[str]) -> None:
    """Raise the first error that is not known: an unmounted disk must not make all names unusable."""
    for error in errors:
        if str(error) not in known:
            raise error


def _log(corpus: Corpus, report: NameReport, progress: AuditProgress) -> None:
    """Log the audit of a name, and its faults and repairs as a warning."""
    row = report.row(corpus)
    logger.info("%s (%s): %d crops, %s [%s]", *(row[key] for key in _LOGGED_CELLS), progress)
    if row["reason"]:
        logger.warning("%s is %s. %s", row["name"], row["verdict"], row["reason"])


def audit_table(
    batches: Iterable[str], data: Mapping[str, object], root: str, table_csv: str, strict: bool = False
) -> None:
    """Join the tables of all batches, and add the names that are on disk but in no subset.

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
        If `strict` and a listed name is unusable, where the sentence names all of them; or where the corpus
        as a whole cannot be used, see `mimamo.audit.corpus_checks`.
    """
    import pandas as pd

    corpus = Corpus.from_config({"data": data}, root)
    lists = Lists.read(corpus)
    table = pd.concat([read_audit(batch) for batch in batches], ignore_index=True)
    unusable = sorted(table.loc[table["verdict"] == "unusable", "name"])
    if strict and unusable:
        raise InputError(strict_refusal(unusable, len(table), "snakemake doctor"))
    Survey({}, corpus_symptoms(corpus, table, lists)).refuse()
    unlisted = [report.row(corpus) for report in unlisted_names(corpus, set(table["name"]), lists)]
    table = pd.concat([table, build_table(unlisted)], ignore_index=True).sort_values("name", kind="stable")
    write_csv(table, table_csv)
    _log_readings(corpus, lists)
    _log_summary(table)


def _log_readings(corpus: Corpus, lists: Lists) -> None:
    """Log which lists hold more than they should, and how they are read."""
    for symptom in [*survey(corpus).symptoms, *lists.readings]:
        if symptom.check == CHECK_READING:
            logger.warning("%s", corpus.with_relative_paths(symptom.sentence))


def strict_refusal(unusable: list[str], names: int, where: str) -> str:
    """Compose the message of a strict run with unusable names; `where` says where to read the reasons."""
    return (
        f"With strict: true every name must be usable, but {pluralise(unusable, 'name')} of {names} cannot be"
        f" used: {', '.join(unusable)}; mend them as {where} says, or set strict: false."
    )


def unlisted_names(corpus: Corpus, listed: set[str], lists: Lists) -> list[NameReport]:
    """Report, without decoding, the folders of crops and the names of the sample list that no subset has."""
    # Made crops are those of listed names.
    folders = [] if corpus.makes_crops else corpus.crop_names()
    names = sorted((set(folders) | set(lists.sample)) - listed)
    return [_unlisted(corpus, name, lists) for name in names]


def _unlisted(corpus: Corpus, name: str, lists: Lists) -> NameReport:
    """Report a name that is in no subset."""
    shown = name if name.isprintable() else ascii(name)
    cells = {"subset": "unlisted", "partner": " ".join(corpus.partners(name)), "group": lists.group(name)}
    report = NameReport({"name": shown, **cells, **crop_cells(_crop_numbers(corpus, name))})
    if name in lists.sample:
        wrong = f"{corpus.sample_list}: expected names of data.test_list, found {name!r}"
        report.fault("names of the sample list alone", wrong, "add it to data.test_list")
        logger.warning("%s", report.symptoms[-1].sentence)
    else:
        wrong = f"{shown}: expected a list or annotation that names this folder of crops, found none"
        report.fault("crops without a list", wrong, "add the annotation or list the name if it is wanted")
    return report


def _crop_numbers(corpus: Corpus, name: str) -> list[int]:
    """Return the frame numbers of a name's crops; empty where its folder cannot be listed."""
    folder = corpus.crop_folder(name)
    try:
        return list_crops(folder, corpus.crop_naming).numbers if folder is not None else []
    except InputError:
        return []


def _log_summary(table: pd.DataFrame) -> None:
    """Log the number of names by verdict, and of usable crops."""
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
