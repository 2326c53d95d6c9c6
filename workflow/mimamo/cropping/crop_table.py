"""The table of a video's crops: every frame with its time, and who is seen where in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.cropping.tracks import Detections
from mimamo.storage.files import read_csv

#: Left, top, width and height of the box in pixels.
BOX = ("left", "top", "width", "height")
#: The five landmarks in pixels as they were detected, before any smoothing; left is left in the picture.
LANDMARKS = tuple(
    f"{point}_{axis}"
    for point in ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
    for axis in "xy"
)
#: All columns. A frame has a row for each person seen in it; one without has a row with nobody.
COLUMNS = ("frame", "time_s", "person", *BOX, *LANDMARKS, "confidence", "inside")


def make_table(
    detections: Detections, people: Mapping[str, np.ndarray], inside: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Put together the table.

    Parameters
    ----------
    detections
        The faces of the video.
    people
        The rows of the detections of every person, by name.
    inside
        The share of each crop that lies inside the frame, by name.

    Returns
    -------
    pandas.DataFrame
        The columns `COLUMNS`, sorted by frame and person.
    """
    parts = [_rows(detections, name, rows, inside[name]) for name, rows in people.items()]
    seen = np.concatenate([np.zeros(0, np.int64), *(detections.frame[rows] for rows in people.values())])
    nobody = np.setdiff1d(np.arange(1, len(detections.times) + 1), seen)
    empty = pd.DataFrame({"frame": nobody, "time_s": detections.times[nobody - 1]}, columns=COLUMNS)
    table = pd.concat([part for part in (*parts, empty) if len(part)], ignore_index=True)
    return table.sort_values(["frame", "person"], ignore_index=True)[list(COLUMNS)]


def _rows(detections: Detections, name: str, rows: np.ndarray, inside: np.ndarray) -> pd.DataFrame:
    """Return the rows of one person."""
    values = np.column_stack([detections.boxes[rows], detections.landmarks[rows].reshape(len(rows), -1)])
    table = pd.DataFrame(values, columns=[*BOX, *LANDMARKS])
    return table.assign(
        frame=detections.frame[rows],
        time_s=detections.time[rows],
        person=name,
        confidence=detections.confidence[rows],
        inside=inside,
    )


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of crops."""
    return read_csv(path)


def frame_times(table: pd.DataFrame) -> np.ndarray:
    """Return the seconds (frames,) of all frames of the video."""
    return table.drop_duplicates("frame").sort_values("frame")["time_s"].to_numpy()


def landmarks_of(table: pd.DataFrame, person: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the frame numbers (n,), the seconds (n,) and the landmarks (n, 5, 2) of a person."""
    rows = table[table["person"] == person]
    points = rows[list(LANDMARKS)].to_numpy().reshape(-1, 5, 2)
    return rows["frame"].to_numpy(), rows["time_s"].to_numpy(), points
