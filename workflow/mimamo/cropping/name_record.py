"""The record of a name whose crops were made from its container: what of, and what came out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mimamo.storage.files import atomic_write

#: The folder of records and tables of all names, in the folder of the run.
NAME_RECORDS = Path("results/cropping/names")


@dataclass(frozen=True)
class NameSource:
    """What the crops of a name are made of.

    Attributes
    ----------
    containers
        The hash of the content of its containers.
    person
        Which person of the video the name means, see `mimamo.cropping.roles`.
    detector
        The hash of the detector's weights.
    smoothing
        Standard deviation in seconds that landmarks are smoothed with.
    code
        The digest of the code that makes them.
    """

    containers: str
    person: str
    detector: str
    smoothing: float
    code: str


@dataclass(frozen=True)
class NameRecord:
    """What was made for a name.

    Attributes
    ----------
    name
        The name.
    source
        What of.
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
    source: NameSource
    container: str = ""
    frames: int = 0
    crops: int = 0
    quarter_turns: int = 0
    reason: str = ""


def write_name_record(record: NameRecord, folder: Path) -> None:
    """Write a record into the folder of records, atomically."""
    with atomic_write(folder / f"{record.name}.json") as fresh:
        fresh.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_name_record(name: str, folder: Path) -> NameRecord | None:
    """Read the record of a name; None where there is none that this version wrote."""
    try:
        content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return NameRecord(**content | {"source": NameSource(**content["source"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
