"""The evidence tables (comparison, variants, gap prices, ablations), in the form that the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.evidence.comparison import PUBLISHED
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
    """

    key: str
    title: str
    about: str
    made_by: str
    label: Callable[[Mapping], str]
    head: str
    parts: tuple[str, ...] = ()
    plots: tuple[str, ...] = ("difference",)


def _variant(row: Mapping) -> str:
    """Describe the post-processing of a row's predictions."""
    steps = [row["ensemble"]]
    steps += [row["smoothing"].replace("_", " ")] if row["smoothing"] != "none" else []
    steps += ["label delay"] if row["delay"] == DELAYED else []
    steps += [f"gaps: {row['gaps']}"] if pd.notna(row["gaps"]) else []
    return ", ".join(steps)


#: What the comparison is where published numbers are not part of it, as on any data set but Aff-Wild2.
PROTOCOLS = {
    "title": "Protocols",
    "about": "Every protocol that was run; and on the official validation set, where one was held out, the "
    "configured ensemble.",
}
KINDS = (
    EvidenceTable(
        "comparison",
        "Beside published numbers",
        "Hollow marks and grey rows are other people's numbers, on other splits and with other data: they "
        "show the order of magnitude, not who is better.",
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
        "are to the first row; what is configured is printed bold.",
        "snakemake results/variants.csv",
        _variant,
        "steps",
        ("scored_on", "kind"),
    ),
    EvidenceTable(
        "gap_prices",
        "What a gap costs",
        "The gaps of the test names, masked into names whose truth is known, and filled by each policy. "
        "Differences are to the same names without gaps.",
        "snakemake results/gap_prices.csv",
        lambda row: row["policy"],
        "policy",
    ),
    EvidenceTable(
        "ablations",
        "What each part is good for",
        "Trainings that lack one part, out of fold on the same folds. Differences are to the first row, the "
        "method with all its streams.",
        "snakemake ablations",
        lambda row: row["variant"].replace("_", " "),
        "training",
        plots=("ccc", "difference"),
    ),
)


def read_evidence(path: str | Path, kind: EvidenceTable) -> dict[str, pd.DataFrame]:
    """Read a table into those that the page shows.

    Returns
    -------
    dict of pandas.DataFrame
        By title, which is empty where there is one: label, own, configured, frames, note, and for each
        dimension its CCC with ``_low`` and ``_high``, and the same under ``difference_<dimension>``, where
        there are any.
    """
    raw = read_csv(path)
    table = pd.DataFrame(
        {
            "label": [kind.label(row) for row in raw.to_dict("records")],
            "own": raw["source"] != PUBLISHED if "source" in raw else True,
            "configured": raw["configured"] == "yes" if "configured" in raw else False,
            "frames": raw.get("frames"),
            "note": raw.get("note"),
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
