"""The people of a video: which tracks are cut out, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mimamo.cropping.tracks import Detections, follow, sides, split_short

#: Who is cut out: the largest person, or everybody.
Choice = Literal["largest", "all"]


@dataclass(frozen=True)
class People:
    """The people who are cut out of a video.

    Attributes
    ----------
    tracks
        The rows of each person's detections, by name. A name, as the data set has it, is one person's track
        of a video.
    left_out
        How many others were followed for long enough and were not asked for.
    dropped
        How many tracks were too short.
    """

    tracks: dict[str, np.ndarray]
    left_out: int
    dropped: int


def choose_people(detections: Detections, video: str, choice: Choice = "largest") -> People:
    """Follow the people of a video, and choose and name those who are cut out.

    Parameters
    ----------
    detections
        The faces of the video.
    video
        Its name, the stem of its file.
    choice
        ``largest``: the person with the largest box, added up over all frames, who is called as the video.
        ``all``: everybody; one person is called as the video, two who are seen beside each other
        ``<video>_left`` and ``<video>_right``, others ``<video>_1``, ``<video>_2`` and so on, the largest
        first.
    """
    tracks, dropped = split_short(detections, follow(detections))
    if choice == "largest" or len(tracks) < 2:
        named = dict(zip([video], tracks, strict=False))
        return People(named, max(len(tracks) - 1, 0), dropped)
    beside = sides(detections, *tracks) if len(tracks) == 2 else None
    endings = beside or range(1, len(tracks) + 1)
    return People(
        {f"{video}_{ending}": rows for ending, rows in zip(endings, tracks, strict=True)}, 0, dropped
    )
