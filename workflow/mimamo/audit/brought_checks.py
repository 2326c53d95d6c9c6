"""Checks of features that somebody brings: of a name's files, and of all names together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

import numpy as np

from mimamo.audit.crop_checks import crop_cells
from mimamo.audit.name_report import NameReport
from mimamo.audit.symptoms import Symptom, pluralise
from mimamo.corpus.brought import LARGEST, BroughtRows, read_brought
from mimamo.corpus.brought_rows import choose_rows, times_of
from mimamo.corpus.layout import Corpus
from mimamo.errors import InputError
from mimamo.storage.name_records import NameRecords
from mimamo.streams import Settings

CHECK_NONE = "names without features"
CHECK_UNREADABLE = "features that cannot be read"
CHECK_SEVERAL = "several files of features"
CHECK_NUMBERS = "features that are not numbers"
CHECK_LARGE = "features that are too large"
CHECK_APART = "features without a frame"
CHECK_BEYOND = "more features than frames"
CHECK_MISSING = "frames without features"
CHECK_CONSTANT = "features that do not vary"
CHECK_WIDTH = "features of different widths"


def check_brought(corpus: Corpus, report: NameReport) -> None:
    """Check the features that are brought for a name, and leave out frames without any where that is wished.

    Parameters
    ----------
    corpus
        The data set.
    report
        The report on the name, with its usable crops. It gets ``brought``, what there is by stream.
    """
    name = str(report.cells["name"])
    for stream, settings in corpus.brought.items():
        files = corpus.brought_files(name)[stream]
        if len(files) > 1:
            wrong = f"{files[0]}: expected one file of features of {name}, found also {files[1].name!r}"
            report.fault(CHECK_SEVERAL, wrong, "remove the others")
        elif files:
            _check_file(corpus, report, stream, files[0])
        else:
            _report_none(report, stream, settings)


def _report_none(report: NameReport, stream: str, settings: Settings) -> None:
    """Report a name without a file of features."""
    name = report.cells["name"]
    wrong = f"{settings['folder']}: expected a file of features of {name} for streams.{stream}, found none"
    if settings["missing"] == "drop":
        report.fault(CHECK_NONE, wrong, "add it, or set missing to zero")
    else:
        report.repair(CHECK_NONE, wrong, "the stream is masked in all of its frames", "bring it")


def _check_file(corpus: Corpus, report: NameReport, stream: str, path: Path) -> None:
    """Check one file of features."""
    settings, name = corpus.brought[stream], str(report.cells["name"])
    spec = settings["rows"]
    try:
        rows = read_brought(path, spec.get("frame") if isinstance(spec, Mapping) else None)
        length = _length(report)
        times = times_of(corpus.containers(name), settings, name, length)
    except InputError as error:
        report.fault_from_error(CHECK_UNREADABLE, error)
        return
    finite = np.isfinite(rows.values).all(axis=1)
    report.brought[stream] = {
        "file": path.name,
        "rows": len(rows.values),
        "width": rows.values.shape[1],
        "constant": _constant_columns(rows, finite),
    }
    if not finite.all():
        first = int(np.flatnonzero(~finite)[0])
        wrong = (
            f"{path}: expected numbers, found NaN or infinite values in {int((~finite).sum())} of "
            f"{len(finite)} rows, the first row {first} counted from 0"
        )
        report.repair(CHECK_NUMBERS, wrong, "these rows count as missing", "compute them again")
    if finite.any() and (largest := float(np.abs(rows.values[finite]).max())) > LARGEST:
        wrong = f"{path}: expected values of at most {LARGEST:.0f}, found {largest:g}"
        report.fault(CHECK_LARGE, wrong, "scale all features of the stream, such as by their mean size")
        return
    if len(rows.values) > 1 and len(report.brought[stream]["constant"]) == rows.values.shape[1]:
        wrong = f"{path}: expected features that vary from frame to frame, found the same in all rows"
        report.repair(CHECK_CONSTANT, wrong, "used", "look how they were computed")
    _check_frames(report, stream, path, rows, settings, times)


def _length(report: NameReport) -> int:
    """Return the number of frames of a name's video, as far as its container and crops tell."""
    decoded, said = (report.cells.get(f"container_frames_{how}") or 0 for how in ("decoded", "said"))
    # A header is mostly one short, see `mimamo.corpus.lengths`.
    return max(decoded or (said + 1 if said else 0), report.highest, 1)


def _constant_columns(rows: BroughtRows, finite: np.ndarray) -> list[list[float]]:
    """Return the number and the value of each column with the same number in all rows."""
    values = rows.values[finite]
    if not len(values):
        return []
    same = np.flatnonzero((values == values[0]).all(axis=0))
    return [[int(column), float(values[0, column])] for column in same]


def _check_frames(
    report: NameReport,
    stream: str,
    path: Path,
    rows: BroughtRows,
    settings: Settings,
    times: np.ndarray | None,
) -> None:
    """Compare the rows with the frames that have a crop."""
    if not report.frames:
        return
    name, length, spec = report.cells["name"], _length(report), settings["rows"]
    frames = np.array(report.frames)
    found = choose_rows(rows, settings, int(frames[-1]), times).found[frames - 1]
    if not found.any():
        wrong = f"{path}: expected rows for the {len(frames)} frames of {name} with a crop, found none"
        report.fault(
            CHECK_APART,
            wrong,
            f"check whether file and video belong together, and correct streams.{stream}.rows",
        )
        return
    # Without a container nobody knows how many frames come after the last crop.
    known = bool(report.cells.get("container")) and length > 1
    if known and (beyond := _rows_beyond(rows, spec, length, times)) > 0:
        wrong = f"{path}: expected rows of the {length} frames of {name}, found {beyond} beyond them"
        report.repair(CHECK_BEYOND, wrong, "left out", "check whether file and video belong together")
    missing = frames[~found].tolist()
    if not missing:
        return
    wrong = (
        f"{path}: expected a row for each of {len(frames)} frames with a crop, found none for {len(missing)}"
    )
    if settings["missing"] == "drop":
        report.repair(CHECK_MISSING, wrong, "these frames are left out", "bring them", missing)
        report.frames = frames[found].tolist()
        report.cells.update(crop_cells(report.frames))
    else:
        report.repair(CHECK_MISSING, wrong, "the stream is masked in them", "bring them", missing)


def _rows_beyond(rows: BroughtRows, spec: object, length: int, times: np.ndarray | None) -> int:
    """Return how many rows belong to no frame of the video; of rows at a rate, how many come after it."""
    if spec == "frames":
        return len(rows.values) - length
    if "frame" in spec:
        places = rows.numbers - spec["first"]
        return int(((places < 0) | (places >= length)).sum())
    # Sound may be a little longer than the pictures: a second of it says nothing.
    end = (times[-1] - spec["offset"]) * spec["rate"] + 1 + spec["rate"]
    return max(0, int(len(rows.values) - end))


# Of all names ---------------------------------------------------------------------------------------------


def read_brought_records(folder: str | PathLike, names: Iterable[str]) -> dict[str, dict[str, dict]]:
    """Read what the audit recorded of the features that are brought, by name and stream."""
    records = NameRecords(Path(folder))
    return {name: records.read(name).get("brought", {}) for name in sorted(names)}


def brought_symptoms(brought: Mapping[str, Mapping[str, Mapping]]) -> list[Symptom]:
    """Return the symptoms of features that only all names together show.

    Parameters
    ----------
    brought
        What is there of every name and stream, see `read_brought_records`.

    Returns
    -------
    list[Symptom]
        The faults, for which a run is refused, come first.
    """
    by_stream: dict[str, dict[str, Mapping]] = {}
    for name, streams in brought.items():
        for stream, found in streams.items():
            by_stream.setdefault(stream, {})[name] = found
    symptoms = [symptom for item in by_stream.items() for symptom in (*_widths(*item), *_constants(*item))]
    return sorted(symptoms, key=lambda symptom: symptom.severity != "fault")


def _widths(stream: str, found: Mapping[str, Mapping]) -> list[Symptom]:
    """Return the fault of features that are not equally wide for all names."""
    widths = Counter(entry["width"] for entry in found.values())
    if len(widths) < 2:
        return []
    (usual, _), *others = widths.most_common()
    name, entry = next((name, entry) for name, entry in found.items() if entry["width"] == others[0][0])
    wrong = (
        f"streams.{stream}: expected as many values a row for all names, found {usual} in most files and "
        f"{entry['width']} in {entry['file']!r} ({name})"
    )
    return [Symptom(CHECK_WIDTH, "fault", wrong, remedy="compute the features of all names alike")]


def _constants(stream: str, found: Mapping[str, Mapping]) -> list[Symptom]:
    """Return a note where columns are the same in all rows of all names."""
    sets = [{(column, value) for column, value in entry["constant"]} for entry in found.values()]
    columns = sorted(column for column, _ in set.intersection(*sets))
    if not columns:
        return []
    shown = ", ".join(map(str, columns[:8])) + (" and so on" if len(columns) > 8 else "")
    wrong = (
        f"streams.{stream}: expected columns that vary, found {pluralise(columns, 'column')} with one value "
        f"in all files ({shown}, counted from 0)"
    )
    return [
        Symptom(
            CHECK_CONSTANT,
            "note",
            wrong,
            "used, although they carry no information",
            "leave them out of the files",
        )
    ]
