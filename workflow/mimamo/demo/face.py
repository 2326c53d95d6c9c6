"""Rendering of one person's face: identity fixed, expression and pose per frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mimamo.corpus.opencv import cv2

#: Side of a crop in pixels, and how much finer it is drawn before it is scaled down.
SIZE = 112
FINE = 2
#: How much larger than its natural lengths below a face is drawn: aligned crops are tight around the face.
ZOOM = 1.2
#: Fractional bits of OpenCV's drawing coordinates: positions are exact to 1/256 of a fine pixel.
SHIFT = 8
#: How much of the mouth's shape is due to valence; the rest is due to talking. The larger it is,
#: the better can the temporal stream infer valence by integrating the mouth's movement (at 1, as well as from
#: a picture).
SHAPE = 0.3
#: Blood comes to a happy person's face and leaves a sad one's. By how much that changes the skin, in RGB:
#: strongly, because a network with random weights has to see it in every person.
FLUSH = np.array([20.0, -40.0, -30.0])
#: The same for the redness of cheeks, from 0 to 1 (without valence, and what valence adds), and of lips.
CHEEKS, LIPS = (0.45, 0.45), 0.4

Colour = np.ndarray


@dataclass(frozen=True)
class Identity:
    """What distinguishes one rendered person from another: appearance, camera, pace of movement.

    Lengths are in pixels of the crop before `ZOOM`, colours are RGB, 0 to 255.
    """

    skin: Colour
    lips: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    width: float
    height: float
    jaw: float
    eye_distance: float
    eye_size: float
    brow_thickness: float
    mouth_width: float
    mouth_y: float
    nose_length: float
    hairline: float
    long_hair: bool
    glasses: bool
    freckles: np.ndarray
    backdrop: np.ndarray
    light_direction: float
    noise: float
    gain: float
    tempo: float


def identity(rng: np.random.Generator) -> Identity:
    """Draw a person at random: natural skin and hair, a shape, glasses, light and background."""
    skins = np.array(
        [[244, 208, 183], [226, 178, 146], [198, 145, 110], [154, 104, 74], [112, 74, 54]], float
    )
    hairs = np.array([[38, 28, 24], [78, 52, 36], [122, 84, 52], [176, 138, 88], [120, 118, 116]], float)
    eyes = np.array([[70, 48, 34], [86, 110, 128], [82, 100, 66]], float)
    tone = rng.uniform(0, len(skins) - 1)
    low = int(tone)
    skin = skins[low] + (tone - low) * (skins[low + 1] - skins[low]) + rng.uniform(-6, 6, 3)
    backdrop = rng.uniform(60, 190) + rng.uniform(-22, 22, 3) + rng.uniform(-25, 25, (4, 4, 3))
    width = rng.uniform(31, 37)
    return Identity(
        skin=skin,
        lips=skin * [0.86, 0.62, 0.62] + [16, 0, 0],
        hair=hairs[rng.integers(len(hairs))] + rng.uniform(-10, 10, 3),
        iris=eyes[rng.integers(len(eyes))],
        clothes=rng.uniform(40, 180) + rng.uniform(-40, 40, 3),
        width=width,
        height=rng.uniform(43, 48),
        jaw=rng.uniform(0.72, 0.95),
        eye_distance=rng.uniform(14.0, 16.5),
        eye_size=rng.uniform(5.6, 6.8),
        brow_thickness=rng.uniform(1.6, 3.0),
        mouth_width=rng.uniform(13.5, 15.5),
        mouth_y=rng.uniform(24.0, 26.5),
        nose_length=rng.uniform(11, 14),
        hairline=rng.uniform(-32, -25),
        long_hair=bool(rng.random() < 0.45),
        glasses=bool(rng.random() < 0.3),
        freckles=_freckles(rng, width),
        backdrop=cv2.resize(backdrop, (SIZE * FINE, SIZE * FINE), interpolation=cv2.INTER_CUBIC),
        light_direction=rng.uniform(-np.pi, np.pi),
        noise=rng.uniform(1.0, 2.2),
        gain=rng.uniform(0.8, 1.0),
        tempo=rng.uniform(0.9, 1.15),
    )


def _freckles(rng: np.random.Generator, width: float) -> np.ndarray:
    """Return marks on the skin, (marks, 4): x, y, radius, darkness. They make its movement visible."""
    marks = 46
    angle, reach = rng.uniform(0, 2 * np.pi, marks), np.sqrt(rng.uniform(0.05, 0.75, marks))
    return np.stack(
        [reach * width * np.cos(angle), 42 * reach * np.sin(angle), rng.uniform(0.5, 1.2, marks),
         rng.uniform(0.05, 0.17, marks)], axis=-1
    )  # fmt: skip


class Canvas:
    """A fine RGB picture that is drawn on in crop coordinates relative to the middle of the head."""

    def __init__(self, backdrop: np.ndarray, head: np.ndarray, tilt: float) -> None:
        self.picture = np.clip(backdrop, 0, 255).astype(np.uint8)
        rotation = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
        self._rotation, self._centre = rotation, np.array([SIZE / 2, SIZE / 2 + 1.0]) + head

    def place(self, points: np.ndarray) -> np.ndarray:
        """Return points (n, 2) as OpenCV's fixed-point coordinates of the fine picture."""
        at = ZOOM * np.asarray(points, float) @ self._rotation.T + self._centre
        return np.round(((at + 0.5) * FINE - 0.5) * (1 << SHIFT)).astype(np.int32)

    def area(self, points: np.ndarray, colour: Colour) -> None:
        """Fill a polygon."""
        cv2.fillPoly(self.picture, [self.place(points)], _scalar(colour), cv2.LINE_AA, SHIFT)

    def line(self, points: np.ndarray, colour: Colour, thickness: float, closed: bool = False) -> None:
        """Draw a line."""
        width = max(1, round(thickness * FINE * ZOOM))
        cv2.polylines(self.picture, [self.place(points)], closed, _scalar(colour), width, cv2.LINE_AA, SHIFT)

    def dot(self, at: np.ndarray, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        (x, y), r = self.place(np.asarray(at)[None])[0], round(radius * FINE * ZOOM * (1 << SHIFT))
        cv2.circle(self.picture, (int(x), int(y)), r, _scalar(colour), -1, cv2.LINE_AA, SHIFT)

    def tint(self, at: np.ndarray, radii: tuple[float, float], colour: Colour, strength: float) -> None:
        """Blend `colour` into a soft ellipse: full `strength` in the middle, none at the rim."""
        x, y = self.place(np.asarray(at)[None])[0] / (1 << SHIFT)
        rx, ry = radii[0] * FINE * ZOOM, radii[1] * FINE * ZOOM
        x0, x1 = max(0, int(x - rx)), min(SIZE * FINE, int(x + rx) + 1)
        y0, y1 = max(0, int(y - ry)), min(SIZE * FINE, int(y + ry) + 1)
        if x1 <= x0 or y1 <= y0:
            return
        across = ((np.arange(x0, x1) - x) / rx) ** 2
        down = ((np.arange(y0, y1) - y) / ry) ** 2
        mask = strength * np.clip(1 - (down[:, None] + across), 0, 1)[..., None]
        part = self.picture[y0:y1, x0:x1]
        part[:] = part * (1 - mask) + np.clip(colour, 0, 255) * mask


def _scalar(colour: Colour) -> tuple[float, float, float]:
    """Return a colour, clipped to 0 … 255, in the form that OpenCV's drawing functions take."""
    # The canvas holds RGB; OpenCV does not mind what its three channels are called.
    r, g, b = np.clip(colour, 0, 255)
    return (float(r), float(g), float(b))


def _ellipse(x: float, y: float, rx: float, ry: float, points: int = 28) -> np.ndarray:
    """Return the contour of an ellipse around (`x`, `y`), (points, 2)."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=-1)


def _outline(person: Identity, chin: float) -> np.ndarray:
    """Return the contour of the head: an ellipse, narrower towards the chin, which is `chin` pixels lower."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    below = np.clip(np.sin(angle), 0, 1)
    x = person.width * np.cos(angle) * (1 - (1 - person.jaw) * below**1.5)
    return np.stack([x, person.height * np.sin(angle) + chin * below**2], axis=-1)


def _arc(left: np.ndarray, right: np.ndarray, bulge: float, points: int = 14) -> np.ndarray:
    """Return a parabola from `left` to `right` whose middle lies `bulge` pixels lower than the chord."""
    s = np.linspace(0, 1, points)[:, None]
    return left + s * (right - left) + np.array([0.0, 4 * bulge]) * s * (1 - s)


@dataclass(frozen=True)
class Pose:
    """One frame's expression and movement; `tremor` is each facial part's (right, down) shift in pixels."""

    valence: float
    head: np.ndarray
    tilt: float
    tremor: dict[str, np.ndarray]
    blink: float
    light: float
    talk: float = 0.0


def draw(person: Identity, pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """Draw one crop.

    Parameters
    ----------
    person
        Whose face.
    pose
        Expression and position.
    rng
        Source of the camera's noise.

    Returns
    -------
    numpy.ndarray
        (112, 112, 3) uint8, RGB.
    """
    canvas = Canvas(person.backdrop, pose.head, pose.tilt)
    # Drawn before the zoom, so that it comes out in pixels of the crop.
    pose = replace(pose, tremor={part: shift / ZOOM for part, shift in pose.tremor.items()})
    _draw_head(canvas, person, pose)
    _draw_eyes(canvas, person, pose)
    _draw_nose(canvas, person, pose)
    _draw_mouth(canvas, person, pose)
    picture = cv2.resize(canvas.picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return _photograph(picture, person, pose, rng)


def _draw_head(canvas: Canvas, person: Identity, pose: Pose) -> None:
    """Draw hair behind, neck, shoulders, head, ears, skin marks, cheeks and the hair in front."""
    w, h, skin = person.width, person.height, np.clip(person.skin + FLUSH * pose.valence, 0, 255)
    canvas.area(_ellipse(0, -10, w + 6, h - 2 if not person.long_hair else h + 6), person.hair)
    if person.long_hair:
        canvas.area(np.array([[-w - 6, -12], [w + 6, -12], [w + 7, 60], [-w - 7, 60]]), person.hair)
    canvas.area(np.array([[-15, 30], [15, 30], [17, 62], [-17, 62]]), skin * 0.82)
    canvas.area(np.array([[-60, 75], [-44, 54], [-14, 49], [14, 49], [44, 54], [60, 75]]), person.clothes)
    for side in (-1, 1):
        canvas.area(_ellipse(side * (w - 0.5), 1, 4.5, 8), skin * 0.9)
    canvas.area(_outline(person, pose.tremor["jaw"][1]), skin)
    shift = pose.tremor["skin"]
    for x, y, radius, darkness in person.freckles:
        canvas.dot((x + shift[0], y + shift[1]), radius, skin * (1 - darkness))
    lift = 2.0 * SHAPE * pose.valence
    for side in (-1, 1):
        cheek = (side * 0.56 * w + shift[0], 14 - lift + shift[1])
        canvas.tint(cheek, (15, 13), np.array([225, 96, 88]), CHEEKS[0] + CHEEKS[1] * pose.valence)
    front = _outline(person, 0.0)
    front = front[front[:, 1] < person.hairline + 6]
    left, right = front[np.argmin(front[:, 0])], front[np.argmax(front[:, 0])]
    canvas.area(
        np.concatenate([front[np.argsort(front[:, 0])], _arc(right, left, -5.0)]) * [1.03, 1.03], person.hair
    )


def _draw_eyes(canvas: Canvas, person: Identity, pose: Pose) -> None:
    """Draw eyes, lids, brows and glasses. A smile narrows the eyes; a frown lowers the brows' inner ends."""
    gaze = pose.tremor["eyes"]
    size = person.eye_size
    opening = size * (0.58 - 0.2 * SHAPE * max(pose.valence, 0.0)) * (1 - 0.92 * pose.blink)
    for side, brow in ((-1, "left_brow"), (1, "right_brow")):
        x, y = side * person.eye_distance + gaze[0], -6 + gaze[1]
        canvas.area(_ellipse(x, y, size, max(opening, 0.3)), np.array([238, 236, 232]))
        if opening > 1.0:
            canvas.dot((x, y), min(opening, 0.5 * size), person.iris)
            canvas.dot((x, y), 0.22 * size, np.array([18, 16, 16]))
        corners = np.array([x - size, y]), np.array([x + size, y])
        canvas.line(_arc(*corners, -opening), person.skin * 0.42, 1.0)
        canvas.line(_arc(*corners, opening), person.skin * 0.7, 0.5)
        bx, by = pose.tremor[brow]
        inner = np.array(
            [side * (person.eye_distance - 7.5) + bx, -15.5 + 4.0 * SHAPE * -min(pose.valence, 0) + by]
        )
        outer = np.array(
            [side * (person.eye_distance + 7.5) + bx, -15.0 - 2.2 * SHAPE * max(pose.valence, 0) + by]
        )
        canvas.line(_arc(inner, outer, -2.2), person.hair * 0.7, person.brow_thickness)
        if person.glasses:
            canvas.line(_ellipse(x, y + 0.5, 9.5, 8), np.array([32, 30, 34]), 1.0, closed=True)
    if person.glasses:
        bridge = person.eye_distance - 9.5
        canvas.line(
            _arc(np.array([-bridge, -6.0]), np.array([bridge, -6.0]), -1.5), np.array([32, 30, 34]), 1.0
        )


def _draw_nose(canvas: Canvas, person: Identity, pose: Pose) -> None:
    """Draw the nose's bridge, tip and nostrils."""
    x, y = pose.tremor["nose"]
    tip = person.nose_length
    canvas.tint((x, 4 + y), (5, tip), person.skin * 1.12, 0.5)
    canvas.line(
        np.array([[x - 4.5, tip - 1 + y], [x, tip + 1.5 + y], [x + 4.5, tip - 1 + y]]),
        person.skin * 0.62,
        0.8,
    )
    for side in (-1, 1):
        canvas.dot((x + 2.6 * side, tip + y), 1.0, person.skin * 0.45)


def _draw_mouth(canvas: Canvas, person: Identity, pose: Pose) -> None:
    """Draw lips and teeth. Valence and talking lift or drop the corners, widen the mouth and open it."""
    shape = SHAPE * pose.valence + (1 - SHAPE) * pose.talk
    lips = _flushed(person.lips, pose.valence)
    x, y = pose.tremor["mouth"] + [0.0, person.mouth_y]
    wide = person.mouth_width * (1 + 0.22 * shape)
    lift = 6.6 * shape
    left, right = np.array([x - wide, y - lift]), np.array([x + wide, y - lift])
    # The chord's middle moves against the corners, so that the mouth stays where it is.
    middle = 0.75 * lift
    gap = 0.4 + 4.6 * max(shape, 0.0)
    full = 3.0
    upper_in, lower_in = (
        _arc(left, right, middle - 0.3 * gap + lift * 0.25),
        _arc(right, left, middle + gap + lift * 0.25),
    )
    upper_out, lower_out = upper_in - np.array([0, full * 0.8]), lower_in + np.array([0, full])
    canvas.area(np.concatenate([_taper(upper_out, upper_in), _taper(lower_out, lower_in)]), lips)
    # Teeth show little by little: a sudden change of colour would look like a movement.
    teeth = np.clip((gap - 0.6) / 1.0, 0, 1)
    inside = lips * 0.5 * (1 - teeth) + np.array([236, 232, 224]) * teeth
    canvas.area(np.concatenate([upper_in, lower_in]), inside)
    for side in (-1, 1):
        crease = np.array(
            [[side * 8.5, 13.0], [side * (wide + 3.5), y - lift - 4.0], [side * (wide + 4), y - lift + 1]]
        )
        shade = person.skin * (0.96 - 0.22 * max(pose.valence, 0.0))
        canvas.line(crease + np.array([0.5 * pose.tremor["skin"][0], 0.0]), shade, 0.8)


def _flushed(colour: Colour, valence: float) -> Colour:
    """Make lips redder the happier a person is, and paler the sadder."""
    return colour * (1 - LIPS * valence * np.array([-1.0, 1.0, 1.0]))


def _taper(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Let a lip's outer edge meet its inner edge at the corners."""
    full = np.sin(np.linspace(0, np.pi, len(outer)))[:, None] ** 0.6
    return inner + (outer - inner) * full


def _photograph(picture: np.ndarray, person: Identity, pose: Pose, rng: np.random.Generator) -> np.ndarray:
    """Light the picture from one side, slowly flickering, and add the camera's noise."""
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    across, down = np.cos(person.light_direction), np.sin(person.light_direction)
    light = np.float32(pose.light) * (
        1 + np.float32(0.13) * (np.float32(across) * ramp + np.float32(down) * ramp[:, None])
    )
    grain = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(person.noise)
    return np.clip(picture * light[..., None] + grain + 0.5, 0, 255).astype(np.uint8)
