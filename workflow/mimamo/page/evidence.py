"""Tables of other parts of the workflow that the page shows where they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.files import read_csv

#: More rows than these make no plot that can be read.
MOST_ROWS = 40


@dataclass(frozen=True)
class Kind:
    """What is known of a table before it is read.

    Attributes
    ----------
    key
        Its file is ``results/<key>.csv``.
    title, about
        What stands above it.
    made_by
        How to make it.
    labels
        The columns that tell its rows apart.
    differences
        Whether it holds differences of the CCC to a reference as well.
    """

    key: str
    title: str
    about: str
    made_by: str
    labels: tuple[str, ...]
    differences: bool = False


KINDS = (
    Kind(
        "comparison",
        "Beside published numbers",
        "Hollow marks and grey rows are other people's numbers on other splits: they say where the field "
        "stands, and not who is better.",
        "snakemake results/comparison.csv",
        ("entry", "split"),
    ),
    Kind(
        "variants",
        "Ensembles, smoothing and gap policies",
        "Every way to put the folds' networks together, scored on the official validation set, which nothing "
        "was fitted on.",
        "snakemake results/variants.csv --config protocol=official",
        ("ensemble", "smoothing", "gap_policy", "policy", "variant"),
    ),
    Kind(
        "gap_prices",
        "What a gap costs",
        "Real gaps of test names are masked into names with labels, and filled by each policy.",
        "snakemake results/gap_prices.csv",
        ("policy",),
    ),
    Kind(
        "ablations",
        "What each part is good for",
        "The same folds and settings with one part left out or changed. Differences are to the row “both”, "
        "with their 95 % interval over videos.",
        "snakemake ablations",
        ("variant",),
        differences=True,
    ),
)


def read_evidence(path: str | Path, kind: Kind) -> pd.DataFrame:
    """Read a table into the columns that the page shows.

    Returns
    -------
    pandas.DataFrame
        label, own, frames, note, and for each dimension its CCC with ``_low`` and ``_high``, and the same
        under ``difference_<dimension>`` where the kind has it; missing where the file has no such column.
    """
    raw = read_csv(path)
    table = pd.DataFrame({"label": _labels(raw, kind)})
    table["own"] = raw["source"] != "published" if "source" in raw else True
    for column in ("frames", "note"):
        table[column] = raw.get(column)
    for dimension in DIMENSIONS:
        for end in ("", "_low", "_high"):
            table[f"{dimension}{end}"] = raw.get(f"ccc_{dimension}{end}")
            if kind.differences:
                table[f"difference_{dimension}{end}"] = raw.get(f"difference_{dimension}{end}")
    return table


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Give the differences of a table of `read_evidence` as a plot wants them, without rows of none."""
    prefix = "difference_"
    kept = table[["label", "own", *(column for column in table if column.startswith(prefix))]]
    kept = kept.rename(columns=lambda column: column.removeprefix(prefix))
    return kept.dropna(subset=list(DIMENSIONS), how="all")


def found(tables: Mapping[str, str]) -> dict[str, str]:
    """Leave out what is not there."""
    return {key: path for key, path in tables.items() if path and Path(path).is_file()}


def _labels(raw: pd.DataFrame, kind: Kind) -> list[str]:
    columns = [column for column in kind.labels if column in raw]
    parts = raw[columns].fillna("").astype(str)
    return [", ".join(part for part in row if part) for row in parts.itertuples(index=False)]
