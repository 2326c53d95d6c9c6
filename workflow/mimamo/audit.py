"""Frame alignment checks: the tables of what is on disk for every name."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mimamo.corpus import Corpus, check_paths, person_groups
from mimamo.crops import limit_threads, list_crops
from mimamo.errors import InputError
from mimamo.files import write_csv
from mimamo.inspection import Findings, Lists, audit_name, counted, crop_cells
from mimamo.lists import read_sample_list
from mimamo.verdicts import build_table, read_audit

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("mimamo")


def audit_batch(
    names: Iterable[str],
    subsets: Mapping[str, str],
    data: Mapping[str, object],
    root: str,
    decode_containers: bool,
    names_csv: str,
    frames_csv: str,
    threads: int = 1,
) -> None:
    """Check a batch of names and write the two tables of the batch.

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
    names_csv, frames_csv
        The tables to write: a row per name with the columns of `mimamo.verdicts`, and
        ``name,frame`` of every usable crop.
    threads
        Threads for decoding.

    Raises
    ------
    InputError
        If the configuration names something that is missing, or a list cannot be read.
    """
    import pandas as pd

    limit_threads(threads)
    corpus = Corpus.from_config({"data": data}, root)
    check_paths(corpus)
    names = sorted(names)
    lists = Lists.read(corpus, names)
    found = []
    for count, name in enumerate(names, start=1):
        found.append(audit_name(corpus, name, subsets[name], lists, decode_containers, threads))
        _tell(corpus, found[-1], f"{count}/{len(names)}")
    frames = [(one.cells["name"], frame) for one in found for frame in one.frames]
    write_csv(build_table([one.row(corpus) for one in found]), names_csv)
    write_csv(pd.DataFrame(frames, columns=["name", "frame"]), frames_csv)


def _tell(corpus: Corpus, found: Findings, progress: str) -> None:
    """Log what was found for a name."""
    row = found.row(corpus)
    logger.info(
        "%s %s (%s): %d crops, %s", progress, row["name"], row["subset"], row["crops"], row["verdict"]
    )
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
        raise InputError(
            f"With strict: true every name must be usable, but {counted(unusable, 'name')} of {len(table)}"
            f" cannot be used: {', '.join(unusable)}; mend them as results/logs/audit"
            " says, or set strict: false."
        )
    unlisted = _unlisted(corpus, set(table["name"]))
    table = pd.concat([table, build_table(unlisted)], ignore_index=True).sort_values("name", kind="stable")
    write_csv(table, table_csv)
    _tell_all(table)


def _unlisted(corpus: Corpus, listed: set[str]) -> list[dict[str, object]]:
    """Give rows for folders of crops, and names of the sample list, that are in no subset."""
    sample = read_sample_list(corpus.sample_list) if corpus.sample_list else {}
    folders = set(corpus.crop_names())
    names = sorted((folders | set(sample)) - listed)
    groups = person_groups(corpus, names)
    rows = []
    for name in names:
        found = Findings(_unlisted_cells(corpus, name, groups[name]))
        if name in sample:
            found.faults.append(
                f"{corpus.sample_list}: names {name!r}, but data.test_list does not, so it is not used."
            )
            logger.warning("%s", found.faults[-1])
        else:
            found.faults.append(
                f"{name}: no list or annotation names this folder of crops, so it is not used."
            )
        rows.append(found.row(corpus))
    return rows


def _unlisted_cells(corpus: Corpus, name: str, group: str) -> dict[str, object]:
    """Describe a name that is in no subset, by its listing alone."""
    folder = corpus.crop_folder(name)
    numbers = list_crops(folder).numbers if folder is not None else []
    cells = {"subset": "unlisted", "partner": " ".join(corpus.partners(name)), "group": group}
    return {"name": name if name.isprintable() else ascii(name), **cells, **crop_cells(numbers)}


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
