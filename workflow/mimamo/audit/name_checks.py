"""What is on disk for one name, what is wrong with it, and whether it can be used."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mimamo.audit.crop_checks import look_at_crops, look_at_gaps, missing_frames
from mimamo.audit.name_report import Diagnosis
from mimamo.audit.survey import Lists
from mimamo.audit.symptoms import counted
from mimamo.corpus.annotations import read_annotations
from mimamo.corpus.layout import Corpus
from mimamo.corpus.lengths import video_length
from mimamo.corpus.stretches import contiguous_runs
from mimamo.corpus.videos import decoded_frames, said_frames
from mimamo.errors import InputError


def audit_name(
    corpus: Corpus, name: str, subset: str, lists: Lists, decode: bool, threads: int = 1
) -> Diagnosis:
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
    Diagnosis
        Never an error: whatever is wrong with one name is told there.
    """
    partner = " ".join(corpus.partners(name))
    found = Diagnosis({"name": name, "subset": subset, "partner": partner, "group": lists.group(name)})
    look_at_crops(corpus, found)
    _look_at_container(corpus, found, decode, threads)
    if subset != "test":
        _look_at_annotations(corpus, found)
    _measure(found, lists, corpus)
    look_at_gaps(found)
    return found


def _look_at_container(corpus: Corpus, found: Diagnosis, decode: bool, threads: int) -> None:
    """Count the container's frames, where there is one."""
    containers = corpus.containers(found.cells["name"])
    if not containers:
        return
    path = containers[0]
    found.cells["container"] = corpus.shown(path)
    if len(containers) > 1:
        names = ", ".join(corpus.shown(other) for other in containers[1:])
        wrong = f"{path}: expected one container of {found.cells['name']}, found also {names}"
        found.repair("several containers", wrong, "this one is taken", "remove the others")
    try:
        said, decoded = _container_frames(path, decode, threads)
    except InputError as error:
        found.repair_of("containers that cannot be opened", error, "done without it")
        return
    found.cells.update(container_frames_said=said, container_frames_decoded=decoded)
    if decoded is None or decoded == said:
        return
    wrong = f"{path}: expected the {said} frames that its header says, found {decoded} that can be decoded"
    done = "the decoded ones count" if decoded else "the header counts"
    remedy = "fetch it again if it should be whole"
    found.repair("containers of another length than they say", wrong, done, remedy)


@lru_cache(maxsize=16)
def _container_frames(path: Path, decode: bool, threads: int) -> tuple[int, int | None]:
    """Count a container's frames; kept, as the names of both people in it follow each other."""
    return said_frames(path), decoded_frames(path, threads) if decode else None


def _look_at_annotations(corpus: Corpus, found: Diagnosis) -> None:
    """Read the annotation file and match it with the crops."""
    folder = corpus.train if found.cells["subset"] == "train" else corpus.validation
    path = folder / f"{found.cells['name']}.txt"
    try:
        annotations = read_annotations(path)
    except InputError as error:
        frames = getattr(error, "frames", ())
        found.fault_of("annotations that cannot be read", error, frames=frames)
        return
    annotated, other = annotations.frames(), annotations.frames(annotated=False)
    both = set(annotated.tolist()) & set(found.frames)
    found.cells.update(
        annotation_lines=len(annotations),
        unannotated=len(other),
        unannotated_runs=len(contiguous_runs(other)),
        orphan_annotations=len(annotated) - len(both),
    )
    if annotations.repairs:
        wrong = f"{path}: expected plain lines of two numbers, found {', '.join(annotations.repairs)}"
        found.repair("annotations that are not plain", wrong, "read all the same", "")
    if found.frames and not both:
        wrong = f"{path}: expected an annotated frame that has a crop, found none"
        found.fault("annotations without a crop", wrong, "look whether annotation and crops belong together")
    _compare_lines(found, path, len(annotations))


def _compare_lines(found: Diagnosis, path: Path, lines: int) -> None:
    """Note where the annotation has more or fewer lines than the video has frames."""
    said = found.cells.get("container_frames_said") or 0
    decoded = found.cells.get("container_frames_decoded") or 0
    # A header is mostly one short (see `video_length`); without a container nobody knows what is too many.
    most = max(decoded or (said + 1 if said else 0), found.highest)
    least = max(decoded or said, found.highest)
    wrong = f"{path}: expected a line for each of"
    remedy = "look whether annotation and video belong together"
    if lines > most and (decoded or said):
        found.repair(
            "annotations longer than the video",
            f"{wrong} {most} frames, found {lines} lines",
            "the lines beyond them are left out",
            remedy,
            range(most + 1, lines + 1),
        )
    elif lines < least:
        without = [frame for frame in found.frames if frame > lines]
        found.repair(
            "annotations shorter than the video",
            f"{wrong} {least} frames, found {lines} lines",
            f"{counted(without, 'crop')} beyond them left out",
            remedy,
            range(lines + 1, least + 1),
        )


def _measure(found: Diagnosis, lists: Lists, corpus: Corpus) -> None:
    """Settle the length of the video."""
    name = found.cells["name"]
    sources = {
        "sample_list": max(lists.sample.get(name, ()), default=None),
        "frame_list": lists.frames.get(name),
        "decoded": found.cells.get("container_frames_decoded"),
        "said": found.cells.get("container_frames_said"),
    }
    lines = found.cells.get("annotation_lines", 0)
    length = video_length(**sources, highest_crop=found.highest, annotation_lines=lines)
    found.cells.update(length=length.frames, length_source=length.source)
    if found.cells["subset"] != "test":
        return
    told = video_length(**sources)
    if not length.frames:
        wrong = f"{name}: expected a list, container or crop that tells its length, found none"
        found.fault("test names of unknown length", wrong, "name its length in data.frame_list")
    elif length.source == "crops":
        what = f"{told.frames} ({told.source})" if told.frames else "none in any list or container"
        found.repair(
            "test names whose length is a guess",
            f"{name}: expected a length that reaches its highest crop, {length.frames}, found {what}",
            "the video ends at the highest crop",
            "name its length in data.frame_list",
        )
    _compare_lists(found, lists, corpus)


def _compare_lists(found: Diagnosis, lists: Lists, corpus: Corpus) -> None:
    """Note where a list that is there does not name a test video, or leaves out frames of it."""
    name = str(found.cells["name"])
    for path, listed in ((corpus.sample_list, lists.sample), (corpus.frame_list, lists.frames)):
        if path is not None and listed and name not in listed:
            wrong = f"{path}: expected the test name {name!r}, found no line of it"
            remedy = "see that the lists are of one edition"
            found.repair("test names that a list lacks", wrong, "done without it", remedy)
    if frames := lists.sample.get(name):
        missing = missing_frames(frames, max(frames))
        if missing:
            wrong = f"{corpus.sample_list}: expected {max(frames)} frames of {name!r}, found {len(frames)}"
            remedy = "see that the list is whole"
            found.repair("gaps in the sample list", wrong, "rows for all of them", remedy, missing)
