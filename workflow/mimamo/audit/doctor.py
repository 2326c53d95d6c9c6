"""The data doctor: everything that is wrong with a corpus, as a table and as a page for a person."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from mimamo.audit.batches import strict_refusal, unlisted_names
from mimamo.audit.survey import Lists, Survey, survey
from mimamo.audit.symptoms import SEVERITIES, Symptom, counted
from mimamo.audit.tables import SYMPTOM_COLUMNS, build_table, read_audit, read_symptoms, symptom_table
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.files import read_csv, write_csv, written_whole

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")

#: The columns of doctor.csv; rows without a name are about the corpus as a whole.
COLUMNS = ("name", "subset", "verdict", *SYMPTOM_COLUMNS[1:])
#: How names are sorted; of those no list names nothing is needed.
_ORDER = ("unusable", "repaired", "unlisted", "ok")
#: Ranges of frames that the page shows of one symptom; the table has all.
_MOST_RANGES = 12
#: Lines of advice at the top of the page.
_MOST_ADVICE = 8


@dataclass(frozen=True)
class Patient:
    """One name: its row of the audit's table, and its symptoms as rows, the worst first."""

    row: Mapping[str, object]
    symptoms: Sequence[Mapping[str, str]] = ()

    @property
    def verdict(self) -> str:
        """As in the audit, but for names that no list has."""
        return "unlisted" if self.row["subset"] == "unlisted" else str(self.row["verdict"])

    @property
    def length(self) -> int:
        """Frames of the video, 0 where not known."""
        return _whole(self.row["length"])

    @property
    def crops(self) -> int:
        """Usable crops."""
        return _whole(self.row["crops"])

    @property
    def missing(self) -> int:
        """Frames without a usable crop."""
        return max(self.length - self.crops, 0)


def _whole(value: object) -> int:
    """Give a count of a table, 0 where it is missing."""
    return int(value) if value == value and value is not None and str(value) != "<NA>" else 0


@dataclass(frozen=True)
class Diagnosis:
    """What the page shows: the names, the worst first, and what is wrong with the corpus as a whole."""

    patients: Sequence[Patient]
    corpus: Sequence[Mapping[str, str]] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """Count the names with a verdict."""
        return sum(patient.verdict == verdict for patient in self.patients)

    def total(self, what: str) -> int:
        """Add up length, crops or missing of all listed names."""
        return sum(getattr(patient, what) for patient in self.patients if patient.verdict != "unlisted")

    @property
    def advice(self) -> list[dict[str, object]]:
        """What to do first: faults before repairs, and what concerns most names before the rest."""
        groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for patient in self.patients:
            for symptom in patient.symptoms if patient.verdict != "unlisted" else ():
                if symptom["severity"] != "note" and symptom["remedy"]:
                    key = (symptom["severity"], symptom["check"])
                    groups.setdefault(key, []).append((str(patient.row["name"]), symptom["remedy"]))
        advice = [_advice(*key, found) for key, found in groups.items()]
        advice.sort(key=lambda one: (SEVERITIES.index(one["severity"]), -len(one["names"]), one["check"]))
        return advice[:_MOST_ADVICE]


def _advice(severity: str, check: str, found: Sequence[tuple[str, str]]) -> dict[str, object]:
    """Put together what can be done about one kind of symptom: the remedies that most names need."""
    remedies = [remedy for remedy, _ in Counter(remedy for _, remedy in found).most_common(2)]
    names = list(dict.fromkeys(name for name, _ in found))
    return {"severity": severity, "check": check, "names": names, "remedy": ", or ".join(remedies)}


def write_diagnosis(
    names_csvs: Iterable[str | PathLike],
    symptoms_csvs: Iterable[str | PathLike],
    data: Mapping[str, object],
    root: str,
    template: str | PathLike,
    table_csv: str | PathLike,
    page_html: str | PathLike,
    demo: bool = False,
) -> Diagnosis:
    """Write doctor.csv and doctor.html.

    Parameters
    ----------
    names_csvs, symptoms_csvs
        The audit's tables of every batch.
    data, root
        The section ``data`` of the configuration, and the data set's folder.
    template
        The page's template.
    table_csv
        The table to write, with `COLUMNS`: a row per symptom, the worst names first; names without any have
        one row, and what is wrong with the corpus as a whole comes before all names.
    page_html
        The page to write: one file that needs nothing else.
    demo
        Whether the corpus is the rendered one.

    Returns
    -------
    Diagnosis
        What both say.
    """
    corpus = Corpus.from_config({"data": data}, root)
    rows = [row for path in names_csvs for row in read_audit(path).to_dict("records")]
    found = [row for path in symptoms_csvs for row in read_symptoms(path).to_dict("records")]
    unlisted = unlisted_names(corpus, {row["name"] for row in rows})
    rows += build_table([one.row(corpus) for one in unlisted]).to_dict("records")
    found += symptom_table(corpus, {str(one.cells["name"]): one.symptoms for one in unlisted}).to_dict(
        "records"
    )
    whole = symptom_table(corpus, {"": [*survey(corpus).symptoms, *Lists.read(corpus).symptoms]})
    diagnosis = Diagnosis(_patients(rows, found), _worst_first(whole.to_dict("records")))
    write_csv(diagnosis_table(diagnosis), table_csv)
    write_page(diagnosis, template, page_html, root=str(root), demo=demo)
    return diagnosis


def _patients(rows: Iterable[Mapping], symptoms: Iterable[Mapping]) -> list[Patient]:
    """Bring names and symptoms together, the worst first."""
    by_name: dict[str, list[Mapping]] = {}
    for symptom in symptoms:
        by_name.setdefault(symptom["name"], []).append(symptom)
    patients = [Patient(row, _worst_first(by_name.get(row["name"], ()))) for row in rows]
    return sorted(patients, key=_badness)


def _worst_first(symptoms: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Sort symptoms by severity, and else leave them in the order of the checks."""
    return sorted(symptoms, key=lambda symptom: SEVERITIES.index(symptom["severity"]))


def _badness(patient: Patient) -> tuple:
    """Sort by verdict, then by the number of things that are wrong, then by the share of missing crops."""
    wrong = sum(symptom["severity"] != "note" for symptom in patient.symptoms)
    share = patient.missing / patient.length if patient.length else 0.0
    return _ORDER.index(patient.verdict), -wrong, -share, str(patient.row["name"])


def diagnosis_table(diagnosis: Diagnosis) -> pd.DataFrame:
    """Build doctor.csv."""
    import pandas as pd

    rows = [{**dict.fromkeys(COLUMNS, ""), **symptom} for symptom in diagnosis.corpus]
    for patient in diagnosis.patients:
        about = {key: patient.row[key] for key in ("name", "subset", "verdict")}
        rows += [{**dict.fromkeys(COLUMNS, ""), **symptom, **about} for symptom in patient.symptoms or [{}]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def read_diagnosis(path: str | PathLike) -> pd.DataFrame:
    """Read doctor.csv; all of it is text, and nothing is missing."""
    return read_csv(path, converters=dict.fromkeys(COLUMNS[1:], str), na_filter=False)


def write_page(
    diagnosis: Diagnosis, template: str | PathLike, page_html: str | PathLike, **about: object
) -> None:
    """Fill the template; text from the data set is escaped there."""
    import jinja2

    template = Path(template)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["frames"] = shown_frames
    page = environment.get_template(template.name).render(diagnosis=diagnosis, **about)
    with written_whole(page_html) as fresh:
        fresh.write_text(page, encoding="utf-8")


def shown_frames(ranges: str) -> str:
    """Write the ranges ``2-5 9`` for a page, the first of them where there are many."""
    found = ranges.replace("-", "–").split()
    more = f" and {len(found) - _MOST_RANGES} more ranges" if len(found) > _MOST_RANGES else ""
    return ", ".join(found[:_MOST_RANGES]) + more


def tell_diagnosis(table_csv: str | PathLike, page_html: str | PathLike, strict: bool = False) -> None:
    """Log the diagnosis in a few lines.

    Parameters
    ----------
    table_csv, page_html
        What `write_diagnosis` wrote.
    strict
        As the configuration says: whether an unusable name stops a run.

    Raises
    ------
    InputError
        Where a run would be refused.
    """
    rows = read_diagnosis(table_csv).to_dict("records")
    whole = [_symptom(row) for row in rows if not row["name"]]
    verdicts = {row["name"]: row["verdict"] for row in rows if row["name"] and row["subset"] != "unlisted"}
    for symptom in whole:
        logger.warning("%s", symptom.sentence)
    counts = [list(verdicts.values()).count(verdict) for verdict in ("ok", "repaired", "unusable")]
    logger.info("%d names: %d ok, %d repaired, %d unusable. Read %s", len(verdicts), *counts, page_html)
    if stopping := Survey({}, whole).stopping(strict):
        raise InputError(
            f"{page_html}: expected a corpus that a run can use, found {counted(stopping, 'fault')} of the"
            " corpus"
            " as a whole; mend what is named above and on the page."
        )
    unusable = sorted(name for name, verdict in verdicts.items() if verdict == "unusable")
    if strict and unusable:
        raise InputError(strict_refusal(unusable, len(verdicts), str(page_html)))


def _symptom(row: Mapping[str, str]) -> Symptom:
    """Give the symptom of a row, without its frames."""
    return Symptom(row["check"], row["severity"], row["wrong"], row["done"], row["remedy"])
