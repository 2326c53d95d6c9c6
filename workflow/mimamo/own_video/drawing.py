"""What is drawn into a film: boxes, running curves, and the valence-arousal plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mimamo import DIMENSIONS
from mimamo.corpus.opencv import cv2

#: Largest and smallest longer side of the picture in a film, in pixels.
LARGEST, SMALLEST = 960, 320
#: Side of the valence-arousal plane, height of the curve of one dimension, and space around them, in pixels.
PLANE, CURVE, SPACE = 280, 84, 12
#: Seconds that the curves and the trail go back.
CURVE_SECONDS, TRAIL_SECONDS = 10.0, 2.0

# Colours as blue, green, red; those of people by Okabe and Ito, which colour-blind people can tell apart.
_BACKGROUND, _LINE, _TEXT = (32, 28, 26), (92, 86, 82), (225, 222, 220)
_PEOPLE = [(0, 159, 230), (233, 180, 86), (115, 158, 0), (167, 121, 204), (66, 228, 240), (0, 94, 213)]
_FONT, _LETTERS = cv2.FONT_HERSHEY_SIMPLEX, 0.42


@dataclass(frozen=True)
class PersonValues:
    """What is known of one person in every frame.

    Attributes
    ----------
    label
        What the box is labelled with; empty where there is one person.
    values
        (frames, 2) valence and arousal; NaN where there is no value.
    boxes
        (frames, 4) left, top, width and height in pixels of the video; NaN where the person is not seen.
    """

    label: str
    values: np.ndarray
    boxes: np.ndarray


class Canvas:
    """Draws the frames of a film.

    Parameters
    ----------
    size
        Width and height of the video's frames.
    times
        (frames,) seconds of all frames.
    people
        The people, by name.
    """

    def __init__(self, size: tuple[int, int], times: np.ndarray, people: Mapping[str, PersonValues]) -> None:
        self.times, self.people = times, list(people.values())
        scale = np.clip(max(size), SMALLEST, LARGEST) / max(size)
        self.scale = np.array([scale, scale])
        self.picture = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        width = self.picture[0] + PLANE + 3 * SPACE
        self._top = max(self.picture[1], PLANE) + 2 * SPACE
        height = self._top + 2 * (CURVE + SPACE)
        # H.264 with halved colour takes even sides only.
        self.size = width + width % 2, height + height % 2
        self._plane = self.picture[0] + 2 * SPACE, SPACE
        self._background = self._draw_background()

    def draw(self, number: int, pixels: np.ndarray) -> np.ndarray:
        """Draw one frame.

        Parameters
        ----------
        number
            Its number, from 1.
        pixels
            The frame as large as `picture`, (height, width, 3) uint8: blue, green, red.

        Returns
        -------
        numpy.ndarray
            (height, width, 3) uint8 as large as `size`.
        """
        canvas = self._background.copy()
        canvas[SPACE : SPACE + pixels.shape[0], SPACE : SPACE + pixels.shape[1]] = pixels
        now = self.times[number - 1]
        for place, person in enumerate(self.people):
            colour = _PEOPLE[place % len(_PEOPLE)]
            self._draw_box(canvas, person, number, colour)
            self._draw_trail(canvas, person, number, now, colour)
            self._draw_curves(canvas, person, number, now, colour)
        cv2.putText(
            canvas, f"{now:.2f} s", (SPACE + 8, SPACE + 20), _FONT, 0.5, (255, 255, 255), 1, cv2.LINE_AA
        )
        return canvas

    def _draw_background(self) -> np.ndarray:
        """Draw what is the same in all frames: axes and their names."""
        canvas = np.full((self.size[1], self.size[0], 3), _BACKGROUND, np.uint8)
        x, y = self._plane
        cv2.rectangle(canvas, (x, y), (x + PLANE, y + PLANE), _LINE, 1)
        cv2.line(canvas, (x, y + PLANE // 2), (x + PLANE, y + PLANE // 2), _LINE, 1)
        cv2.line(canvas, (x + PLANE // 2, y), (x + PLANE // 2, y + PLANE), _LINE, 1)
        _write(canvas, "valence", (x + PLANE - 58, y + PLANE // 2 - 6))
        _write(canvas, "arousal", (x + PLANE // 2 + 6, y + 16))
        for dimension, name in enumerate(DIMENSIONS):
            left, top, right, bottom = self._strip(dimension)
            cv2.rectangle(canvas, (left, top), (right, bottom), _LINE, 1)
            cv2.line(canvas, (left, (top + bottom) // 2), (right, (top + bottom) // 2), _LINE, 1)
            _write(canvas, name, (left + 6, top + 15))
            for value, level in ((1, top + 10), (-1, bottom - 2)):
                _write(canvas, f"{value:+d}", (right - 26, level))
        return canvas

    def _strip(self, dimension: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom of the curve of a dimension."""
        top = self._top + dimension * (CURVE + SPACE)
        return SPACE, top, self.size[0] - SPACE - self.size[0] % 2, top + CURVE

    def _draw_box(self, canvas: np.ndarray, person: PersonValues, number: int, colour: tuple) -> None:
        """Draw the box of a person who is seen."""
        box = person.boxes[number - 1]
        if not np.isfinite(box).all():
            return
        corner = np.round(box[:2] * self.scale).astype(int) + SPACE
        opposite = np.round((box[:2] + box[2:]) * self.scale).astype(int) + SPACE
        edge = np.array(self.picture) + SPACE - 1
        low, high = np.clip(corner, SPACE, edge), np.clip(opposite, SPACE, edge)
        cv2.rectangle(canvas, tuple(low.tolist()), tuple(high.tolist()), colour, 2, cv2.LINE_AA)
        _write(canvas, person.label, (int(low[0]) + 4, int(high[1]) - 6), colour)

    def _draw_trail(
        self, canvas: np.ndarray, person: PersonValues, number: int, now: float, colour: tuple
    ) -> None:
        """Draw the point in the plane and where it was before."""
        first = int(np.searchsorted(self.times, now - TRAIL_SECONDS))
        values = person.values[first:number]
        points = self._in_plane(values)
        known = np.isfinite(values).all(axis=1)
        for i in range(1, len(points)):
            if known[i - 1] and known[i]:
                strength = i / len(points)
                faded = tuple(int(b + (c - b) * strength) for b, c in zip(_BACKGROUND, colour, strict=True))
                cv2.line(canvas, points[i - 1], points[i], faded, 2, cv2.LINE_AA)
        if len(known) and known[-1]:
            cv2.circle(canvas, points[-1], 6, colour, -1, cv2.LINE_AA)
            cv2.circle(canvas, points[-1], 6, _TEXT, 1, cv2.LINE_AA)

    def _in_plane(self, values: np.ndarray) -> list[tuple[int, int]]:
        """Return the pixels of values (n, 2) in the plane."""
        x, y = self._plane
        clipped = np.nan_to_num(np.clip(values, -1, 1))
        across, up = (clipped[:, 0] + 1) / 2 * PLANE, (1 - clipped[:, 1]) / 2 * PLANE
        return [(x + round(a), y + round(b)) for a, b in zip(across.tolist(), up.tolist(), strict=True)]

    def _draw_curves(
        self, canvas: np.ndarray, person: PersonValues, number: int, now: float, colour: tuple
    ) -> None:
        """Draw the curves of both dimensions up to now, which is at the right."""
        first = int(np.searchsorted(self.times, now - CURVE_SECONDS))
        for dimension in range(len(DIMENSIONS)):
            left, top, right, bottom = self._strip(dimension)
            values = person.values[first:number, dimension]
            x = right - (now - self.times[first:number]) / CURVE_SECONDS * (right - left)
            y = top + (1 - np.clip(values, -1, 1)) / 2 * (bottom - top)
            known = np.flatnonzero(np.isfinite(values))
            for run in np.split(known, np.flatnonzero(np.diff(known) != 1) + 1):
                points = np.column_stack([x[run], y[run]]).round().astype(np.int32)
                cv2.polylines(canvas, [points.reshape(-1, 1, 2)], False, colour, 2, cv2.LINE_AA)


def _write(canvas: np.ndarray, text: str, place: tuple[int, int], colour: tuple = _TEXT) -> None:
    """Write text with its lower left corner at a place."""
    cv2.putText(canvas, text, place, _FONT, _LETTERS, colour, 1, cv2.LINE_AA)
