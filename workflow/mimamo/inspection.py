"""What is on disk for one name, what is wrong with it, and whether it can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from mimamo.annotations import read_annotations
from mimamo.containers import decoded_frames, said_frames
from mimamo.corpus import Corpus, person_groups
from mimamo.crops import check_crops, list_crops
from mimamo.errors import InputError
from mimamo.lengths import video_length
from mimamo.lists import read_frame_list, read_sample_list
from mimamo.stretches import contiguous_runs
from mimamo.verdicts import COLUMNS


@dataclass(frozen=True)
class Lists:
    """What the data set's lists say of lengths and people; empty where there is no list."""

    frames: dict[str, int] = field(default_factory=dict)
    sample: dict[str, set[int]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, corpus: Corpus, names: Iterable[str]) -> Lists:
        """Read all lists, and the groups of `names`; raises InputError where a list cannot be read."""
        return cls(
            read_frame_list(corpus.frame_list) if corpus.frame_list else {},
            read_sample_list(corpus.sample_list) if corpus.sample_list else {},
            person_groups(corpus, names),
        )


@dataclass
class Findings:
    """What the audit found for one name.

    Attributes
    ----------
    cells
        The row of the table, but for verdict and reason.
    frames
        The numbers of the usable crops, ascending.
    highest
        The highest number of any crop, also of one that cannot be decoded: its frame exists all the same.
    faults, repairs
        Sentences on what makes the name unusable, and on what was wrong and is dealt with.
    """

    cells: dict[str, object]
    frames: list[int] = field(default_factory=list)
    highest: int = 0
    faults: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """The name's verdict: unusable, repaired or ok."""
        return "unusable" if self.faults else "repaired" if self.repairs else "ok"

    def row(self, corpus: Corpus) -> dict[str, object]:
        """Give the row of the table."""
        reason = corpus.told(" ".join(self.faults + self.repairs))
        return {**dict.fromkeys(COLUMNS), **self.cells, "verdict": self.verdict, "reason": reason}


def audit_name(
    corpus: Corpus, name: str, subset: str, lists: Lists, decode: bool, threads: int = 1
) -> Findings:
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
    Findings
        Never an error: whatever is wrong with one name is told there.
    """
    partner = " ".join(corpus.partners(name))
    found = Findings({"name": name, "subset": subset, "partner": partner, "group": lists.groups[name]})
    _look_at_crops(corpus, found)
    _look_at_container(corpus, found, decode, threads)
    if subset != "test":
        _look_at_annotations(corpus, found)
    _measure(found, lists, corpus)
    return found


def _look_at_crops(corpus: Corpus, found: Findings) -> None:
    """List and decode the crops."""
    found.cells.update(crops=0, unreadable=0)
    name = found.cells["name"]
    folder = corpus.crop_folder(name)
    if folder is None:
        places = " or ".join(corpus.shown(place) for place in corpus.crops)
        found.faults.append(
            f"{name}: expected a folder of crops in {places}, found none; put it there or take the name"
            " off its list."
        )
        return
    try:
        listing = list_crops(folder)
    except InputError as error:
        found.faults.append(str(error))
        return
    found.highest = max(listing.numbers, default=0)
    if listing.numbers:
        _decode_crops(folder, listing.numbers, found)
    else:
        found.faults.append(f"{folder}: expected crops 00001.jpg and so on, found none; put the crops there.")
    if listing.strangers:
        things = counted(listing.strangers, "thing")
        found.repairs.append(f"{folder}: {things} other than crops left out, first {listing.strangers[0]!r}.")


def _decode_crops(folder: Path, numbers: list[int], found: Findings) -> None:
    """See which crops can be used."""
    check = check_crops(folder, numbers)
    found.frames = check.usable
    found.cells.update(crop_cells(found.frames), unreadable=len(check.unreadable))
    if check.unreadable:
        first = next(iter(check.unreadable.values()))
        if found.frames:
            crops = counted(check.unreadable, "unreadable crop")
            found.repairs.append(f"{crops} left out, the first is {first}")
        else:
            found.faults.append(
                f"{folder}: expected crops, found {len(numbers)} unreadable ones, first {first}"
            )
    _look_at_sizes(found, check.sizes, check.common_size())


def crop_cells(frames: list[int]) -> dict[str, int]:
    """Count crops and holes."""
    if not frames:
        return {"crops": 0}
    first, last = frames[0], frames[-1]
    return {
        "crops": len(frames),
        "first_crop": first,
        "last_crop": last,
        "holes": last - first + 1 - len(frames),
        "missing_start": first - 1,
    }


def _look_at_sizes(
    found: Findings, sizes: Mapping[int, tuple[int, int]], common: tuple[int, int] | None
) -> None:
    """Note the size of the crops, and those of another size than most."""
    if common is None:
        return
    found.cells.update(width=common[0], height=common[1])
    others = sorted(number for number, size in sizes.items() if size != common)
    if others:
        found.repairs.append(
            f"{counted(others, 'crop')} of another size than {common[0]} by {common[1]} will be scaled, first"
            f" frame {others[0]} of {sizes[others[0]][0]} by {sizes[others[0]][1]}."
        )


def _look_at_container(corpus: Corpus, found: Findings, decode: bool, threads: int) -> None:
    """Count the container's frames, where there is one."""
    containers = corpus.containers(found.cells["name"])
    if not containers:
        return
    path = containers[0]
    found.cells["container"] = corpus.shown(path)
    if len(containers) > 1:
        names = ", ".join(corpus.shown(other) for other in containers[1:])
        found.repairs.append(f"{path}: taken as the container, although there is also {names}.")
    try:
        said, decoded = _container_frames(path, decode, threads)
    except InputError as error:
        found.repairs.append(f"Done without the container: {error}")
        return
    found.cells.update(container_frames_said=said, container_frames_decoded=decoded)
    if decoded == 0:
        found.repairs.append(f"{path}: says {said} frames, but none can be decoded, so its header is used.")
    elif decoded is not None and decoded != said:
        found.repairs.append(f"{path}: says {said} frames, but {decoded} can be decoded, which counts.")


@lru_cache(maxsize=16)
def _container_frames(path: Path, decode: bool, threads: int) -> tuple[int, int | None]:
    """Count a container's frames; kept, as the names of both people in it follow each other."""
    return said_frames(path), decoded_frames(path, threads) if decode else None


def _look_at_annotations(corpus: Corpus, found: Findings) -> None:
    """Read the annotation file and match it with the crops."""
    folder = corpus.train if found.cells["subset"] == "train" else corpus.validation
    path = folder / f"{found.cells['name']}.txt"
    try:
        annotations = read_annotations(path)
    except InputError as error:
        found.faults.append(str(error))
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
        found.repairs.append(f"{path}: {', '.join(annotations.repairs)}.")
    if found.frames and not both:
        found.faults.append(
            f"{path}: expected an annotated frame that has a crop, found none; look at both again."
        )
    _compare_lines(found, path, len(annotations))


def _compare_lines(found: Findings, path: Path, lines: int) -> None:
    """Note where the annotation has more or fewer lines than the video has frames."""
    said = found.cells.get("container_frames_said") or 0
    decoded = found.cells.get("container_frames_decoded") or 0
    # A header is mostly one short (see `video_length`); without a container nobody knows what is too many.
    most = max(decoded or (said + 1 if said else 0), found.highest)
    least = max(decoded or said, found.highest)
    if lines > most and (decoded or said):
        found.repairs.append(f"{path}: {lines} lines for {most} frames, the lines beyond them are left out.")
    elif lines < least:
        without = sum(frame > lines for frame in found.frames)
        found.repairs.append(
            f"{path}: {lines} lines for {least} frames, {counted(range(without), 'crop')} beyond them"
            f" {'is' if without == 1 else 'are'} left out."
        )


def _measure(found: Findings, lists: Lists, corpus: Corpus) -> None:
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
        found.faults.append(f"{name}: no list, container or crop tells its length, so it gets no rows.")
    elif length.source == "crops" and told.frames:
        found.repairs.append(
            f"{name}: the length {told.frames} ({told.source}) is below the highest crop,"
            f" {length.frames}, which counts."
        )
    elif length.source == "crops":
        found.repairs.append(
            f"{name}: no list or container tells its length, so it ends at its highest crop, {length.frames}."
        )
    _compare_lists(found, lists, corpus)


def _compare_lists(found: Findings, lists: Lists, corpus: Corpus) -> None:
    """Note where a list that is there does not name a test video, or leaves out frames of it."""
    name = found.cells["name"]
    for path, listed in ((corpus.sample_list, lists.sample), (corpus.frame_list, lists.frames)):
        if path is not None and name not in listed:
            found.repairs.append(f"{path}: expected the test name {name!r}, found no line of it.")
    if frames := lists.sample.get(name):
        missing = max(frames) - len(frames)
        if missing:
            found.repairs.append(
                f"{corpus.sample_list}: {missing} of the {max(frames)} frames of {name!r} missing."
            )


def counted(things: Sized, noun: str) -> str:
    """Say how many of something there are."""
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
