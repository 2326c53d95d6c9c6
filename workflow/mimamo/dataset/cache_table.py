"""The table of caches: what the fitted names, or the test names, have of every stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

import pandas as pd

from mimamo.corpus.extraction import cache_records
from mimamo.errors import InputError
from mimamo.features.record import common_record
from mimamo.storage.files import write_csv


def write_cache_table(
    names: Iterable[str],
    folders: Mapping[str, str | PathLike],
    keys: Mapping[str, Mapping[str, str]],
    out: str | PathLike,
    features: Iterable[str | PathLike] = (),
) -> None:
    """Write which caches the names have, for the rules that read them.

    Parameters
    ----------
    names
        The names.
    folders
        The folders of their caches by stage: ``phase``, ``features``, ``backbones/…``, ``brought/…``.
    keys
        The keys that the caches should have: by stage and name.
    out
        The CSV to write: name, frames with a crop, and the digest of the cache of every stage.
    features
        The folders of the features of backbones.

    Raises
    ------
    InputError
        Where a name has no cache with its key, its caches differ in their number of frames, or features are
        of different kinds.
    """
    rows, names = [], sorted(names)
    for stage, folder in folders.items():
        if pending := cache_records(folder).pending(keys[stage]):
            raise InputError(
                f"{folder}/{pending[0]}.npy: expected a cache of the crops, settings and code of this run, "
                f"found none or another one, and {len(pending) - 1} names like it; run the workflow again"
            )
    for name in names:
        records = {folder: cache_records(folder).read(name) for folder in folders.values()}
        (first, record), *others = records.items()
        for folder, other in others:
            if other["frames"] != record["frames"]:
                raise InputError(
                    f"{name}: expected as many frames in all caches, found {record['frames']} and "
                    f"{other['frames']}; delete {name}.json in {first} and {folder}, so that the workflow "
                    "recreates both"
                )
        rows.append((name, record["frames"], *(record["sha256"] for record in records.values())))
    for folder in features if names else ():
        common_record(folder, names)
    write_csv(pd.DataFrame(rows, columns=["name", "frames", *folders]), out)
