"""The record of a name whose crops were made from its container, see `mimamo.storage.name_records`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from mimamo.errors import InputError
from mimamo.storage.name_records import NameRecords

#: The folder of records and tables of all names, in the folder of the run.
NAME_RECORDS = Path("results/cropping/names")


@dataclass(frozen=True)
class NameRecord:
    """What was made for a name.

    Attributes
    ----------
    name
        The name.
    key
        The digest of all that its crops depend on.
    person
        Which person of the video the name means, see `mimamo.cropping.roles`.
    container
        The file name of the container that was taken.
    frames, crops
        How many frames it has, and how many of them show the person.
    quarter_turns
        Quarter turns counter-clockwise beyond the metadata's that set it upright.
    reason
        Why there are no crops, a phrase or a sentence; empty where there are.
    """

    name: str
    key: str
    person: str
    container: str = ""
    frames: int = 0
    crops: int = 0
    quarter_turns: int = 0
    reason: str = ""


def write_name_record(record: NameRecord, folder: Path, about: Mapping[str, object] | None = None) -> None:
    """Write a record into the folder of records, with what else is recorded: code and settings."""
    NameRecords(folder).write(record.name, record.key, {**(about or {}), **asdict(record)})


def read_name_record(name: str, folder: Path) -> NameRecord | None:
    """Read the record of a name; None where there is none that can be read."""
    try:
        content = NameRecords(folder).read(name)
        return NameRecord(**{field.name: content[field.name] for field in fields(NameRecord)})
    except (InputError, KeyError):
        return None
