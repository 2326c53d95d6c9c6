"""Write the challenge's submission files: one text a name, one text for all, and a zip of both."""

from __future__ import annotations

import logging
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

import pandas as pd

from mimamo import DIMENSIONS
from mimamo.errors import InputError
from mimamo.postprocessing.gaps import MISSING
from mimamo.storage.files import atomic_write, read_values, write_csv
from mimamo.storage.frame_rows import run_starts, sort_by_frame
from mimamo.submission.parse import NAME_HEADER, SINGLE_HEADER
from mimamo.submission.validate import COLUMNS, NOTHING, expected_from_gaps, validate

logger = logging.getLogger(__name__)

_NO_NAMES = "no test list is configured; set data.test_list to predict its names"


#: What a submission consists of, in its folder: one text a name, the text for all names, and a zip of both.
PER_VIDEO, SINGLE, ARCHIVE = "per_video", "predictions.txt", "submission.zip"


def write_submission(
    filled: str | PathLike, gaps: str | PathLike, folder: str | PathLike, check: str | PathLike
) -> pd.DataFrame:
    """Write the submission in both forms and validate what was written.

    Without any test name there is nothing to submit, which the check says, and no file is written.

    Parameters
    ----------
    filled
        filled.csv: name, frame, valence, arousal for every frame of every test name.
    gaps
        gaps.csv: the test names and their lengths.
    folder
        Where to write `PER_VIDEO`, `SINGLE` and `ARCHIVE`. Other files there are left alone.
    check
        The CSV to write: the validator's verdict on the zip, one row a name.

    Returns
    -------
    pandas.DataFrame
        The check.

    Raises
    ------
    InputError
        Where a value is not a finite number or the length of a name is not known, before anything is written;
        and where the submission is not valid, after it and its check were written.
    """
    table, lengths = read_values(filled), expected_from_gaps(gaps)
    per_video, single, archive = (Path(folder) / part for part in (PER_VIDEO, SINGLE, ARCHIVE))
    if not lengths:
        _remove([per_video, single, archive])
        logger.warning("There is %s: %s", NOTHING, _NO_NAMES)
        nothing = pd.DataFrame([(NOTHING, 0, 0, None, NOTHING, _NO_NAMES)], columns=COLUMNS)
        write_csv(nothing, check)
        return nothing
    _check_lengths_known(gaps, lengths)
    write_per_video(table, lengths, per_video)
    write_single(table, single)
    write_archive(per_video, single, archive)
    result = validate(archive, lengths)
    write_csv(result.table, check)
    result.log()
    if not result.valid:
        raise InputError(
            f"{archive}: expected a submission that validates, found {len(result.problems)} problems, "
            f"the first: {result.problems[0]}"
        )
    return result.table


def _remove(paths: Iterable[Path]) -> None:
    """Remove what an earlier run wrote, which would be taken for this run's submission."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _check_lengths_known(gaps: str | PathLike, lengths: Mapping[str, int | None]) -> None:
    """Raise InputError where the length of a name is not known: its lines cannot be complete."""
    if unknown := sorted(name for name, length in lengths.items() if not length):
        raise InputError(
            f"{gaps}: expected the number of frames of every test name, found none for {len(unknown)} of "
            f"{len(lengths)}, the first {unknown[0]!a}, which no crop, video or list gives; if the "
            "name is right, give its length in data.frame_list, else correct it in data.test_list"
        )


def write_per_video(table: pd.DataFrame, names: Iterable[str], folder: str | PathLike) -> None:
    """Write a folder with one text a name: header, then one line a frame, in the order of the frames.

    Parameters
    ----------
    table
        name, frame (1…length without gaps), valence, arousal.
    names
        All names to write; one that is not in `table` gets only a header.
    folder
        The folder to write; it is written atomically.
    """
    table = sort_by_frame(table)
    texts, starts = table["name"].to_numpy(), run_starts(table["name"].to_numpy())
    lines = _value_lines(table)
    of_name = {texts[a]: lines[a:b] for a, b in zip(starts, [*starts, len(table)][1:], strict=True)}
    with atomic_write(folder) as fresh:
        fresh.mkdir()
        for name in sorted(names):
            _write_text(fresh / f"{name}.txt", NAME_HEADER, of_name.get(name, ()))


def write_single(table: pd.DataFrame, path: str | PathLike) -> None:
    """Write the one text for all names: header, then ``name/00001.jpg,valence,arousal``; `table` as above."""
    table = sort_by_frame(table)
    rows = zip(table["name"].to_numpy(), table["frame"].tolist(), _value_lines(table), strict=True)
    with atomic_write(path) as fresh:
        _write_text(fresh, SINGLE_HEADER, (f"{name}/{frame:05d}.jpg,{line}" for name, frame, line in rows))


def write_archive(per_video: str | PathLike, single: str | PathLike, path: str | PathLike) -> None:
    """Zip the texts reproducibly: sorted, without dates and owners, so that equal texts give equal bytes."""
    per_video, single = Path(per_video), Path(single)
    members = {f"{per_video.name}/{text.name}": text for text in per_video.glob("*.txt")}
    members[single.name] = single
    with atomic_write(path) as fresh, zipfile.ZipFile(fresh, "w") as archive:
        for name in sorted(members):
            # The earliest date that a zip can hold.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # As created on Unix: regular files that everyone may read.
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            with archive.open(entry, "w") as target, open(members[name], "rb") as source:
                shutil.copyfileobj(source, target)


def value_text(value: float) -> str:
    """Format a value with six decimals, and a missing one as -5 as the challenge does."""
    return "-5" if value == MISSING else f"{value:.6f}"


def _value_lines(table: pd.DataFrame) -> list[str]:
    """Return ``valence,arousal`` of every row."""
    pairs = zip(*(table[dimension].tolist() for dimension in DIMENSIONS), strict=True)
    return [f"{value_text(valence)},{value_text(arousal)}" for valence, arousal in pairs]


def _write_text(path: Path, header: str, lines: Iterable[str]) -> None:
    """Write a header and lines as UTF-8 text with Unix line ends."""
    with open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.write(f"{header}\n")
        handle.writelines(f"{line}\n" for line in lines)
