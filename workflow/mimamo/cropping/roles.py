"""Which person of a video a name of the data set means.

Imported by the Snakefile, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

#: ``largest``: the person with the largest box, added up over all frames. ``left`` and ``right``: by their
#: place in the picture, of the two largest who are seen together. ``other``: the largest but for these two.
Role = Literal["largest", "left", "right", "other"]


def role_of(name: str, video: str, names: Collection[str]) -> Role:
    """Return which person of a video a name means.

    The data set calls two people of a video ``<video>_left`` and ``<video>_right``. One of them may be called
    ``<video>``: beside ``<video>_right`` that is the left one.

    Parameters
    ----------
    name
        The name.
    video
        The stem of its container.
    names
        All names whose container that is.
    """
    sides = {"left", "right"} & {other.removeprefix(f"{video}_") for other in names}
    if name != video:
        side = name.removeprefix(f"{video}_")
        # A container of its own is called as the name.
        return side if side in ("left", "right") else "largest"
    if len(sides) == 1:
        return "right" if sides == {"left"} else "left"
    return "other" if sides else "largest"
