"""The record beside the crops of a video: what they were made of, so that they are made once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from mimamo.storage.files import atomic_write

#: Version of the crops: increased when the same video and settings give other crops or another table.
FORMAT = 2


@dataclass(frozen=True)
class Source:
    """What crops are made of: the video's hash, and the settings that change them.

    Attributes
    ----------
    video
        The file name of the video.
    sha256
        The hash of its content.
    people, detector, smoothing
        Who is cut out, the hash of the detector's file, and how landmarks are smoothed: seconds or a word.
    format
        See `FORMAT`.
    """

    video: str
    sha256: str
    people: str
    detector: str
    smoothing: float | str
    format: int = FORMAT


@dataclass(frozen=True)
class CropRecord:
    """What was made of a video.

    Attributes
    ----------
    source
        What it was made of.
    complete
        Whether all of it is there; before, `people` may be there or not.
    people
        The names of the folders of crops.
    frames
        Frames of the video.
    size
        Width and height of its frames in pixels, upright.
    quarter_turns
        Quarter turns counter-clockwise beyond the metadata's that set it upright.
    seconds
        The standard deviation in seconds that landmarks were smoothed with.
    """

    source: Source
    complete: bool = False
    people: tuple[str, ...] = ()
    frames: int = 0
    size: tuple[int, int] = (0, 0)
    quarter_turns: int = 0
    seconds: float = 0.0

    def completed(self) -> CropRecord:
        """Return the record of the same crops when all of them are there."""
        return replace(self, complete=True)


def write_record(record: CropRecord, path: Path) -> None:
    """Write a record as JSON, atomically."""
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_record(path: Path) -> CropRecord | None:
    """Read a record; None where there is none that this version wrote."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        source = Source(**content.pop("source"))
        lists = {key: tuple(content.pop(key)) for key in ("people", "size")}
        return CropRecord(source, **lists, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
