"""Crops of a video side by side in one picture, so that they can be shown in step with its trace."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mimamo.corpus.crops import crop_path, read_crop
from mimamo.corpus.layout import Corpus

#: Side of a crop in the picture, in pixels, and quality of the JPEG.
SIDE, QUALITY = 72, 72
#: Most crops of a video, and frames from one to the next where they are enough.
MOST, STEP = 256, 4
COLUMNS = 16


@dataclass(frozen=True)
class Tiles:
    """Crops in one picture, row by row.

    Attributes
    ----------
    frames
        Their frame numbers, ascending.
    picture
        A JPEG with `COLUMNS` crops in a row.
    """

    frames: list[int]
    picture: bytes

    def data(self) -> dict[str, object]:
        """Return them as the page's script takes them."""
        encoded = base64.b64encode(self.picture).decode("ascii")
        return {
            "frames": self.frames,
            "side": SIDE,
            "columns": COLUMNS,
            "picture": f"data:image/jpeg;base64,{encoded}",
        }


def find_tiles(name: str, frames: np.ndarray, corpus: Corpus) -> Tiles | None:
    """Put some crops of a video side by side.

    Parameters
    ----------
    name
        The video.
    frames
        The numbers of its frames that have a crop, ascending, shape (n,).
    corpus
        Where the crops lie.

    Returns
    -------
    Tiles or None
        Crops at even distances; None where there is no crop.
    """
    folder = corpus.crop_folder(name)
    if folder is None or len(frames) == 0:
        return None
    count = min(MOST, -(-len(frames) // STEP))
    chosen = frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]
    sheet = Image.new("RGB", (COLUMNS * SIDE, -(-count // COLUMNS) * SIDE))
    for place, frame in enumerate(chosen.tolist()):
        crop = Image.fromarray(read_crop(crop_path(folder, frame, corpus.crop_naming)))
        row, column = divmod(place, COLUMNS)
        sheet.paste(crop.resize((SIDE, SIDE), Image.Resampling.BOX), (column * SIDE, row * SIDE))
    buffer = io.BytesIO()
    sheet.save(buffer, format="JPEG", quality=QUALITY)
    return Tiles(chosen.tolist(), buffer.getvalue())
