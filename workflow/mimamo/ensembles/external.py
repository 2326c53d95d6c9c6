"""Predictions of other programs, which may be members of an ensemble: read as strictly as a submission.

A program's predictions are two CSV files with the header ``name,frame,valence,arousal``: one out of fold, of
the names with labels, each by a model that never saw its person; and one of the test names. Nothing in a file
shows which names its models saw: what looks as if they had seen them is reported by `mimamo.ensembles.leaks`.
"""

from __future__ import annotations

import logging
import re
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo import DIMENSIONS
from mimamo.audit.tables import read_audit, read_usable_crops
from mimamo.dataset.label_range import HIGHEST, LOWEST
from mimamo.dataset.labels import read_labels
from mimamo.errors import InputError
from mimamo.findings import MAX_SENTENCES, Findings
from mimamo.storage.files import join_tables, read_csv, write_csv
from mimamo.storage.frame_rows import find_rows, run_starts, sort_by_frame
from mimamo.submission.bundle import SubmissionText
from mimamo.submission.parse import column_order, numbered_lines, parse_number, quoted
from mimamo.submission.validate import meant

logger = logging.getLogger(__name__)

#: First line of a file.
HEADER = f"name,frame,{','.join(DIMENSIONS)}"
#: What the two files of a program are, by their keys in the configuration.
OUT_OF_FOLD, TEST = "out_of_fold", "test"
_KINDS = {OUT_OF_FOLD: "names with labels", TEST: "test names"}
_FRAME = re.compile(r"[1-9]\d{0,8}", re.ASCII)
_COLUMNS = ["name", "role", "frame", *DIMENSIONS]


def read_external(
    path: str | PathLike, kind: str, names: Mapping[str, str], needed: Collection[str] = ()
) -> pd.DataFrame:
    """Read one of the two files of a program, and refuse what is not as expected.

    Parameters
    ----------
    path
        The file.
    kind
        `OUT_OF_FOLD` or `TEST`.
    names
        The names of the data set with their subset (train, validation, test).
    needed
        Names that must be in the file.

    Returns
    -------
    pandas.DataFrame
        name, frame, valence, arousal, line (of the file); sorted by name and frame.

    Raises
    ------
    InputError
        With a sentence for each of the first faults, with its line: no file, another header, no such name, a
        name of the other kind, a frame that is no number from 1 on or comes twice, a value that is no number
        from -1 to 1, a name that is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: expected predictions with the header {HEADER}, found no file; correct it")
    findings = Findings(limit=MAX_SENTENCES)
    lines = numbered_lines(
        SubmissionText(str(path), path.stem, lambda: path.open("rb")), findings, exact=True
    )
    column_order(lines, HEADER, str(path), findings, exact=True)
    table = _read_rows(lines, path, kind, names, findings)
    found = set(table["name"].unique())
    for name in sorted(set(needed) - found):
        findings.add_problem(
            f"{path}: expected predictions of all {_KINDS[kind]}, found none of {name}; add its frames"
        )
    _refuse(findings)
    return sort_by_frame(table)


def _read_rows(
    lines: Iterator[tuple[int, str]], path: Path, kind: str, names: Mapping[str, str], findings: Findings
) -> pd.DataFrame:
    """Read all lines below the header; what is wrong with them becomes problems."""
    texts: list[str] = []
    frames, numbers, columns = array("q"), array("q"), [array("d") for _ in DIMENSIONS]
    seen: dict[str, dict[int, int]] = {}
    for number, line in lines:
        where, fields = f"{path}, line {number}", line.split(",")
        if len(fields) != 2 + len(DIMENSIONS):
            findings.add_problem(f"{where}: expected {HEADER}, found {quoted(line)}")
            continue
        name, frame, *values = fields
        if name not in seen:
            if fault := _name_fault(name, kind, names):
                findings.add_problem(f"{where}: {fault}")
            seen[name] = {}
        if not _FRAME.fullmatch(frame):
            findings.add_problem(f"{where}: expected the number of a frame, from 1 on, found {quoted(frame)}")
            continue
        first = seen[name].setdefault(int(frame), number)
        if first != number:
            findings.add_problem(
                f"{where}: expected every frame once, found {quoted(name)} frame {frame}, which line {first} "
                "has as well"
            )
        texts.append(name)
        frames.append(int(frame))
        numbers.append(number)
        for column, dimension, text in zip(columns, DIMENSIONS, values, strict=True):
            column.append(_value(text, dimension, where, findings))
    table = {"name": np.array(texts, dtype=object), "frame": np.asarray(frames)}
    table |= {dimension: np.asarray(column) for dimension, column in zip(DIMENSIONS, columns, strict=True)}
    return pd.DataFrame({**table, "line": np.asarray(numbers)})


def _value(text: str, dimension: str, where: str, findings: Findings) -> float:
    """Return a value; what is no number from -1 to 1 becomes a problem."""
    value = parse_number(text, where, findings)
    if value < LOWEST or value > HIGHEST:
        findings.add_problem(
            f"{where}: expected {dimension} in [{LOWEST:g}, {HIGHEST:g}], found {value:g}; leave out frames "
            "without a prediction"
        )
    return value


def _name_fault(name: str, kind: str, names: Mapping[str, str]) -> str:
    """Return why a name does not belong into a file; empty where it does."""
    if name not in names:
        return f"expected a name of the data set, found {quoted(name)}{meant(name, names)}"
    if (names[name] == "test") != (kind == TEST):
        other = OUT_OF_FOLD if kind == TEST else TEST
        return f"expected only {_KINDS[kind]}, found {quoted(name)}, which belongs into the file {other}"
    return ""


def _refuse(findings: Findings) -> None:
    """Raise InputError with all sentences where there are problems."""
    if findings.problems:
        raise InputError(" | ".join(findings.sentences))


# Beside the run -------------------------------------------------------------------------------------------


def take_external(
    name: str,
    out_of_fold: str | PathLike,
    test: str | PathLike | None,
    subsets: Mapping[str, str],
    audit: str | PathLike,
    frames: str | PathLike,
    labels: str | PathLike,
    folds: str | PathLike,
    predictions: Sequence[str | PathLike],
    test_predictions: str | PathLike | None,
) -> None:
    """Write the predictions of another program in the form of a run's, of the frames that have a crop.

    Parameters
    ----------
    name
        What the configuration calls the program.
    out_of_fold, test
        Its files; `test` is None where there are no test names.
    subsets
        The subset of every name of the data set.
    audit, frames
        Those tables of the audit: lengths of the videos, and the frames with a crop.
    labels, folds
        As for `mimamo.evaluation.scores.score_folds`.
    predictions
        The CSVs to write, one a fold: name, role (score; validation for names that no fold has seen), frame,
        valence, arousal.
    test_predictions
        The CSV to write of the test names, in the same form; None where there are none.

    Raises
    ------
    InputError
        As for `read_external`; and where a frame lies beyond the end of its video, a labelled frame has no
        prediction out of fold, or a frame with a crop has none of a test name.
    """
    crops = read_usable_crops(frames)
    lengths = _lengths(audit)
    truth = read_labels(labels)
    table = read_external(out_of_fold, OUT_OF_FOLD, subsets, set(truth["name"]))
    _check_lengths(out_of_fold, table, lengths)
    _check_complete(out_of_fold, table, truth, "label")
    table = _with_crop(out_of_fold, table, crops)
    roles = read_csv(folds)
    for fold, path in enumerate(predictions):
        own = roles[(roles["fold"] == fold) & roles["role"].isin(("score", "validation"))]
        role = dict(zip(own["name"], own["role"], strict=True))
        write_csv(_as_predictions(table, role), path)
    if test is not None:
        wanted = _crop_frames(crops, [key for key, subset in subsets.items() if subset == "test"])
        table = read_external(test, TEST, subsets, set(wanted["name"]))
        _check_lengths(test, table, lengths)
        _check_complete(test, table, wanted, "crop")
        table = _with_crop(test, table, crops)
        write_csv(_as_predictions(table, dict.fromkeys(table["name"].unique(), "test")), test_predictions)
    logger.info("%s: predictions of %d names taken over", name, len(set(truth["name"])))


def _as_predictions(table: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of the names that have a role, in the form of a run's predictions."""
    own = table[table["name"].isin(list(roles))]
    return own.assign(role=own["name"].map(dict(roles)).astype("str"))[_COLUMNS]


def _lengths(audit: str | PathLike) -> dict[str, int]:
    """Return the frames of every name: those of its video, and no fewer than its annotations have lines."""
    table = read_audit(audit)
    lengths = table[["length", "annotation_lines"]].fillna(0).max(axis=1).astype(int)
    return dict(zip(table["name"], lengths, strict=True))


def _check_lengths(path: str | PathLike, table: pd.DataFrame, lengths: Mapping[str, int]) -> None:
    """Raise InputError where a frame lies beyond the end of its video, of which the length is known."""
    findings = Findings(limit=MAX_SENTENCES)
    ends = np.append(run_starts(table["name"].to_numpy())[1:], len(table))
    for last in table.iloc[ends - 1].to_dict("records") if len(table) else []:
        if 0 < lengths.get(last["name"], 0) < last["frame"]:
            findings.add_problem(
                f"{path}, line {last['line']}: expected frames of {last['name']} from 1 to "
                f"{lengths[last['name']]}, the end of its video, found {last['frame']}; frames count from 1"
            )
    _refuse(findings)


def _check_complete(path: str | PathLike, table: pd.DataFrame, wanted: pd.DataFrame, what: str) -> None:
    """Raise InputError where a wanted frame is not in the table; `what` every wanted frame has."""
    missing = wanted[find_rows(table, wanted) < 0]
    if missing.empty:
        return
    findings = Findings(limit=MAX_SENTENCES)
    for name, part in missing.groupby("name", sort=True):
        line = table.loc[table["name"] == name, "line"]
        findings.add_problem(
            f"{path}, lines {line.min()} to {line.max()}: expected a prediction of every frame of {name} "
            f"with a {what}, found none of {len(part)}, the first frame {part['frame'].iloc[0]}; add them"
        )
    _refuse(findings)


def _crop_frames(crops: Mapping[str, np.ndarray], names: Sequence[str]) -> pd.DataFrame:
    """Return name and frame of every crop of some names."""
    tables = [pd.DataFrame({"name": name, "frame": crops[name]}) for name in sorted(names) if name in crops]
    return join_tables(tables, ["name", "frame"])


def _with_crop(path: str | PathLike, table: pd.DataFrame, crops: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the rows of frames with a crop, which all members have; say how many others there are."""
    kept = find_rows(_crop_frames(crops, list(crops)), table) >= 0
    if not kept.all():
        logger.warning(
            "%s: %d of %d frames have no crop and are left out, as the runs do not predict them; they are "
            "filled by the gap policy",
            *(path, int((~kept).sum()), len(table)),
        )
    return table[kept].reset_index(drop=True)
