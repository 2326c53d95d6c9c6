"""Successive crops of a face and the phase differences between them, as images embedded in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike

import numpy as np
from PIL import Image

from mimamo.corpus.layout import Corpus
from mimamo.figures.strip import BANDS, colour_motion, find_strip
from mimamo.storage.frame_cache import find_caches


def phase_strip(
    names: Iterable[str],
    phase: Sequence[str | PathLike],
    data: Mapping[str, object],
    root: str | PathLike,
    faces: bool,
) -> dict | None:
    """Find the strip of `mimamo.figures.strip` and encode its images.

    Parameters
    ----------
    names
        The names to look at, the most suitable first.
    phase, data, root
        As for `mimamo.figures.strip.draw_phase_strip`.
    faces
        Whether the crops may be shown; where not, only the phase differences are.

    Returns
    -------
    dict or None
        name, frames, rows of pictures with their label, and the phase difference in radians that has the full
        colour; None where no name has enough successive crops.
    """
    strip = find_strip(names, find_caches(phase), Corpus.from_config({"data": data}, root))
    if strip is None:
        return None
    rows = [("crop", [_data_uri(Image.fromarray(crop), "JPEG") for crop in strip.crops])] if faces else []
    rows += [
        (label, [_data_uri(motion(maps[band], strip.limit), "PNG") for maps in strip.maps])
        for band, label in enumerate(BANDS)
    ]
    return {"name": strip.name, "frames": strip.frames.tolist(), "rows": rows, "limit": strip.limit}


def motion(values: np.ndarray, limit: float) -> Image.Image:
    """Colour phase differences as `mimamo.figures.strip.colour_motion` does.

    Where it is transparent the page's background shows, be it light or dark.

    Parameters
    ----------
    values
        Radians, shape (height, width).
    limit
        The absolute value that has the full colour.
    """
    return Image.fromarray(np.round(colour_motion(values, limit) * 255).astype(np.uint8), "RGBA")


def _data_uri(image: Image.Image, form: str) -> str:
    """Encode an image as a data URI."""
    buffer = io.BytesIO()
    image.save(buffer, format=form, **({"quality": 88} if form == "JPEG" else {"optimize": True}))
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
