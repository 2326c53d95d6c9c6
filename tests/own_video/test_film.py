"""The film: read with two libraries, as long as the video, with its sound, and showing the table."""

import av
import cv2
import numpy as np
import pytest

from mimamo.cropping.crop_table import BOX
from mimamo.cropping.record import read_record
from mimamo.own_video.drawing import PLANE, SPACE, Canvas
from mimamo.own_video.film import write_film
from support.films import FRAMES
from support.videos import scene
from support.videos import write_film as write_video


def frames_by_opencv(path) -> list[np.ndarray]:
    video, frames = cv2.VideoCapture(str(path)), []
    while (frame := video.read())[0]:
        frames.append(frame[1])
    video.release()
    return frames


def times(path, kind: str) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(**{kind: 0})]


def test_every_frame_of_the_video_is_in_the_film_at_its_time(predicted):
    found = times(predicted.shown, "video")
    assert len(found) == FRAMES == len(frames_by_opencv(predicted.shown))
    np.testing.assert_allclose(np.array(found) - found[0], predicted.table["time_s"], atol=1e-4)


def test_sound_is_kept_and_in_time(predicted):
    before, after = times(predicted.video, "audio"), times(predicted.shown, "audio")
    assert len(after) >= len(before) - 1
    video = times(predicted.video, "video")[0] - times(predicted.shown, "video")[0]
    assert abs(before[-1] - after[-1] - video) < 0.05
    with av.open(str(predicted.shown)) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    spectrum = np.abs(np.fft.rfft(sound))
    assert abs(np.argmax(spectrum) * rate / len(sound) - 440) < 10


def test_the_box_is_where_the_table_says(predicted):
    frames, table = frames_by_opencv(predicted.shown), predicted.crop_table
    seen, empty = frames[4].astype(int), frames[-1].astype(int)
    left, top, width, height = table.loc[4, list(BOX)]
    places = [(left, top + height / 3), (left + width, top + height / 2), (left + width / 2, top + height)]
    for x, y in places:
        # The lines are two pixels wide.
        near = np.s_[round(y) + SPACE - 1 : round(y) + SPACE + 2, round(x) + SPACE - 1 : round(x) + SPACE + 2]
        distances = [abs(image[near] - [0, 159, 230]).sum(axis=2).min() for image in (seen, empty)]
        assert distances[0] < 90 < distances[1]


def test_sound_of_a_kind_that_mp4_cannot_hold_is_encoded_anew(predicted, tmp_path):
    video = write_video(tmp_path / "my film.mkv", [scene()] * FRAMES, sound="pcm_s16le")
    record = read_record(predicted.crops / "my film.json")
    write_film(video, tmp_path / "film.mp4", record, predicted.crop_table, predicted.table)
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
    assert times(tmp_path / "film.mp4", "audio")[-1] == pytest.approx(FRAMES / 25, abs=0.1)


def test_a_silent_video_makes_a_silent_film(predicted, tmp_path):
    video = write_video(tmp_path / "my film.mp4", [scene()] * FRAMES)
    record = read_record(predicted.crops / "my film.json")
    write_film(video, tmp_path / "film.mkv", record, predicted.crop_table, predicted.table)
    with av.open(str(tmp_path / "film.mkv")) as container:
        assert not container.streams.audio
    assert len(frames_by_opencv(tmp_path / "film.mkv")) == FRAMES


def canvas_of(values: np.ndarray, size=(640, 360)) -> Canvas:
    from mimamo.own_video.drawing import PersonValues

    boxes = np.full((len(values), 4), np.nan)
    return Canvas(size, np.arange(len(values)) / 25, {"a": PersonValues("", values, boxes)})


@pytest.mark.parametrize(("valence", "arousal"), [(0.5, 0.5), (-0.75, 0.25), (0.0, -1.0)])
def test_the_point_stands_at_its_values(valence, arousal):
    canvas = canvas_of(np.array([[valence, arousal]] * 3))
    image = canvas.draw(3, np.zeros((360, 640, 3), np.uint8))
    x = canvas.picture[0] + 2 * SPACE + (valence + 1) / 2 * PLANE
    y = SPACE + (1 - arousal) / 2 * PLANE
    assert image[round(y), round(x)].tolist() == [0, 159, 230]


def test_frames_without_values_have_no_point_and_no_curve():
    values = np.array([[0.5, 0.5]] * 5 + [[np.nan, np.nan]] * 80)
    canvas, black = canvas_of(values), np.zeros((360, 640, 3), np.uint8)
    shown = [(canvas.draw(number, black) == [0, 159, 230]).all(axis=2).sum() for number in (5, 85)]
    # Of the curves five frames are left, of the point and its trail nothing.
    assert shown[0] > shown[1] > 0
    assert (canvas.draw(85, black)[:PLANE, canvas.picture[0] + 2 * SPACE :] == [0, 159, 230]).all(
        2
    ).sum() == 0


@pytest.mark.parametrize("size", [(641, 361), (240, 426), (3840, 2160), (100, 80)])
def test_films_have_even_sides_and_a_size_that_players_show(size):
    canvas = canvas_of(np.zeros((2, 2)), size)
    image = canvas.draw(1, np.zeros((canvas.picture[1], canvas.picture[0], 3), np.uint8))
    assert image.shape == (canvas.size[1], canvas.size[0], 3)
    assert canvas.size[0] % 2 == canvas.size[1] % 2 == 0 and max(canvas.size) < 1300
