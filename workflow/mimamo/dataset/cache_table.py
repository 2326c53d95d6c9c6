"""The table of caches: what the fitted names, or the test names, have of phase differences and features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike

import pandas as pd

from mimamo.corpus.extraction import cache_records
from mimamo.errors import InputError
from mimamo.features.record import common_record
from mimamo.storage.files import write_csv

#: The columns: frames with a crop, and the digests of the caches of phase differences and features.
COLUMNS = ("name", "frames", "phase", "features")


def write_cache_table(
    names: Iterable[str],
    phase: str | PathLike,
    features: str | PathLike,
    keys: Mapping[str, Mapping[str, str]],
    out: str | PathLike,
) -> None:
    """Write which caches the names have, for the rules that read them.

    Parameters
    ----------
    names
        The names.
    phase, features
        The folders of their caches.
    keys
        The keys that the caches should have: for ``phase`` and ``features``, by name.
    out
        The CSV to write, with `COLUMNS`.

    Raises
    ------
    InputError
        Where a name has no cache with its key, its two caches differ in their number of frames, or features
        are of different kinds.
    """
    rows, names = [], sorted(names)
    for folder, wanted in ((phase, keys["phase"]), (features, keys["features"])):
        if pending := cache_records(folder).pending(wanted):
            raise InputError(
                f"{folder}/{pending[0]}.npy: expected a cache of the crops, settings and code of this run, "
                f"found none or another one, and {len(pending) - 1} names like it; run the workflow again"
            )
    for name in names:
        of_phase, of_features = (cache_records(folder).read(name) for folder in (phase, features))
        if of_phase["frames"] != of_features["frames"]:
            raise InputError(
                f"{name}: expected as many frames of features as of phase differences, {of_phase['frames']}, "
                f"found {of_features['frames']}; delete {name}.json in {phase} and {features}, so that the "
                "workflow makes both anew"
            )
        rows.append((name, of_phase["frames"], of_phase["sha256"], of_features["sha256"]))
    if names:
        common_record([features], names)
    write_csv(pd.DataFrame(rows, columns=list(COLUMNS)), out)
