"""The record of what features were computed with: beside their caches, and in checkpoints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from mimamo.errors import InputError

FILE = "weights.json"

#: What makes features of another kind. Files may be renamed, and in another precision features are the same
#: but for rounding.
KIND = ("backbone", "sha256", "form", "input_size", "resize")
_KEYS = {*KIND, "name", "precision"}


def write_record(folder: Path, about: Mapping[str, object]) -> None:
    """Write the record into a folder of caches."""
    (folder / FILE).write_text(json.dumps(about, indent=2) + "\n")


def common_record(folders: Iterable[Path]) -> dict:
    """Return the record that folders of caches share.

    Raises
    ------
    InputError
        Where a folder has none, or features of two kinds lie side by side.
    """
    first, *others = [(Path(folder) / FILE, _read(Path(folder) / FILE)) for folder in folders]
    for path, record in others:
        if told := other_kind(record, first[1]):
            raise InputError(
                f"{path}: expected features of the kind that {first[0]} tells, found {told}; delete the "
                "folder, so that the workflow makes it anew"
            )
    precisions = sorted({record["precision"] for _, record in (first, *others)})
    return {**first[1], "precision": ", ".join(precisions)}


def other_kind(found: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    """Say in what features of two records differ first; empty where they are of one kind.

    A value that one of them does not know, None, is as any other.
    """
    for key in KIND:
        pair = (found.get(key), wanted.get(key))
        if None not in pair and pair[0] != pair[1]:
            return f"{key} {pair[0]} instead of {pair[1]}"
    return ""


def _read(path: Path) -> dict:
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
