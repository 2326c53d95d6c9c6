"""Frame alignment checks: the audit of a batch of names, and the tables of the whole corpus."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.brought_checks import brought_symptoms, read_brought_records
from mimamo.audit.corpus_checks import corpus_symptoms
from mimamo.audit.crop_checks import crop_cells
from mimamo.audit.list_checks import CHECK_READING, Lists
from mimamo.audit.name_checks import audit_name
from mimamo.audit.name_report import NameReport
from mimamo.audit.progress import AuditProgress
from mimamo.audit.records import read_rows, read_usable, record_content
from mimamo.audit.sound_checks import read_sound_records, sound_symptoms
from mimamo.audit.survey import Survey, path_faults, refuse_unusable, survey
from mimamo.audit.tables import build_table, write_usable
from mimamo.corpus.crops import limit_threads, list_crops
from mimamo.corpus.inventory import record, stat_digests
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import write_csv
from mimamo.storage.name_records import NameRecords
from mimamo.streams import PAPER, Settings

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

#: The cells of a name's row that are logged.
_LOGGED_CELLS = ("name", "subset", "crops", "verdict")


def audit_batch(
    keys: Mapping[str, str],
    subsets: Mapping[str, str],
    data: Mapping[str, object],
    root: str,
    decode_containers: bool,
    folder: Path,
    threads: int = 1,
    streams: Mapping[str, Settings] = PAPER,
    known: Iterable[str] = (),
    note: str | PathLike | None = None,
    inventory: BatchInventory | None = None,
    about: Mapping[str, object] | None = None,
) -> None:
    """Check those names of a batch that have no record with their key, and record what is found.

    Parameters
    ----------
    keys
        The key of every name of the batch, see `mimamo.storage.name_records`.
    subsets
        The subset of (at least) these names.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    decode_containers
        Whether to count the containers' frames by decoding them.
    folder
        The folder of the audit's records, see `mimamo.audit.records`.
    threads
        Threads for decoding.
    streams
        The section ``streams`` of the configuration.
    known
        Messages of known faults of the corpus as a whole, which are not raised: the doctor reports them.
    note
        File for the progress, see `AuditProgress`; beside `folder` by default.
    inventory
        Where to record the state of the files that were read; nowhere by default.
    about
        What else is recorded: code and settings.

    Raises
    ------
    InputError
        If a configured path is missing or a list cannot be read, unless that fault is in `known`.
    """
    limit_threads(threads)
    corpus = Corpus.from_config({"data": data, "streams": streams}, root)
    lists = Lists.read(corpus)
    _raise_unknown_faults([*path_faults(corpus), *lists.errors], set(known))
    records = NameRecords(folder)
    names = records.pending(keys)
    progress = AuditProgress(Path(note or f"{folder}.progress"), len(names))
    for name in names:
        before = stat_digests(corpus, name)
        report = audit_name(corpus, name, subsets[name], lists, decode_containers, threads)
        digests = inventory.record(corpus, name, before, decode_containers) if inventory else {}
        records.write(name, keys[name], {**(about or {}), **record_content(corpus, report, digests)})
        progress.add(len(report.frames))
        _log(corpus, report, progress)


@dataclass(frozen=True)
class BatchInventory:
    """Where a batch records the state of the files that it reads.

    Attributes
    ----------
    folder
        The folder, see `mimamo.corpus.inventory`.
    versions
        The versions that the job was started for, by name and part.
    """

    folder: Path
    versions: Mapping[str, Mapping[str, str]]

    def record(
        self, corpus: Corpus, name: str, before: Mapping[str, str], decoded: bool
    ) -> dict[str, str | None]:
        """Record a name that was just read, and return the digest of the content by part.

        Parameters
        ----------
        corpus
            The data set.
        name
            The name.
        before
            The state from before, from `stat_digests`.
        decoded
            Whether containers were decoded: where only headers were read, all bytes are not worth reading.
        """
        read = [part for part in before if decoded or part != "containers"]
        return record(corpus, name, self.versions[name], before, self.folder, read)


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
    names: Iterable[str],
    folder: str | PathLike,
    data: Mapping[str, object],
    root: str,
    table_csv: str | PathLike,
    frames_csv: str | PathLike,
    strict: bool = False,
) -> None:
    """Join the records of all names, and add the names that are on disk but in no subset.

    Parameters
    ----------
    names
        All names.
    folder
        The folder of their records.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    table_csv, frames_csv
        The tables to write: the audit, and the usable crops of every name
        (`mimamo.audit.tables.read_usable_crops`).
    strict
        Whether an unusable name is an error.

    Raises
    ------
    InputError
        If `strict` and a listed name is unusable, where the sentence names all of them; or where the corpus
        as a whole cannot be used, see `mimamo.audit.corpus_checks`.
    """
    import pandas as pd

    corpus, names = Corpus.from_config({"data": data}, root), list(names)
    lists = Lists.read(corpus)
    table = read_rows(folder, names)
    if strict:
        refuse_unusable(table.to_dict("records"), "snakemake doctor")
    of_features = brought_symptoms(read_brought_records(folder, names))
    of_sound = sound_symptoms(corpus, read_sound_records(folder, names))
    Survey({}, of_features + of_sound + corpus_symptoms(corpus, table, lists)).refuse()
    unlisted = [report.row(corpus) for report in unlisted_names(corpus, set(table["name"]), lists)]
    table = pd.concat([table, build_table(unlisted)], ignore_index=True).sort_values("name", kind="stable")
    write_csv(table, table_csv)
    write_usable(read_usable(folder, names), frames_csv)
    _log_readings(corpus, lists)
    _log_summary(table)


def _log_readings(corpus: Corpus, lists: Lists) -> None:
    """Log which lists hold more than they should, and how they are read."""
    for symptom in [*survey(corpus).symptoms, *lists.readings]:
        if symptom.check == CHECK_READING:
            logger.warning("%s", corpus.with_relative_paths(symptom.sentence))


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
