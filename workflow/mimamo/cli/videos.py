"""Commands for videos."""

from __future__ import annotations

from typing import Literal

from mimamo.cli.parameters import Count, File, Folder, Seconds, Videos

#: That of `mimamo.cropping.people`, which takes a while to import.
People = Literal["largest", "all"]
#: That of `mimamo.cropping.smoothing`.
SMOOTH = 0.1


def crop(
    *videos: Videos,
    out: Folder,
    smooth: Seconds = SMOOTH,
    people: People = "largest",
    detector: File | None = None,
    threads: Count | None = None,
) -> int:
    r"""Cut aligned crops out of videos, for predict.

    Faces are found in every frame, followed, and aligned by their landmarks. Beside the crops of every person
    there is a table with a row for every frame. What is there already is not made again, and a video that
    cannot be read does not stop the others.

    Parameters
    ----------
    videos
        Videos, or folders of them.
    out
        The folder to write to: a folder of crops for every person, and a table and a record for every video.
    smooth
        Standard deviation in seconds of the Gaussian that smooths landmarks over time; 0 leaves them as
        found.
    people
        Who is cut out: largest (one person) or all.
    detector
        The ONNX file of another detector, YuNet or RetinaFace; by default the YuNet that is installed.
    threads
        How many threads work; by default as many as there are cores.

    Returns
    -------
    int
        0 where the crops of all videos are there, 1 where a video failed.

    Examples
    --------
    mimamo crop my_film.mp4 --out crops
    """
    from mimamo.cropping.batch import crop_videos
    from mimamo.cropping.crop import CropSettings

    settings = CropSettings(smooth, people, detector, threads or cores())
    return 0 if all(crop_videos(videos, out, settings).values()) else 1


def cores() -> int:
    """Return how many cores this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
