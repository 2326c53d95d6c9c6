"""Checks of one name: its crops, container, annotations and entries in lists."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from mimamo.audit.brought_checks import check_brought
from mimamo.audit.crop_checks import check_crop_folder, check_gaps, missing_frames
from mimamo.audit.label_checks import check_labels
from mimamo.audit.list_checks import Lists
from mimamo.audit.name_report import NameReport
from mimamo.audit.sound_checks import check_sound
from mimamo.audit.symptoms import pluralise
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.crop_naming import AUTO
from mimamo.corpus.layout import Corpus
from mimamo.corpus.lengths import LengthSources
from mimamo.corpus.stretches import contiguous_runs
from mimamo.corpus.videos import FrameCounts, count_frames
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
    check_brought(corpus, report)
    check_sound(corpus, report, decode)
    if subset != "test":
        _check_annotations(corpus, report)
    _determine_length(report, lists, corpus)
    check_gaps(report)
    return report


def _check_container(corpus: Corpus, report: NameReport, decode: bool, threads: int) -> None:
    """Count the frames of the name's container, where there is one, and report its faults."""
    counted: dict[Path, FrameCounts] = {}
    for path in corpus.containers(report.cells["name"]):
        try:
            counted[path] = _count_frames(path, decode, threads)
        except InputError as error:
            report.repair_from_error("containers that cannot be used", error, "the file is ignored")
            report.cells.setdefault("container", corpus.relative_path(path))
    if not counted:
        return
    (path, counts), *others = counted.items()
    report.cells["container"] = corpus.relative_path(path)
    report.cells.update(
        container_frames_said=counts.said,
        container_frames_decoded=counts.decoded,
        container_rate=round(counts.rate, 4) or None,
    )
    if others:
        names = ", ".join(f"{corpus.relative_path(other)} of {_frames(more)}" for other, more in others)
        wrong = (
            f"{path}: expected one container of {report.cells['name']}, found this one of {_frames(counts)}"
        )
        done = "this one is taken, by the order of data.videos"
        report.repair("several containers", f"{wrong} and also {names}", done, "remove the others")
    _compare_counts(path, counts, report)


def _frames(counts: FrameCounts) -> str:
    """Describe the length of a container."""
    return f"{counts.said if counts.decoded is None else counts.decoded} frames"


def _compare_counts(path: Path, counts: FrameCounts, report: NameReport) -> None:
    """Report where a container's header says other frames than can be decoded."""
    header, decoded = counts.said, counts.decoded
    if decoded is None or decoded == header:
        return
    wrong = f"{path}: expected the {header} frames that its header says, found {decoded} that can be decoded"
    done = "the decoded ones count" if decoded else "the header counts"
    if LengthSources(decoded=decoded, said=header, highest_crop=report.highest).decode_is_broken:
        wrong += f", fewer than the highest crop, {report.highest}"
        done = "the header counts"
    remedy = "download it again if it should be whole"
    report.repair("videos with a wrong length in the header", wrong, done, remedy)


@lru_cache(maxsize=16)
def _count_frames(path: Path, decode: bool, threads: int) -> FrameCounts:
    """Count a container's frames; cached, as the names of two people in it follow each other."""
    return count_frames(path, decode, threads)


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
        report.repair("annotations in an unusual format", wrong, "read anyway", "")
    if report.frames and not both:
        wrong = f"{path}: expected an annotated frame that has a crop, found none"
        report.fault(
            "annotations without a crop", wrong, "check whether annotation and crops belong together"
        )
    if corpus.first_frame == AUTO and report.highest == len(annotations) + 1:
        _one_crop_more(report, path, len(annotations))
    else:
        _compare_lines(report, path, len(annotations))
    check_labels(report, path, annotations)


def _one_crop_more(report: NameReport, path: Path, lines: int) -> None:
    """Report that the crops reach one frame beyond the lines: they may be counted from different numbers."""
    report.fault(
        "crops numbered one beyond the annotation",
        f"{path}: expected a line for the highest crop, frame {lines + 1}, found {lines} lines, one too few,"
        " as where crops and lines are not counted from the same number",
        "compare some crops with their lines, and set data.first_frame to the number that the crops of all"
        " names are counted from (0 or 1); then only the last crop is left out",
        [lines + 1],
    )


def _compare_lines(report: NameReport, path: Path, lines: int) -> None:
    """Report where the annotation has more or fewer lines than the video has frames."""
    header = report.cells.get("container_frames_said") or 0
    decoded = report.cells.get("container_frames_decoded") or 0
    if LengthSources(decoded=decoded, said=header, highest_crop=report.highest).decode_is_broken:
        decoded = 0
    # A header is mostly one short (see `LengthSources`); without a container the upper bound is unknown.
    most = max(decoded or (header + 1 if header else 0), report.highest)
    least = max(decoded or header, report.highest)
    wrong = f"{path}: expected a line for each of"
    remedy = "check whether annotation and video belong together"
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
    """Determine the length of the video; report contradictions, and a test video of uncertain length."""
    name = str(report.cells["name"])
    # They list the test videos.
    listed = report.cells["subset"] == "test"
    sources = LengthSources(
        sample_list=max(lists.sample.get(name, ()), default=None) if listed else None,
        frame_list=lists.frames.get(name) if listed else None,
        decoded=report.cells.get("container_frames_decoded"),
        said=report.cells.get("container_frames_said"),
        highest_crop=report.highest,
        annotation_lines=report.cells.get("annotation_lines", 0),
    )
    length = sources.length
    report.cells.update(length=length.frames, length_source=length.source)
    if contradictions := sources.contradictions:
        told = ", ".join(f"{frames} ({source})" for source, frames in contradictions.items())
        report.repair(
            "lengths that contradict each other",
            f"{name}: expected one length, found {told}, and {report.highest} as the highest crop",
            f"{length.frames} frames are taken ({length.source})",
            "check that list and video belong to the same edition, and correct or remove the wrong one",
        )
    if report.cells["subset"] == "test":
        _check_certainty(report, sources)
        _compare_lists(report, lists, corpus)


def _check_certainty(report: NameReport, sources: LengthSources) -> None:
    """Report a test video of unknown or uncertain length."""
    name, length = report.cells["name"], sources.length
    listed = replace(sources, highest_crop=0).length
    if not length.frames:
        wrong = f"{name}: expected a list, container or crop that gives its length, found none"
        report.fault("test names of unknown length", wrong, "give its length in data.frame_list")
    elif length.source == "crops":
        what = f"{listed.frames} ({listed.source})" if listed.frames else "none in any list or container"
        report.repair(
            "test names whose length is a guess",
            f"{name}: expected a length that reaches its highest crop, {length.frames}, found {what}",
            "the video ends at the highest crop",
            "give its length in data.frame_list",
        )


def _compare_lists(report: NameReport, lists: Lists, corpus: Corpus) -> None:
    """Report where an existing list lacks a test video, or frames of it."""
    name = str(report.cells["name"])
    for path, listed in ((corpus.sample_list, lists.sample), (corpus.frame_list, lists.frames)):
        if path is not None and listed and name not in listed:
            wrong = f"{path}: expected the test name {name!r}, found no line of it"
            remedy = "check that the lists belong to the same edition"
            report.repair("test names that a list lacks", wrong, "the list is ignored for it", remedy)
    if frames := lists.sample.get(name):
        missing = missing_frames(frames, max(frames))
        if missing:
            wrong = f"{corpus.sample_list}: expected {max(frames)} frames of {name!r}, found {len(frames)}"
            remedy = "check that the list is complete"
            report.repair("gaps in the sample list", wrong, "rows for all of them", remedy, missing)
