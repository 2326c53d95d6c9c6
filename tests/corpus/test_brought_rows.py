"""Which rows belong to which frames: compared with plain loops."""

from fractions import Fraction

import av
import numpy as np
import pytest

from mimamo.corpus.brought import BroughtRows
from mimamo.corpus.brought_rows import choose_rows, times_of
from mimamo.corpus.videos import frame_times
from mimamo.errors import InputError
from support.brought import BY_FRAMES

RATE, OFFSET = 25.0, 0.37
NTSC = Fraction(30000, 1001)


def rows_of(count: int, numbers=None, lost=()) -> BroughtRows:
    """Rows whose first value is their own number; of the lost ones the second is no number."""
    values = np.stack([np.arange(count), np.ones(count)], axis=1).astype(np.float32)
    values[list(lost), 1] = np.nan
    return BroughtRows(values, numbers)


def chosen(given: BroughtRows, count: int, times=None, **settings) -> list[float | None]:
    """The first value of the row that each frame gets; None where it gets none."""
    choice = choose_rows(given, {**BY_FRAMES, **settings}, count, times)
    values = choice.values(given.values, np.arange(1, count + 1))
    return [float(v) if there else None for v, there in zip(values[:, 0], choice.found, strict=True)]


def write_ntsc(path, frames: int):
    """Write a video of 29.97 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=NTSC)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            image = np.full((48, 64, 3), 3 * number % 255, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_the_first_row_is_that_of_the_first_frame():
    assert chosen(rows_of(3), 5) == [0, 1, 2, None, None]


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_are_counted_from_where_it_is_said(first):
    rows = rows_of(4, np.array([5, 2, 3, 9]) - 1 + first)
    found = chosen(rows, 6, rows={"frame": "frame", "first": first})
    assert found == [None, 1, 2, None, 0, None]


def test_time_stamps_are_those_of_the_video(tmp_path):
    times = frame_times(write_ntsc(tmp_path / "a.mp4", 40))
    np.testing.assert_allclose(times, [number * 1001 / 30000 for number in range(40)], atol=1e-4)


@pytest.mark.parametrize("pick", ["nearest", "linear"])
def test_rows_at_a_rate_are_those_that_a_plain_loop_picks(tmp_path, pick):
    video, count = write_ntsc(tmp_path / "a.mp4", 120), 120
    spec = {"rate": RATE, "offset": OFFSET, "pick": pick}
    times = times_of([video], {**BY_FRAMES, "rows": spec}, "a", count)
    expected = []
    for frame in range(count):
        # By the video's own clock, which counts in fractions of a second.
        place = (float(times[frame]) - OFFSET) * RATE
        if pick == "nearest":
            row = min(range(70), key=lambda row: (abs(row - place), -row))
            expected.append(row if abs(row - place) <= 0.5 else None)
        else:
            inside = 0 <= place <= 69
            expected.append(place if inside else None)
    found = chosen(rows_of(70), count, times, rows=spec)
    assert [value is None for value in found] == [value is None for value in expected]
    assert None in found and sum(value is not None for value in found) > 80
    pairs = [(a, b) for a, b in zip(found, expected, strict=True) if a is not None]
    np.testing.assert_allclose(*zip(*pairs, strict=True), atol=1e-5)
    # Another offset picks others.
    assert chosen(rows_of(70), count, times, rows={**spec, "offset": 0.0}) != found


def test_without_a_container_frames_a_second_must_be_said():
    spec = {"rate": RATE, "offset": 0.0, "pick": "nearest"}
    with pytest.raises(InputError, match=r"a: expected a container, .* or set rows\.fps"):
        times_of([], {**BY_FRAMES, "rows": spec}, "a", 4)
    times = times_of([], {**BY_FRAMES, "rows": {**spec, "fps": 50}}, "a", 5)
    assert chosen(rows_of(3), 5, times, rows=spec) == [0, 1, 1, 2, 2]
    assert times_of([], BY_FRAMES, "a", 4) is None


def test_a_row_is_held_for_some_frames_and_no_more():
    rows = rows_of(8, lost=[2, 3, 4, 7])
    assert chosen(rows, 10) == [0, 1, None, None, None, 5, 6, None, None, None]
    assert chosen(rows, 10, hold=2) == [0, 1, 1, 1, None, 5, 6, 6, 6, None]


def test_between_two_rows_of_which_one_is_lost_there_is_none():
    spec, times = {"rate": 1.0, "offset": 0.0, "pick": "linear"}, np.arange(9) / 2
    found = chosen(rows_of(5, lost=[2]), 9, times, rows=spec)
    assert found == [0, 0.5, 1, None, None, None, 3, 3.5, 4]
