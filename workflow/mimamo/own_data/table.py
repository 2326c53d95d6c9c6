"""Reader of a table of labels (name, frame, valence, arousal) and of the aligned crops that belong to it."""

from __future__ import annotations

import csv
import logging
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from mimamo import DIMENSIONS
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.crop_naming import other_number
from mimamo.corpus.crops import write_crop
from mimamo.corpus.layout import visible
from mimamo.corpus.lists import name_fault
from mimamo.corpus.opencv import cv2
from mimamo.errors import InputError
from mimamo.own_data.layout import ImportedName, ValueRange, frame_number, raise_faults
from mimamo.storage.text import read_lines

logger = logging.getLogger(__name__)

COLUMNS = ("name", "frame", *DIMENSIONS)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class CopiedCrop:
    """An aligned crop that is there already."""

    source: Path

    def save(self, path: Path) -> bool:
        """Link a JPEG file, copy it where that cannot be, and convert others."""
        if self.source.suffix.lower() not in (".jpg", ".jpeg"):
            image = cv2.imread(str(self.source), cv2.IMREAD_COLOR)
            if image is None:
                raise InputError(f"{self.source}: expected an image, found another file; cut the crop again.")
            write_crop(image, path)
            return True
        try:
            # Of what a symbolic link leads to: a link to it would be lost with its folder.
            os.link(self.source.resolve(), path)
        except OSError:
            shutil.copyfile(self.source, path)
        return True


def read_table(table: Path, crops: Path, values: ValueRange, first_frame: int = 1) -> list[ImportedName]:
    """Read a table of labels, and find the crops of every name in it.

    Parameters
    ----------
    table
        A CSV with the columns name, frame, valence and arousal, in any order and beside others. Both values
        may be empty, for a frame without a label.
    crops
        A folder with one folder of aligned crops per name; the last number in a file's name is the frame's.
    values
        The range that the values lie in.
    first_frame
        The number of a video's first frame, in the table and of the crops: 0 or 1.

    Returns
    -------
    list[ImportedName]
        Sorted by name.

    Raises
    ------
    InputError
        Where a line is not as described, a frame comes twice or a name has no crops: the first fault, after
        all were logged.
    """
    names, faults = _read_labels(table, values, first_frame)
    for name in names.values():
        try:
            name.crops.update(_find_crops(crops / name.name, first_frame))
        except InputError as error:
            faults.append(error)
    raise_faults(faults)
    logger.info("%s: %s; frames are counted from %d", table, pluralise(names, "name"), first_frame)
    if others := [name for name in visible(crops) if (crops / name).is_dir() and name not in names]:
        logger.warning(
            "%s: %s not in the table, such as %a, left out", crops, pluralise(others, "folder"), others[0]
        )
    return [names[name] for name in sorted(names)]


def _read_labels(
    table: Path, values: ValueRange, first_frame: int
) -> tuple[dict[str, ImportedName], list[InputError]]:
    """Return the names of a table with their labels, and the faults of its lines."""
    lines = read_lines(table, f"a CSV with the columns {', '.join(COLUMNS)}", "correct the path").lines
    header = [column.strip().lower() for column in _fields(lines[0] if lines else "")]
    if missing := [column for column in COLUMNS if header.count(column) != 1]:
        raise InputError(
            f"{table}, line 1: expected each of the columns {', '.join(COLUMNS)} once, found {missing[0]} "
            f"{header.count(missing[0])} times in {', '.join(header)!r:.80}; name the columns so."
        )
    names: dict[str, ImportedName] = {}
    faults: list[InputError] = []
    seen: dict[tuple[str, int], int] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip(" \t,"):
            continue
        try:
            row = dict(zip(header, _fields(line), strict=False))
            name, frame, label = _parse_row(row, values, first_frame)
            if (earlier := seen.setdefault((name, frame), number)) != number:
                raise ValueError(f"expected every frame once, found that of line {earlier} again")
        except ValueError as error:
            faults.append(InputError(f"{table}, line {number}: {error}; correct the line."))
            continue
        found = names.setdefault(name, ImportedName(name))
        if label is not None:
            found.labels[frame] = label
    if not names and not faults:
        raise InputError(f"{table}: expected lines below the header, found none; fill the table.")
    return names, faults


def _fields(line: str) -> list[str]:
    """Split a line of the table; each by itself, so that a forgotten quotation mark spoils one line only."""
    return next(csv.reader([line]), [])


def _parse_row(
    row: dict[str, str], values: ValueRange, first_frame: int
) -> tuple[str, int, tuple[float, float] | None]:
    """Return name, frame (from 1 on) and label of a line; raise ValueError that says what is wrong."""
    if lacking := [column for column in COLUMNS if column not in row]:
        raise ValueError(f"expected a field for every column, found none for {lacking[0]}")
    name, frame, *texts = (row[column].strip() for column in COLUMNS)
    if fault := name_fault(name):
        raise ValueError(f"expected a name, but {fault} ({name!a:.60})")
    if not re.fullmatch(r"\d{1,9}", frame, re.ASCII):
        raise ValueError(f"{name}: expected a frame's number, found {frame!r:.60}")
    number = frame_number(int(frame), first_frame)
    if texts == ["", ""]:
        return name, number, None
    for dimension, text in zip(DIMENSIONS, texts, strict=True):
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{name} frame {frame}, {dimension}: expected a number, found {text!r:.60}")
    try:
        valence, arousal = (values.scaled(float(text)) for text in texts)
    except ValueError as error:
        hint = "; leave both values empty where a frame has no label" if "-5" in texts else ""
        raise ValueError(f"{name} frame {frame}: {error}{hint}") from None
    return name, number, (valence, arousal)


def _find_crops(folder: Path, first_frame: int) -> dict[int, CopiedCrop]:
    """Return the crops of a name by frame, from 1 on."""
    if not folder.is_dir():
        raise InputError(f"{folder}: expected a folder of aligned crops, found none; put it there.")
    found: dict[int, CopiedCrop] = {}
    for file in visible(folder):
        # The frame's number is the last one in a crop's name.
        if (number := other_number(file)) is None:
            continue
        try:
            frame = frame_number(number, first_frame)
        except ValueError as error:
            raise InputError(f"{folder / file}: {error}; correct it.") from None
        if frame in found:
            raise InputError(
                f"{folder / file}: expected one crop of a frame, found {found[frame].source.name} as well;"
                " remove one of them."
            )
        found[frame] = CopiedCrop(folder / file)
    if not found:
        raise InputError(f"{folder}: expected crops (.jpg, .png or .bmp, named by frame), found none.")
    return found
