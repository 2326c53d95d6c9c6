"""Checks of one name: its crops, container, annotations and entries in lists."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mimamo.audit.crop_checks import check_crop_folder, check_gaps, missing_frames
from mimamo.audit.label_checks import check_labels
from mimamo.audit.name_report import NameReport
from mimamo.audit.survey import Lists
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.layout import Corpus
from mimamo.corpus.lengths import video_length
from mimamo.corpus.stretches import contiguous_runs
from mimamo.corpus.videos import decoded_frame_count, header_frame_count
from mimamo.errors import InputError


def audit_name(
    corpus: Corpus, name: str, subset: str, lists: Lists, decode: bool, threads: int = 1
) -> NameReport:
    """Check everything on disk that belongs to one name.

    Parameters
    ----------
    corpus
        The data set.
    name
        The name to check.
    subset
        "train", "validation" or "test".
    lists
        The data set's lists, with the group of `name`.
    decode
        Whether to count the container's frames by decoding it.
    threads
        Threads for decoding the container.

    Returns
    -------
    NameReport
        All symptoms of the name; no fault of a name is raised as an error.
    """
    partner = " ".join(corpus.partners(name))
    report = NameReport({"name": name, "subset": subset, "partner": partner, "group": lists.group(name)})
    check_crop_folder(corpus, report)
    _check_container(corpus, report, decode, threads)
    if subset != "test":
        _check_annotations(corpus, report)
    _determine_length(report, lists, corpus)
    check_gaps(report)
    return report


def _check_container(corpus: Corpus, report: NameReport, decode: bool, threads: int) -> None:
    """Count the frames of the name's container, where there is one, and report its faults."""
    containers = corpus.containers(report.cells["name"])
    if not containers:
        return
    path = containers[0]
    report.cells["container"] = corpus.relative_path(path)
    if len(containers) > 1:
        names = ", ".join(corpus.relative_path(other) for other in containers[1:])
        wrong = f"{path}: expected one container of {report.cells['name']}, found also {names}"
        report.repair("several containers", wrong, "this one is taken", "remove the others")
    try:
        header, decoded = _container_frames(path, decode, threads)
    except InputError as error:
        report.repair_from_error("containers that cannot be opened", error, "done without it")
        return
    report.cells.update(container_frames_said=header, container_frames_decoded=decoded)
    if decoded is None or decoded == header:
        return
    wrong = f"{path}: expected the {header} frames that its header says, found {decoded} that can be decoded"
    done = "the decoded ones count" if decoded else "the header counts"
    remedy = "fetch it again if it should be whole"
    report.repair("containers of another length than they say", wrong, done, remedy)


@lru_cache(maxsize=16)
def _container_frames(path: Path, decode: bool, threads: int) -> tuple[int, int | None]:
    """Return a container's frame counts; cached, as the names of two people in it follow each other."""
    return header_frame_count(path), decoded_frame_count(path, threads) if decode else None


def _check_annotations(corpus: Corpus, report: NameReport) -> None:
    """Read the name's annotation file, and compare it with the crops and the container."""
    folder = corpus.train if report.cells["subset"] == "train" else corpus.validation
    path = folder / f"{report.cells['name']}.txt"
    try:
        annotations = read_annotations(path)
    except InputError as error:
        frames = getattr(error, "frames", ())
        report.fault_from_error("annotations that cannot be read", error, frames=frames)
        return
    annotated, other = annotations.frames(), annotations.frames(annotated=False)
    both = set(annotated.tolist()) & set(report.frames)
    report.cells.update(
        annotation_lines=len(annotations),
        unannotated=len(other),
        unannotated_runs=len(contiguous_runs(other)),
        orphan_annotations=len(annotated) - len(both),
    )
    if annotations.repairs:
        wrong = f"{path}: expected plain lines of two numbers, found {', '.join(annotations.repairs)}"
        report.repair("annotations that are not plain", wrong, "read all the same", "")
    if report.frames and not both:
        wrong = f"{path}: expected an annotated frame that has a crop, found none"
        report.fault("annotations without a crop", wrong, "look whether annotation and crops belong together")
    _compare_lines(report, path, len(annotations))
    check_labels(report, path, annotations)


def _compare_lines(report: NameReport, path: Path, lines: int) -> None:
    """Report where the annotation has more or fewer lines than the video has frames."""
    header = report.cells.get("container_frames_said") or 0
    decoded = report.cells.get("container_frames_decoded") or 0
    # A header is mostly one short (see `video_length`); without a container the upper bound is unknown.
    most = max(decoded or (header + 1 if header else 0), report.highest)
    least = max(decoded or header, report.highest)
    wrong = f"{path}: expected a line for each of"
    remedy = "look whether annotation and video belong together"
    if lines > most and (decoded or header):
        report.repair(
            "annotations longer than the video",
            f"{wrong} {most} frames, found {lines} lines",
            "the lines beyond them are left out",
            remedy,
            range(most + 1, lines + 1),
        )
    elif lines < least:
        beyond = [frame for frame in report.frames if frame > lines]
        report.repair(
            "annotations shorter than the video",
            f"{wrong} {least} frames, found {lines} lines",
            f"{pluralise(beyond, 'crop')} beyond them left out",
            remedy,
            range(lines + 1, least + 1),
        )


def _determine_length(report: NameReport, lists: Lists, corpus: Corpus) -> None:
    """Determine the length of the video; report a test video of unknown or uncertain length."""
    name = report.cells["name"]
    sources = {
        "sample_list": max(lists.sample.get(name, ()), default=None),
        "frame_list": lists.frames.get(name),
        "decoded": report.cells.get("container_frames_decoded"),
        "said": report.cells.get("container_frames_said"),
    }
    lines = report.cells.get("annotation_lines", 0)
    length = video_length(**sources, highest_crop=report.highest, annotation_lines=lines)
    report.cells.update(length=length.frames, length_source=length.source)
    if report.cells["subset"] != "test":
        return
    listed = video_length(**sources)
    if not length.frames:
        wrong = f"{name}: expected a list, container or crop that tells its length, found none"
        report.fault("test names of unknown length", wrong, "name its length in data.frame_list")
    elif length.source == "crops":
        what = f"{listed.frames} ({listed.source})" if listed.frames else "none in any list or container"
        report.repair(
            "test names whose length is a guess",
            f"{name}: expected a length that reaches its highest crop, {length.frames}, found {what}",
            "the video ends at the highest crop",
            "name its length in data.frame_list",
        )
    _compare_lists(report, lists, corpus)


def _compare_lists(report: NameReport, lists: Lists, corpus: Corpus) -> None:
    """Report where an existing list lacks a test video, or frames of it."""
    name = str(report.cells["name"])
    for path, listed in ((corpus.sample_list, lists.sample), (corpus.frame_list, lists.frames)):
        if path is not None and listed and name not in listed:
            wrong = f"{path}: expected the test name {name!r}, found no line of it"
            remedy = "see that the lists are of one edition"
            report.repair("test names that a list lacks", wrong, "done without it", remedy)
    if frames := lists.sample.get(name):
        missing = missing_frames(frames, max(frames))
        if missing:
            wrong = f"{corpus.sample_list}: expected {max(frames)} frames of {name!r}, found {len(frames)}"
            remedy = "see that the list is whole"
            report.repair("gaps in the sample list", wrong, "rows for all of them", remedy, missing)
