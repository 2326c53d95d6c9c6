"""The record of how features were computed, which is stored beside each cache and in checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.frame_cache import caches_of
from mimamo.storage.name_records import NameRecords

#: The entry of it in the record of a cache, see `mimamo.storage.name_records`.
ENTRY = "weights"

#: Entries that define the kind of features. Files may be renamed, and features in another precision differ by
#: rounding only.
KIND = ("backbone", "sha256", "form", "input_size", "resize")
_KEYS = {*KIND, "name", "precision"}


def common_record(folder: str | PathLike, names: Iterable[str]) -> dict:
    """Return the record that the features of some names share.

    Parameters
    ----------
    folder
        The folder of their caches.
    names
        The names.

    Raises
    ------
    InputError
        Where a name has no features, or they have no record, or are of different kinds.
    """
    first, *others = [
        _read(name, path) for name, path in caches_of(sorted(names), folder, "features").items()
    ]
    for path, record in others:
        if difference := other_kind(record, first[1]):
            raise InputError(
                f"{path}: expected features of the kind that {first[0]} describes, found {difference}; "
                "delete it, so that the workflow recreates them"
            )
    precisions = sorted({record["precision"] for _, record in (first, *others)})
    return {**first[1], "precision": ", ".join(precisions)}


def common_records(folders: Mapping[str, str | PathLike], names: Iterable[str]) -> dict[str, dict]:
    """Return `common_record` of every stream of a backbone, by the folders of their caches."""
    return {stream: common_record(folder, names) for stream, folder in folders.items()}


def other_kinds(found: Mapping[str, Mapping], wanted: Mapping[str, Mapping]) -> str:
    """Describe the first difference in kind between the features of streams, by the streams' records."""
    for stream, record in wanted.items():
        if difference := other_kind(found.get(stream, {}), record):
            return difference if len(wanted) == 1 else f"{difference} in the stream {stream}"
    return ""


def other_kind(found: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    """Describe the first difference in kind between the features of two records; empty if there is none.

    A value that is unknown in one of them, None, matches any other.
    """
    for key in KIND:
        values = (found.get(key), wanted.get(key))
        if None not in values and values[0] != values[1]:
            return f"{key} {values[0]} instead of {values[1]}"
    return ""


def _read(name: str, cache: Path) -> tuple[Path, dict]:
    """Return the path of the record of a name's features and what it says of them, with all entries."""
    records = NameRecords(cache.parent)
    path, record = records.path(name), records.read(name).get(ENTRY)
    if not isinstance(record, dict) or record.keys() != _KEYS:
        raise InputError(
            f"{path}: expected a record with {', '.join(sorted(_KEYS))}, found other things; delete it, so "
            "that the workflow recreates the features"
        )
    return path, record
