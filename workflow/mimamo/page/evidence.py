"""The evidence tables, from the comparison to the runs, in the form that the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evidence.comparison import PUBLISHED
from mimamo.html.formats import interval, number
from mimamo.postprocessing.fit import Option
from mimamo.postprocessing.smoothing import NONE
from mimamo.storage.files import read_csv

ENDS = ("", "_low", "_high")
#: What the tables say of predictions that were held back.
DELAYED = Option(NONE, delay=True).delay_label


@dataclass(frozen=True)
class EvidenceTable:
    """Description of a table: how the page presents it and what makes it.

    Attributes
    ----------
    key
        Its file is ``results/<key>.csv``, or that of a run below it.
    title, about
        Heading, and the text below it.
    made_by
        The command that makes it.
    label
        Returns the label of a row.
    head
        What the rows are.
    parts
        Columns that separate the groups of rows that are compared with each other.
    plots
        What is drawn of it: the CCC itself, its difference to a reference.
    details
        Further columns with their headings.
    searched
        Whether a reader may search and filter its rows.
    """

    key: str
    title: str
    about: str
    made_by: str
    label: Callable[[Mapping], str]
    head: str
    parts: tuple[str, ...] = ()
    plots: tuple[str, ...] = ("difference",)
    details: Mapping[str, str] = field(default_factory=dict)
    searched: bool = False


def _variant(row: Mapping) -> str:
    """Describe the post-processing of a row's predictions."""
    steps = [row["ensemble"]]
    steps += [row["smoothing"].replace("_", " ")] if row["smoothing"] != "none" else []
    steps += ["label delay"] if row["delay"] == DELAYED else []
    steps += [f"gaps: {row['gaps']}"] if pd.notna(row["gaps"]) else []
    return ", ".join(steps)


def _ensemble(row: Mapping) -> str:
    """Describe an ensemble by its members and how they are weighted."""
    if pd.isna(row["members"]):
        return row["ensemble"]
    return f"{row['ensemble']}: {row['weights']} of {row['members'].replace(' ', ', ')}"


#: What the comparison is where published numbers are not part of it, as on any data set but Aff-Wild2.
PROTOCOLS = {
    "title": "Protocols",
    "about": "Every protocol that was run; and on the official validation set, where one was held out, the "
    "configured ensemble.",
}
KINDS = (
    EvidenceTable(
        "comparison",
        "Comparison with published scores",
        "Hollow markers and grey rows are published scores on other splits and data: they show the order of "
        "magnitude and are not directly comparable.",
        "snakemake results/comparison.csv",
        lambda row: f"{row['entry']}: {row['split']}",
        "entry",
        plots=("ccc",),
    ),
    EvidenceTable(
        "variants",
        "Ensembles, smoothing and gap policies",
        "What is applied to a fold's names was chosen on the other folds; on the official validation set, "
        "where the protocol holds it out (snakemake --config protocol=both), nothing was fitted. Differences "
        "are to the first row; the configured variant is printed in bold.",
        "snakemake results/variants.csv",
        _variant,
        "steps",
        ("scored_on", "kind"),
    ),
    EvidenceTable(
        "ensembles",
        "Ensembles over runs",
        "What is applied to a fold's names was fitted on the other folds; on the official validation set, "
        "where the protocol holds it out, nothing was fitted. Differences are to the first row, the "
        "configured run. The weights are in results/ensembles.",
        "snakemake results/ensembles.csv",
        _ensemble,
        "ensemble",
        ("scored_on",),
        plots=("ccc", "difference"),
    ),
    EvidenceTable(
        "gap_prices",
        "Cost of gaps",
        "Labelled names are masked with the gap pattern of the test names, and the gaps are filled with each "
        "policy. Differences are to the same names without gaps.",
        "snakemake results/gap_prices.csv",
        lambda row: row["policy"],
        "policy",
    ),
    EvidenceTable(
        "ablations",
        "Contribution of each part",
        "Trainings without one part of the method, scored out of fold on the same folds. Differences are to "
        "the first row, the method with all its streams.",
        "snakemake ablations",
        lambda row: row["variant"].replace("_", " "),
        "training",
        plots=("ccc", "difference"),
    ),
    EvidenceTable(
        "runs",
        "Runs",
        "The variants of the configuration, out of fold, each as the mean over its seeds (spread: their "
        "standard deviation). Differences are to the first row, the configured run. Hours are those of all "
        "trainings of a variant together.",
        "snakemake runs",
        lambda row: row["run"],
        "run",
        plots=("ccc", "difference"),
        details={
            "changes": "changes",
            "seeds": "seeds",
            **{f"spread_{dimension}": f"spread, {dimension}" for dimension in DIMENSIONS},
            "hours": "hours",
            "processor": "on",
        },
        searched=True,
    ),
)


def read_evidence(path: str | Path, kind: EvidenceTable) -> dict[str, pd.DataFrame]:
    """Read a table into those that the page shows.

    Returns
    -------
    dict of pandas.DataFrame
        By title, which is empty where there is one: label, own, configured, frames, note, and for each
        dimension its CCC with ``_low`` and ``_high``, and the same under ``difference_<dimension>``, where
        there are any; and the columns ``details`` of the kind.
    """
    raw = read_csv(path)
    table = pd.DataFrame(
        {
            "label": [kind.label(row) for row in raw.to_dict("records")],
            "own": raw["source"] != PUBLISHED if "source" in raw else True,
            "configured": raw["configured"] == "yes" if "configured" in raw else False,
            "frames": raw.get("frames"),
            "note": raw.get("note"),
            **{column: raw[column] for column in kind.details},
        }
    )
    columns = {"ccc_": "", "difference_": "difference_"}
    for prefix, new_prefix in columns.items():
        for column in (f"{dimension}{end}" for dimension in DIMENSIONS for end in ENDS):
            if f"{prefix}{column}" in raw:
                table[f"{new_prefix}{column}"] = raw[f"{prefix}{column}"]
    parts = [column for column in kind.parts if column in raw]
    if not parts:
        return {"": table}
    titles = raw[parts].agg(": ".join, axis=1)
    return {title: table[titles == title] for title in dict.fromkeys(titles)}


def describe_choice(path: str | Path) -> str:
    """Describe the best of the compared runs, and what choosing it is worth; empty where there is one run.

    Parameters
    ----------
    path
        The second table of `mimamo.evidence.run_comparison.compare_runs`.
    """
    row = read_csv(path).iloc[0]
    if row["compared"] == 1:
        return ""
    sentences = [
        f"{row['compared']} runs were compared. By the mean of both CCCs out of fold the best is "
        f"{row['best']} with {number(row['score'])}."
    ]
    if pd.notna(row["by_chance"]):
        sentences.append(
            f"It is better than the configured run by {number(row['advantage'])}; if none were better, the "
            f"best of so many would still seem better by {number(row['by_chance'])} on average (up to "
            f"{number(row['by_chance_high'])} in 95 of 100 cases), and by as much as here with a probability "
            f"of {number(row['probability'], 2)} (reality check, White 2000)."
        )
    sentences.append(f"Choosing on the other folds, each fold's people get {_scores(row, 'nested')}.")
    if f"validation_{DIMENSIONS[0]}" in row:
        sentences.append(
            f"On the official validation set, where nothing was chosen, {row['best']} has "
            f"{_scores(row, 'validation')}."
        )
    return " ".join(sentences)


def _scores(row: Mapping, prefix: str) -> str:
    """Return both CCCs with their intervals."""
    return " and ".join(
        f"{number(row[f'{prefix}_{dimension}'])}{f' ({ends})' if ends else ''} for {dimension}"
        for dimension in DIMENSIONS
        for ends in [interval(row, f"{prefix}_{dimension}")]
    )


def is_shown(kind: EvidenceTable, tables: Mapping[str, str], submits: bool) -> bool:
    """Return whether a page has a table, made or not.

    Parameters
    ----------
    kind
        The table.
    tables
        The tables of the run by their key: those of runs and ensembles are among them where there are some in
        the configuration.
    submits
        Whether there are test names.
    """
    configured = {key: key in tables for key in ("runs", "ensembles")}
    return {"gap_prices": submits, **configured}.get(kind.key, True)


def plotted_rows(table: pd.DataFrame, what: str) -> pd.DataFrame:
    """Select what a plot shows of a table of `read_evidence`.

    Parameters
    ----------
    table
        One of its tables.
    what
        ``ccc``, or ``difference``: then the reference, which differs from itself by nothing, is left out.
    """
    if what == "ccc":
        return table
    if f"difference_{DIMENSIONS[0]}" not in table:
        return table.iloc[:0]
    columns = [column for column in table if column.startswith("difference_")]
    kept = table[["label", "own", *columns]].iloc[1:]
    return kept.rename(columns=lambda column: column.removeprefix("difference_"))


def existing_tables(tables: Mapping[str, str]) -> dict[str, str]:
    """Return the tables whose files exist."""
    return {key: path for key, path in tables.items() if path and Path(path).is_file()}
