"""Running the audit, label and doctor stages on a small corpus, as the rules do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mimamo.audit.batches import audit_batch, audit_table
from mimamo.audit.doctor import write_diagnosis
from mimamo.audit.list_checks import Lists
from mimamo.audit.records import read_rows
from mimamo.audit.survey import Survey, survey
from mimamo.audit.tables import read_diagnosis
from mimamo.corpus.layout import Corpus
from mimamo.dataset.labels import write_labels
from mimamo.streams import PAPER


@dataclass(frozen=True)
class Outcome:
    """What the stages made of a corpus: their tables, and what is wrong with the corpus as a whole."""

    stock: Survey
    audit: pd.DataFrame
    doctor: pd.DataFrame
    page: str
    results: Path

    def said(self, name: str) -> list[str]:
        """Give the sentences about a name; about the corpus for ""."""
        rows = self.doctor[self.doctor["name"] == name].to_dict("records")
        return [
            "; ".join(row[part] for part in ("wrong", "done", "remedy") if row[part]) + "."
            for row in rows
            if row["wrong"]
        ]

    def frames(self, name: str) -> list[str]:
        """Give the frames of each sentence of `said`."""
        rows = self.doctor[(self.doctor["name"] == name) & (self.doctor["wrong"] != "")]
        return rows["frames"].tolist()


def survey_corpus(root: Path, data: dict) -> Survey:
    """Look at the corpus as a whole, as the Snakefile does."""
    corpus = Corpus.from_config({"data": data}, root)
    found = survey(corpus)
    return Survey(found.subsets, found.symptoms + Lists.read(corpus).symptoms)


def diagnose(root: Path, results: Path, data: dict, streams: dict = PAPER) -> Outcome:
    """Run what ``snakemake doctor`` runs."""
    stock = survey_corpus(root, data)
    folder, names = results / "names", sorted(stock.subsets)
    known = [symptom.complaint for symptom in stock.blocking()]
    keys, more = dict.fromkeys(names, "as given"), {"known": known, "streams": streams}
    audit_batch(keys, stock.subsets, data, str(root), True, folder, **more)
    page = results / "doctor.html"
    write_diagnosis(
        names,
        folder,
        data,
        str(root),
        results / "doctor.csv",
        page,
        streams=streams,
    )
    audit = read_rows(folder, names).set_index("name")
    return Outcome(stock, audit, read_diagnosis(results / "doctor.csv"), page.read_text(), results)


def label(outcome: Outcome, root: Path, data: dict, strict: bool = False) -> dict[str, bytes]:
    """Run the audit's table and the labels after `diagnose`; return the files of labels by name."""
    results = outcome.results
    names, tables = sorted(outcome.stock.subsets), [results / "audit.csv", results / "frames.csv"]
    audit_table(names, results / "names", data, str(root), *tables, strict)
    tables = {"labels_folder": results / "labels", "summary_csv": results / "labels_summary.csv"}
    write_labels(results / "audit.csv", results / "frames.csv", data, str(root), **tables)
    return {path.stem: path.read_bytes() for path in sorted((results / "labels").iterdir())}
