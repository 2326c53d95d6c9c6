"""The record of how features were computed, which is stored beside their caches and in checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from mimamo.errors import InputError

FILE = "weights.json"

#: Entries that define the kind of features. Files may be renamed, and features in another precision differ by
#: rounding only.
KIND = ("backbone", "sha256", "form", "input_size", "resize")
_KEYS = {*KIND, "name", "precision"}


def write_record(folder: Path, about: Mapping[str, object]) -> None:
    """Write the record of how features were computed into a folder of caches."""
    (folder / FILE).write_text(json.dumps(about, indent=2) + "\n")


def common_record(folders: Iterable[Path]) -> dict:
    """Return the record that folders of caches share.

    Raises
    ------
    InputError
        Where a folder has no record, or folders hold features of different kinds.
    """
    first, *others = [(Path(folder) / FILE, _read(Path(folder) / FILE)) for folder in folders]
    for path, record in others:
        if difference := other_kind(record, first[1]):
            raise InputError(
                f"{path}: expected features of the kind that {first[0]} describes, found {difference}; "
                "delete the folder, so that the workflow makes it anew"
            )
    precisions = sorted({record["precision"] for _, record in (first, *others)})
    return {**first[1], "precision": ", ".join(precisions)}


def other_kind(found: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    """Describe the first difference in kind between the features of two records; empty if there is none.

    A value that is unknown in one of them, None, matches any other.
    """
    for key in KIND:
        values = (found.get(key), wanted.get(key))
        if None not in values and values[0] != values[1]:
            return f"{key} {values[0]} instead of {values[1]}"
    return ""


def _read(path: Path) -> dict:
    """Read a record, and make sure that it has all entries."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: expected the record of what the features beside it were computed with, found none that "
            f"can be read ({type(error).__name__}); delete the folder, so that the workflow makes it anew"
        ) from error
    if not isinstance(record, dict) or record.keys() != _KEYS:
        raise InputError(
            f"{path}: expected a record with {', '.join(sorted(_KEYS))}, found other things; delete the "
            "folder, so that the workflow makes it anew"
        )
    return record
