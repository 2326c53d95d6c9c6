"""Several videos, one after the other: a fault of one does not stop the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from mimamo.corpus.layout import CONTAINER_SUFFIXES, case_folded
from mimamo.corpus.videos import read_header
from mimamo.cropping.crop import CropSettings, crop_video, video_name
from mimamo.cropping.progress import FrameProgress
from mimamo.cropping.record import CropRecord
from mimamo.errors import InputError, OutputError
from mimamo.storage.files import check_writable
from mimamo.storage.paths import describe_error

logger = logging.getLogger(__name__)

#: Passes over the frames of a video that it takes to cut the crops.
CROP_PASSES = 2

Result = TypeVar("Result")


def find_videos(places: Iterable[Path]) -> list[Path]:
    """Find the videos in folders, by their suffixes; a file is taken to be one.

    Raises
    ------
    InputError
        Where a folder holds no video, or cannot be listed.
    """
    videos = []
    for place in places:
        if not place.is_dir():
            videos.append(place)
            continue
        try:
            found = [
                path
                for path in sorted(place.iterdir())
                if path.suffix.lower() in CONTAINER_SUFFIXES
                and path.is_file()
                and not path.name.startswith(".")
            ]
        except OSError as error:
            raise InputError(
                f"{place}: expected a folder of videos, found {describe_error(place, error)}; fix it"
            ) from None
        if not found:
            raise InputError(
                f"{place}: expected a folder of videos, found no file that ends as one (.mp4 and so on); put "
                "them there, or correct the path"
            )
        videos += found
    return list(dict.fromkeys(videos))


def for_each_video(
    videos: Sequence[Path], passes: int, work: Callable[[Path, FrameProgress], Result]
) -> dict[Path, Result]:
    """Do something with each of several videos, with progress; report those that fail, and go on.

    Parameters
    ----------
    videos
        The videos.
    passes
        How often the frames of each are gone through.
    work
        What is done. It counts its frames.

    Returns
    -------
    dict
        The results of the videos that did not fail.

    Raises
    ------
    OutputError
        Where nothing can be written any more.
    """
    results: dict[Path, Result] = {}
    names: dict[str, Path] = {}
    expected = {video: passes * header_frames(video) for video in videos}
    with FrameProgress(sum(expected.values())) as progress:
        for number, video in enumerate(videos, start=1):
            progress.begin(f"{video.name} ({number} of {len(videos)})")
            before = progress.done
            try:
                _check_name(video, names)
                results[video] = work(video, progress)
            except OutputError:
                raise
            except InputError as error:
                logger.error("%s", error)
            # What is there already, or has failed, need not be done.
            progress.skip_frames(max(expected[video] - (progress.done - before), 0))
    if failed := len(videos) - len(results):
        logger.warning("%d of %d videos failed, as reported above", failed, len(videos))
    return results


def header_frames(video: Path) -> int:
    """Return how many frames a video's header says; 0 where it cannot be read, which is reported later."""
    try:
        return read_header(video).frames
    except InputError:
        return 0


def _check_name(video: Path, names: dict[str, Path]) -> None:
    """Raise InputError where an earlier video has the same name."""
    # Some file systems take names that differ in case for one.
    key = case_folded(video_name(video))
    if (other := names.setdefault(key, video)) is not video:
        raise InputError(f"{video}: expected a name of its own, found that of {other}; rename one of them")


def crop_videos(places: Sequence[Path], out: Path, settings: CropSettings) -> dict[Path, CropRecord | None]:
    """Cut the crops of several videos.

    Parameters
    ----------
    places
        Videos, or folders of them.
    out, settings
        See `mimamo.cropping.crop.crop_video`.

    Returns
    -------
    dict
        What was made of every video, None where it failed.

    Raises
    ------
    InputError
        Where there is no video, or `out` cannot be written to.
    """
    videos = find_videos(places)
    check_writable(out)
    made = for_each_video(
        videos,
        CROP_PASSES,
        lambda video, progress: crop_video(video, out, settings, progress.add_frames),
    )
    return {video: made.get(video) for video in videos}
