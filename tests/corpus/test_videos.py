"""Frames of containers: counted in every kind of video, as OpenCV counts them where it reads them at all."""

import cv2
import numpy as np
import pytest

from mimamo.corpus.videos import FrameCounts, count_frames, decoded_frame_count
from mimamo.errors import InputError
from support.corpus import overstate_frames, write_video
from support.videos import KINDS, scene, write_film, write_tone

FRAMES = 12


def opencv_count(path) -> int:
    """Count the frames as OpenCV does, which most annotations were made by."""
    video, frames = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), 0
    while video.grab():
        frames += 1
    return frames


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_counted_as_opencv_counts_it(name, tmp_path):
    path = write_film(tmp_path / name, [scene(light=0.5 + 0.03 * n) for n in range(FRAMES)], **KINDS[name])
    assert decoded_frame_count(path) == opencv_count(path) == FRAMES
    assert decoded_frame_count(path, threads=2) == FRAMES and decoded_frame_count(path, most=5) == 5


def test_frames_of_a_variable_rate_are_counted_and_not_their_time(tmp_path):
    times = np.cumsum([0.02 if number % 3 else 0.3 for number in range(FRAMES)])
    path = write_film(tmp_path / "film.mp4", [scene()] * FRAMES, times=times)
    counts = count_frames(path, decode=True)
    assert (counts.said, counts.decoded) == (FRAMES, FRAMES) and 0 < counts.rate < 50
    assert opencv_count(path) == FRAMES


def test_damage_in_the_middle_costs_no_more_than_the_frames_it_hits(tmp_path):
    path = write_film(tmp_path / "film.avi", [scene()] * 60, codec="mpeg4", options={"g": "1"})
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 2
    raw[middle : middle + 300] = bytes(300)
    path.write_bytes(bytes(raw))
    assert decoded_frame_count(path) >= 58


def test_a_header_is_no_count_and_one_that_is_absurd_is_none(tmp_path):
    path = write_video(tmp_path / "film.avi", 9)
    overstate_frames(path, 40, 9)
    assert count_frames(path, decode=True) == FrameCounts(40, 9, 25.0)
    assert count_frames(path, decode=False) == FrameCounts(40, None, 25.0)
    overstate_frames(path, 2**31 - 1, 40)
    assert count_frames(path, decode=True) == FrameCounts(0, 9, 25.0)


def test_sound_only_is_told_apart_from_a_file_that_is_no_video(tmp_path):
    with pytest.raises(InputError, match=r"tone\.m4a: expected a video, found sound only"):
        count_frames(write_tone(tmp_path / "tone.m4a"), decode=False)
    (tmp_path / "text.mp4").write_text("a letter")
    with pytest.raises(InputError, match="found a file that cannot be read as one"):
        count_frames(tmp_path / "text.mp4", decode=True)


def test_a_still_image_is_no_video(tmp_path):
    path = tmp_path / "picture.mp4"
    path.write_bytes(cv2.imencode(".png", scene())[1].tobytes())
    for decode in (True, False):
        with pytest.raises(InputError, match="expected a video, found a still image"):
            count_frames(path, decode)
