"""The data doctor: all symptoms of a corpus, as a table and as an HTML page."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.batches import unlisted_names
from mimamo.audit.brought_checks import brought_symptoms, read_brought_records
from mimamo.audit.corpus_checks import corpus_symptoms
from mimamo.audit.crop_checks import CHECK_MOSTLY_MISSING, KIND_CHECKS, filled_share
from mimamo.audit.label_checks import join_label_notes
from mimamo.audit.list_checks import Lists, list_symptoms
from mimamo.audit.records import read_rows, read_symptom_rows
from mimamo.audit.shared_symptoms import collapse_shared
from mimamo.audit.sound_checks import read_sound_records, sound_symptoms
from mimamo.audit.survey import Survey, refuse_unusable, survey
from mimamo.audit.symptoms import SEVERITIES, Symptom, pluralise
from mimamo.audit.tables import DIAGNOSIS_COLUMNS, build_table, read_diagnosis, shown_frames, symptom_rows
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import write_csv
from mimamo.streams import PAPER, Settings

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

CHECK_LAYOUT = "layout of the data set"
_OTHER_LAYOUT = "set the keys of data in the configuration where something else is meant"
#: The page's template.
TEMPLATE = Path(__file__).parent / "template/doctor.html"
#: Order of names by verdict; unlisted ones, which need no action, come before those that are ok.
_ORDER = ("unusable", "repaired", "unlisted", "ok")
#: Most lines of advice at the top of the page.
_MAX_ADVICE = 8


@dataclass(frozen=True)
class NameEntry:
    """One name: its row of the audit's table, and its symptoms as rows, the worst first."""

    row: Mapping[str, object]
    symptoms: Sequence[Mapping[str, str]] = ()

    @property
    def verdict(self) -> str:
        """The audit's verdict, or ``unlisted`` for a name in no list."""
        return "unlisted" if self.row["subset"] == "unlisted" else str(self.row["verdict"])

    @property
    def length(self) -> int:
        """Number of frames of the video, 0 where not known."""
        return _count(self.row["length"])

    @property
    def crops(self) -> int:
        """Number of usable crops."""
        return _count(self.row["crops"])

    @property
    def missing(self) -> int:
        """Number of frames without a usable crop."""
        return max(self.length - self.crops, 0)

    @property
    def covered(self) -> str:
        """Share of the video's frames with a usable crop: those that a face was found in."""
        return f"{100 - filled_share(self.missing, self.length)} %"

    def label(self, check: str) -> str:
        """Return the name for the advice on a check, with the share of filled rows where it matters."""
        share = f", {filled_share(self.missing, self.length)} %" if check == CHECK_MOSTLY_MISSING else ""
        return f"{self.row['name']}{share}"


def _count(value: object) -> int:
    """Convert a count read from a table to int, 0 where it is missing."""
    return int(value) if value == value and value is not None and str(value) != "<NA>" else 0


@dataclass(frozen=True)
class Diagnosis:
    """The content of the page: the names, the worst first, and the symptoms of the corpus as a whole."""

    entries: Sequence[NameEntry]
    corpus: Sequence[Mapping[str, str]] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """Return the number of names with a verdict."""
        return sum(entry.verdict == verdict for entry in self.entries)

    def total(self, what: str) -> int:
        """Return the sum of `NameEntry.length`, ``crops`` or ``missing`` over all listed names."""
        return sum(getattr(entry, what) for entry in self.entries if entry.verdict != "unlisted")

    @property
    def advice(self) -> list[dict[str, object]]:
        """What to do first: faults before repairs, and checks that most names fail before the others."""
        groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for entry in self.entries:
            for symptom in entry.symptoms if entry.verdict != "unlisted" else ():
                if symptom["severity"] != "note" and symptom["remedy"]:
                    key = (symptom["severity"], symptom["check"])
                    groups.setdefault(key, []).append((entry.label(symptom["check"]), symptom["remedy"]))
        advice = [_advice(*key, remedies) for key, remedies in groups.items()]
        advice.sort(key=lambda line: (SEVERITIES.index(line["severity"]), -len(line["names"]), line["check"]))
        return advice[:_MAX_ADVICE]


def _advice(severity: str, check: str, remedies: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Build the advice on one check from its (name, remedy) pairs: the remedies that most names need."""
    common = [remedy for remedy, _ in Counter(remedy for _, remedy in remedies).most_common(2)]
    names = list(dict.fromkeys(name for name, _ in remedies))
    return {"severity": severity, "check": check, "names": names, "remedy": ", or ".join(common)}


def write_diagnosis(
    names: Iterable[str],
    folder: str | PathLike,
    data: Mapping[str, object],
    root: str,
    table_csv: str | PathLike,
    page_html: str | PathLike,
    demo: bool = False,
    layout: str = "",
    streams: Mapping[str, Settings] = PAPER,
) -> Diagnosis:
    """Write doctor.csv and doctor.html.

    Parameters
    ----------
    names, folder
        All names, and the folder of the audit's records of them.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    table_csv
        The table to write, with `DIAGNOSIS_COLUMNS`: a row per symptom, the worst names first; names without
        any have one row, and the symptoms of the corpus as a whole come before all names.
    page_html
        The page to write: one self-contained file.
    demo
        Whether the corpus is the rendered demo corpus.
    layout
        Which layout was found (`mimamo.corpus.layout_search.Layout.sentence`), for a note; empty where the
        configuration gives it.
    streams
        The section ``streams`` of the configuration.

    Returns
    -------
    Diagnosis
        The content of both.
    """
    corpus = Corpus.from_config({"data": data, "streams": streams}, root)
    lists = Lists.read(corpus)
    names = list(names)
    rows = read_rows(folder, names).to_dict("records")
    of_names = brought_symptoms(read_brought_records(folder, names))
    of_names += sound_symptoms(corpus, read_sound_records(folder, names))
    of_names += corpus_symptoms(corpus, build_table(rows), lists)
    symptoms = read_symptom_rows(folder, names)
    unlisted = unlisted_names(corpus, {row["name"] for row in rows}, lists)
    rows += build_table([report.row(corpus) for report in unlisted]).to_dict("records")
    for report in unlisted:
        symptoms += symptom_rows(corpus, str(report.cells["name"]), report.symptoms)
    surveyed = survey(corpus)
    of_lists = list_symptoms(corpus, surveyed.subsets, lists)
    of_layout = [Symptom(CHECK_LAYOUT, "note", layout, remedy=_OTHER_LAYOUT)] if layout else []
    of_corpus = symptom_rows(corpus, "", [*surveyed.symptoms, *of_lists, *of_names, *of_layout])
    symptoms, of_labels = join_label_notes(corpus, rows, symptoms)
    with_crops = {row["name"] for row in rows if row["crops"]}
    symptoms, of_crops = collapse_shared(symptoms, KIND_CHECKS.values(), with_crops, "names with crops")
    diagnosis = Diagnosis(_entries(rows, symptoms), _worst_first([*of_corpus, *of_labels, *of_crops]))
    write_csv(diagnosis_table(diagnosis), table_csv)
    write_page(diagnosis, page_html, root=str(root), demo=demo)
    return diagnosis


def _entries(rows: Iterable[Mapping], symptoms: Iterable[Mapping]) -> list[NameEntry]:
    """Join names and their symptoms, the worst names first."""
    by_name: dict[str, list[Mapping]] = {}
    for symptom in symptoms:
        by_name.setdefault(symptom["name"], []).append(symptom)
    entries = [NameEntry(row, _worst_first(by_name.get(row["name"], ()))) for row in rows]
    return sorted(entries, key=_sort_key)


def _worst_first(symptoms: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Sort symptoms by severity; within a severity they stay in the order of the checks."""
    return sorted(symptoms, key=lambda symptom: SEVERITIES.index(symptom["severity"]))


def _sort_key(entry: NameEntry) -> tuple:
    """Return the sort key: verdict, then number of faults and repairs, then share of missing crops."""
    wrong = sum(symptom["severity"] != "note" for symptom in entry.symptoms)
    share = entry.missing / entry.length if entry.length else 0.0
    return _ORDER.index(entry.verdict), -wrong, -share, str(entry.row["name"])


def diagnosis_table(diagnosis: Diagnosis) -> pd.DataFrame:
    """Build the table doctor.csv: a row per symptom, or one for a name without any."""
    import pandas as pd

    blank = dict.fromkeys(DIAGNOSIS_COLUMNS, "")
    rows = [{**blank, **symptom} for symptom in diagnosis.corpus]
    for entry in diagnosis.entries:
        identity = {key: entry.row[key] for key in ("name", "subset", "verdict")}
        rows += [
            {**dict.fromkeys(DIAGNOSIS_COLUMNS, ""), **symptom, **identity}
            for symptom in entry.symptoms or [{}]
        ]
    return pd.DataFrame(rows, columns=list(DIAGNOSIS_COLUMNS))


def write_page(diagnosis: Diagnosis, page_html: str | PathLike, **about: object) -> None:
    """Write the page from its template, which escapes text from the data set; `about` are its variables."""
    from mimamo.html import document

    document.write_page(TEMPLATE, {"diagnosis": diagnosis, "frames": shown_frames, **about}, page_html)


def log_diagnosis(table_csv: str | PathLike, page_html: str | PathLike, strict: bool = False) -> None:
    """Log the diagnosis in a few lines.

    Parameters
    ----------
    table_csv, page_html
        The files written by `write_diagnosis`.
    strict
        Whether an unusable name stops a run, from the configuration.

    Raises
    ------
    InputError
        Where a run of the workflow would be refused.
    """
    rows = read_diagnosis(table_csv).to_dict("records")
    of_corpus = [_symptom(row) for row in rows if not row["name"]]
    listed = {row["name"]: row for row in rows if row["name"] and row["subset"] != "unlisted"}
    verdicts = {name: row["verdict"] for name, row in listed.items()}
    for symptom in of_corpus:
        level = logging.INFO if symptom.severity == "note" else logging.WARNING
        logger.log(level, "%s", symptom.sentence)
    counts = [list(verdicts.values()).count(verdict) for verdict in ("ok", "repaired", "unusable")]
    logger.info("%d names: %d ok, %d repaired, %d unusable. Read %s", len(verdicts), *counts, page_html)
    if blocking := Survey({}, of_corpus).blocking(strict):
        raise InputError(
            f"{page_html}: expected a corpus that a run can use, found {pluralise(blocking, 'fault')} of the"
            " corpus"
            " as a whole; fix the problems listed above and on the page."
        )
    if strict:
        refuse_unusable(list(listed.values()), str(page_html))


def _symptom(row: Mapping[str, str]) -> Symptom:
    """Return the symptom in a row of doctor.csv, without its frames."""
    return Symptom(row["check"], row["severity"], row["wrong"], row["done"], row["remedy"])
