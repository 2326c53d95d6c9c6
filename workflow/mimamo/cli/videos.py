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
    r"""Make aligned face crops from videos, for predict.

    Faces are detected in every frame, tracked, and aligned by their landmarks. A table with one row per frame
    is written in addition to the crops. Existing crops are kept, and a video that cannot be read does not
    stop the others.

    Parameters
    ----------
    videos
        Videos, or folders of them.
    out
        Output folder: one folder of crops per person, and one table and one record per video.
    smooth
        Standard deviation in seconds of the Gaussian that smooths landmarks over time; 0 leaves them as
        found.
    people
        Which people to crop: largest (one person) or all.
    detector
        ONNX file of another detector, YuNet or RetinaFace; by default the installed YuNet.
    threads
        Number of threads; by default the number of cores.

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
