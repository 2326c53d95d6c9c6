"""The crops of the names of a data set, made from its containers, a batch of names at a time.

A name that is finished has a record, and is not made again by a job that was killed and begins anew. A name
whose container cannot be read, or does not show its person, has a record that says so and no crops: the audit
reports it as it reports every other name without crops.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mimamo.corpus.crops import limit_threads
from mimamo.corpus.layout import MADE_CROPS, Corpus
from mimamo.cropping.alignment import share_inside
from mimamo.cropping.analysis import Analysis, OnFrames, analyse
from mimamo.cropping.batch import CROP_PASSES, header_frames
from mimamo.cropping.crop import person_transforms, write_crops
from mimamo.cropping.crop_table import make_table
from mimamo.cropping.detection import load_detector
from mimamo.cropping.name_record import NAME_RECORDS, NameRecord, read_name_record, write_name_record
from mimamo.cropping.people import people_by_role
from mimamo.cropping.progress import FrameProgress
from mimamo.cropping.roles import Role
from mimamo.cropping.smoothing import SECONDS
from mimamo.errors import InputError
from mimamo.storage.files import atomic_write, write_csv

logger = logging.getLogger(__name__)

#: The columns of a batch's table.
COLUMNS = ("name", "container", "person", "frames", "crops", "quarter_turns", "reason")


@dataclass(frozen=True)
class Making:
    """How and where the crops of names are made.

    Attributes
    ----------
    corpus
        The data set.
    roles
        Which person of its video every name means.
    keys
        The key of every name's crops, see `mimamo.storage.name_records`: those that have it are finished.
    forget
        Is called with a name before its crops are replaced.
    crops, records
        The folders of crops and of records.
    smoothing
        Standard deviation in seconds of the Gaussian that smooths landmarks over time; 0: they are not
        smoothed.
    detector
        The detector's ONNX file; None: YuNet.
    threads
        How many threads work.
    about
        What else is recorded: code and settings.
    """

    corpus: Corpus
    roles: Mapping[str, Role]
    keys: Mapping[str, str]
    forget: Callable[[str], None] = lambda name: None
    crops: Path = MADE_CROPS
    records: Path = NAME_RECORDS
    smoothing: float = SECONDS
    detector: Path | None = None
    threads: int = 1
    about: Mapping[str, object] = field(default_factory=dict)


def cut_batch(making: Making, table: Path) -> None:
    """Make the crops of a batch of names, but for those that are finished, and write the batch's table.

    Parameters
    ----------
    making
        The names, and how their crops are made.
    table
        The CSV to write, with `COLUMNS`: a row per name.

    Raises
    ------
    InputError
        Where the detector's weights cannot be read, or nothing can be written.
    """
    import pandas as pd

    limit_threads(1)
    # A fault of the detector is none of the videos.
    load_detector(making.detector)
    videos: dict[tuple[Path, ...], list[str]] = {}
    for name in sorted(making.roles):
        videos.setdefault(tuple(making.corpus.containers(name)), []).append(name)
    frames = {video: CROP_PASSES * max(map(header_frames, video), default=0) for video in videos}
    records: list[NameRecord] = []
    with FrameProgress(sum(frames.values())) as progress:
        for number, (containers, names) in enumerate(videos.items(), start=1):
            progress.begin(f"{names[0]} (video {number} of {len(videos)})")
            before = progress.done
            records += _cut_video(making, containers, names, progress.add_frames)
            progress.skip_frames(max(frames[containers] - (progress.done - before), 0))
    write_csv(pd.DataFrame(map(vars, records), columns=list(COLUMNS)).sort_values("name"), table)


def _cut_video(
    making: Making, containers: Sequence[Path], names: Collection[str], on_frames: OnFrames
) -> list[NameRecord]:
    """Make the crops of all names of one video; return their records."""
    records = {name: NameRecord(name, making.keys[name], making.roles[name]) for name in names}
    for name, record in records.items():
        former = read_name_record(name, making.records)
        if former is not None and former.key == record.key and _is_there(making, former):
            logger.info("%s: its crops are there already", name)
            records[name] = former
    left = [name for name, record in records.items() if not record.frames and not record.reason]
    if left:
        analysis, video, reason = _analyse_first(making, containers, on_frames)
        for name in left:
            records[name] = replace(records[name], container=video.name if video else "", reason=reason)
        if analysis is not None:
            chosen = {name: records[name] for name in left}
            records |= _cut_people(making, video, analysis, chosen, on_frames)
        for name in left:
            _finish(making, records[name])
    return list(records.values())


def _is_there(making: Making, record: NameRecord) -> bool:
    """Return whether what a record says was made is still there."""
    return bool(record.reason) or (making.crops / record.name).is_dir()


def _analyse_first(
    making: Making, containers: Sequence[Path], on_frames: OnFrames
) -> tuple[Analysis | None, Path | None, str]:
    """Find the faces in the first container that can be read; otherwise return the reason."""
    reasons = []
    for video in containers:
        try:
            return analyse(video, making.detector, making.threads, on_frames), video, ""
        except InputError as error:
            logger.error("%s", error)
            reasons.append(str(error))
    return None, None, " ".join(reasons) or "no container"


def _cut_people(
    making: Making,
    video: Path,
    analysis: Analysis,
    records: Mapping[str, NameRecord],
    on_frames: OnFrames,
) -> dict[str, NameRecord]:
    """Cut the crops of the names' people out of a video, with the table of all frames beside each record."""
    detections, (width, _) = analysis.detections, analysis.size
    people = people_by_role(detections, {making.roles[name] for name in records}, width)
    found = {name: people[making.roles[name]] for name in records}
    tracks = {name: rows for name, rows in found.items() if not isinstance(rows, str)}
    transforms = person_transforms(detections, tracks, making.smoothing)
    with ExitStack() as stack:
        folders = {name: stack.enter_context(atomic_write(making.crops / name)) for name in tracks}
        detector = load_detector(making.detector)
        write_crops(video, analysis, tracks, transforms, folders, detector, making.threads, on_frames)
        for name in tracks:
            making.forget(name)
    made = {}
    for name, record in records.items():
        rows = tracks.get(name, np.zeros(0, np.int64))
        inside = {name: share_inside(transforms[name], analysis.size)} if name in tracks else {}
        of_name = {name: rows} if name in tracks else {}
        write_csv(make_table(detections, of_name, inside), making.records / f"{name}.csv")
        made[name] = replace(
            record,
            frames=len(detections.times),
            crops=len(rows),
            quarter_turns=analysis.quarter_turns,
            reason=found[name] if name not in tracks else "",
        )
    return made


def _finish(making: Making, record: NameRecord) -> None:
    """Write the record of a name, remove what is left of earlier crops where it has none, and report it."""
    if record.reason:
        making.forget(record.name)
        shutil.rmtree(making.crops / record.name, ignore_errors=True)
        logger.warning("%s: there are no crops of it: %s", record.name, record.reason)
    else:
        shown = (record.name, record.crops, record.frames, 100 * record.crops / record.frames)
        logger.info("%s: %d of %d frames have a crop (%.0f %%)", *shown)
    write_name_record(record, making.records, making.about)
