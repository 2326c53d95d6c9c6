"""From one video to one folder of aligned crops for each person, with the table of all frames."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import crop_path, limit_threads, write_crop
from mimamo.corpus.lists import name_fault
from mimamo.corpus.videos import read_header
from mimamo.cropping.alignment import reduction, scales, share_inside, similarities, warp
from mimamo.cropping.analysis import Analysis, OnFrames, analyse
from mimamo.cropping.crop_table import make_table
from mimamo.cropping.decoding import Frame, decode
from mimamo.cropping.detection import Detector, load_detector
from mimamo.cropping.people import Choice, People, choose_people
from mimamo.cropping.record import CropRecord, Source, read_record, write_record
from mimamo.cropping.smoothing import SECONDS, smooth_track
from mimamo.cropping.tilt import TiltWatch
from mimamo.cropping.tracks import MAX_GAP, Detections
from mimamo.cropping.weights import find_detector
from mimamo.errors import InputError
from mimamo.storage.files import atomic_write, file_hash, write_csv
from mimamo.storage.paths import describe_error

logger = logging.getLogger(__name__)

#: Mean share of the crops inside the frame below which this is reported.
LEAST_INSIDE = 0.9
#: How much smaller frames may be read than faces in them need: they are then cut out of fewer pixels.
_SPARE = 1.5

#: Chooses by how many seconds to smooth, of a video and what was found in it.
ChooseSeconds = Callable[[Path, Analysis, People], float]


@dataclass(frozen=True)
class CropSettings:
    """How crops are made.

    Attributes
    ----------
    smoothing
        Standard deviation in seconds of the Gaussian that smooths landmarks over time; 0: they are not
        smoothed.
    people
        The largest person, or all.
    detector
        The detector's ONNX file; None: YuNet.
    threads
        How many threads work.
    """

    smoothing: float = SECONDS
    people: Choice = "largest"
    detector: Path | None = None
    threads: int = 1


def crop_video(
    video: Path,
    out: Path,
    settings: CropSettings = CropSettings(),
    on_frames: OnFrames = lambda frames: None,
    choose_seconds: tuple[str, ChooseSeconds] | None = None,
) -> CropRecord:
    """Cut the aligned crops of one video, unless they are there already.

    Everything is written or nothing: a call that was interrupted is made again from the beginning of the
    video.

    Parameters
    ----------
    video
        The video.
    out
        The folder that gets ``<name>/00001.jpg`` and so on for every person, the table ``<video>.csv`` of
        `mimamo.cropping.crop_table` and the record ``<video>.json``.
    settings
        How crops are made.
    on_frames
        Counts the frames, of two passes.
    choose_seconds
        Chooses the smoothing instead of `settings`, with a word for it, which tells finished crops apart.

    Returns
    -------
    CropRecord
        What was made.

    Raises
    ------
    InputError
        Where the video or the detector cannot be read, the video's name cannot be a name of the data set, or
        a folder of crops is there that was not made from this video.
    """
    name = video_name(video)
    # Each frame is small work, and several are worked on at once.
    limit_threads(1)
    source = _source(video, settings, choose_seconds[0] if choose_seconds else float(settings.smoothing))
    former = read_record(out / f"{name}.json")
    if former is not None and former.complete and former.source == source and _is_there(former, name, out):
        logger.info("%s: the crops are there already", video)
        return former
    analysis = analyse(video, settings.detector, settings.threads, on_frames)
    people = choose_people(analysis.detections, name, settings.people)
    _check_free(out, people, former, video)
    seconds = choose_seconds[1](video, analysis, people) if choose_seconds else settings.smoothing
    transforms = person_transforms(analysis.detections, people.tracks, seconds)
    record = CropRecord(
        source,
        people=tuple(people.tracks),
        frames=len(analysis.detections.times),
        size=analysis.size,
        quarter_turns=analysis.quarter_turns,
        seconds=float(seconds),
    )
    detector = load_detector(settings.detector)
    with ExitStack() as stack:
        # They are renamed to their places together, when all are written.
        folders = {person: stack.enter_context(atomic_write(out / person)) for person in people.tracks}
        write_crops(
            video, analysis, people.tracks, transforms, folders, detector, settings.threads, on_frames
        )
        # From here on the crops may be replaced, by this call or by the next one.
        write_record(record, out / f"{name}.json")
        _remove_former(former, people, out)
    inside = {person: share_inside(matrices, analysis.size) for person, matrices in transforms.items()}
    write_csv(make_table(analysis.detections, people.tracks, inside), out / f"{name}.csv")
    write_record(record.completed(), out / f"{name}.json")
    _report(video, analysis, people, inside)
    return record.completed()


def video_name(video: Path) -> str:
    """Return the name of a video: its file name without the suffix.

    Raises
    ------
    InputError
        Where it cannot be a name of the data set.
    """
    if fault := name_fault(video.stem):
        raise InputError(f"{video}: expected a file named like its name, but {fault}; rename it")
    return video.stem


def person_transforms(
    detections: Detections, tracks: Mapping[str, np.ndarray], seconds: float
) -> dict[str, np.ndarray]:
    """Return the transforms (n, 2, 3) from the frame to the crop of every person, of smoothed landmarks."""
    return {
        person: similarities(
            smooth_track(detections.time[rows], detections.landmarks[rows], seconds, MAX_GAP)
        )
        for person, rows in tracks.items()
    }


def _source(video: Path, settings: CropSettings, smoothing: float | str) -> Source:
    """Return what the crops of a video are made of."""
    try:
        sha256 = file_hash(video)
    except OSError as error:
        raise InputError(
            f"{video}: expected a video, found {describe_error(video, error)}; correct the path"
        ) from None
    detector_sha256 = file_hash(find_detector(settings.detector))
    return Source(video.name, sha256, settings.people, detector_sha256, smoothing)


def _is_there(record: CropRecord, name: str, out: Path) -> bool:
    """Return whether the table and the folders of crops of a record are still there."""
    return (out / f"{name}.csv").is_file() and all((out / person).is_dir() for person in record.people)


def _check_free(out: Path, people: People, former: CropRecord | None, video: Path) -> None:
    """Raise InputError where a folder of crops is in the way that this video's record does not know."""
    known = former.people if former is not None and former.source.video == video.name else ()
    for person in people.tracks:
        if person not in known and (out / person).exists():
            raise InputError(
                f"{out / person}: expected no such folder, found one not made from {video.name}; set --out "
                "to another folder, or remove it"
            )


def _remove_former(former: CropRecord | None, people: People, out: Path) -> None:
    """Remove the folders that earlier settings made of this video and these do not."""
    for person in former.people if former is not None else ():
        if person not in people.tracks and not name_fault(person):
            shutil.rmtree(out / person, ignore_errors=True)


def write_crops(
    video: Path,
    analysis: Analysis,
    tracks: Mapping[str, np.ndarray],
    transforms: Mapping[str, np.ndarray],
    folders: Mapping[str, Path],
    detector: Detector,
    threads: int,
    on_frames: OnFrames,
) -> None:
    """Decode a video a second time and write the crops of all people; report heads that are tilted too far.

    Parameters
    ----------
    video, analysis
        The video and what was found in it.
    tracks, transforms, folders
        By person: the rows of the detections, the transforms of `person_transforms`, and the folder to make.
    detector
        Finds faces in turned pictures of a few frames.
    threads, on_frames
        As for `mimamo.cropping.analysis.analyse`.
    """
    for folder in folders.values():
        os.mkdir(folder)
    if not tracks:
        on_frames(len(analysis.detections.times))
        return
    divisor = reading_divisor(transforms.values())
    matrices = {
        person: dict(zip(analysis.detections.frame[rows].tolist(), transforms[person], strict=True))
        for person, rows in tracks.items()
    }
    watches = {
        person: TiltWatch(detector, analysis.detections.frame[rows], analysis.detections.boxes[rows])
        for person, rows in tracks.items()
    }
    average = {person: reduction(scaled(transforms[person], divisor)) for person in transforms}
    for frame in decode(video, threads, analysis.quarter_turns):
        seen = [person for person in matrices if frame.number in matrices[person]]
        pixels = frame_pixels(frame, divisor) if seen else None
        for person in seen:
            transform = scaled(matrices[person][frame.number][None], divisor)[0]
            crop = warp(pixels, transform, average[person])
            write_crop(crop, crop_path(folders[person], frame.number, CropNaming()))
            watches[person].look(frame.number, pixels, divisor)
        on_frames(1)
    for person, watch in watches.items():
        watch.report(person)


def reading_divisor(transforms: Iterable[np.ndarray]) -> int:
    """Return the whole number that frames can be reduced by before crops are cut by these transforms."""
    return int(max(1, min(np.median(scales(matrices)) for matrices in transforms) // _SPARE))


def frame_pixels(frame: Frame, divisor: int) -> np.ndarray:
    """Return the pixels of a frame, reduced by a whole number."""
    width, height = frame.size
    return frame.pixels((max(1, round(width / divisor)), max(1, round(height / divisor))))


def scaled(transforms: np.ndarray, divisor: int) -> np.ndarray:
    """Return transforms (n, 2, 3) of the frame as those of the frame reduced by a whole number."""
    linear = transforms[:, :, :2] * divisor
    # The centre of the first reduced pixel is the mean of `divisor` pixels, the first of which is at 0.
    shift = transforms[:, :, 2] + transforms[:, :, :2].sum(axis=2) * (divisor - 1) / 2
    return np.concatenate([linear, shift[:, :, None]], axis=2)


def _report(video: Path, analysis: Analysis, people: People, inside: Mapping[str, np.ndarray]) -> None:
    """Log what was found, and what a person should know of it."""
    frames, said = len(analysis.detections.times), read_header(video).frames
    seen = np.unique(np.concatenate([np.zeros(0), *map(_frames_of(analysis), people.tracks.values())]))
    logger.info("%s: %d frames, %d with a crop (%.0f %%)", video, frames, len(seen), 100 * len(seen) / frames)
    if said > frames:
        logger.warning("%s: the header says %d frames, %d can be decoded", video, said, frames)
    if not people.tracks:
        logger.warning("%s: no face was found, so there are no crops of it", video)
    if people.left_out:
        logger.warning(
            "%s: %d more people were found and left out; --people all takes them too", video, people.left_out
        )
    if people.dropped:
        logger.warning("%s: %d tracks were dropped because they are short", video, people.dropped)
    for person, shares in inside.items():
        if shares.mean() < LEAST_INSIDE:
            logger.warning(
                "%s: only %.0f %% of the crops' area lie inside the picture; the rest is black",
                person,
                100 * shares.mean(),
            )


def _frames_of(analysis: Analysis) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives the frame numbers of rows of the detections."""
    return lambda rows: analysis.detections.frame[rows]
