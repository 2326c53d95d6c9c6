"""The people of a video: which tracks are cut out, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mimamo.cropping.roles import Role
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


def people_by_role(detections: Detections, roles: Iterable[Role], width: int) -> dict[Role, np.ndarray | str]:
    """Follow the people of a video, and find who has which role.

    Parameters
    ----------
    detections
        The faces of the video.
    roles
        The roles that are asked for, see `mimamo.cropping.roles`.
    width
        Width of the frames in pixels: where one person alone is found, the half of the picture that the
        person is mostly in tells left from right.

    Returns
    -------
    dict
        For each role the rows of its person's detections, or the reason why there are none: a phrase.
    """
    tracks, _ = split_short(detections, follow(detections))
    if not tracks:
        return dict.fromkeys(roles, "no face that stays for long enough")
    known: dict[Role, np.ndarray] = {"largest": tracks[0]}
    beside = _beside(detections, tracks, width)
    known |= beside
    others = [rows for rows in tracks if not any(rows is taken for taken in beside.values())]
    known |= {"other": others[0]} if others and len(beside) == 2 else {}
    return {role: known.get(role, _reason(role, tracks, beside)) for role in roles}


def _beside(detections: Detections, tracks: Sequence[np.ndarray], width: int) -> Mapping[Role, np.ndarray]:
    """Return the left and the right one of the two largest people who are seen together, as far as known."""
    if len(tracks) == 1:
        centre = np.mean(detections.boxes[tracks[0], 0] + detections.boxes[tracks[0], 2] / 2)
        return {"left" if centre < width / 2 else "right": tracks[0]}
    for place, one in enumerate(tracks):
        for other in tracks[place + 1 :]:
            if found := sides(detections, one, other):
                return dict(zip(found, (one, other), strict=True))
    return {}


def _reason(role: Role, tracks: Sequence[np.ndarray], beside: Mapping[Role, np.ndarray]) -> str:
    """Return why nobody has a role."""
    if role == "other":
        return "nobody besides the two people on the left and right"
    if len(tracks) == 1:
        return f"one person alone, who is in the {next(iter(beside))} half of the picture"
    return "no two people who are seen together and stay on their sides"
