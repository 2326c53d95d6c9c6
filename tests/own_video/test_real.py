"""Videos that nobody rendered, from the file to the table and the film."""

import os

import av
import cv2
import pytest

from mimamo.storage.files import read_csv
from support.crops import names, numbers
from support.films import predict

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread")]

#: Frames of the videos, and of their sound as seconds.
FRAMES = {"man_smiling": 72, "no_face": 95}


@pytest.fixture(scope="module")
def real(real_videos, models, tmp_path_factory):
    out = tmp_path_factory.mktemp("real")
    videos = [real_videos / f"{name}.mp4" for name in FRAMES]
    options = ["--film", str(out / "films"), "--crops", str(out / "crops")]
    assert predict(videos, models, out / "table.csv", *options) == 0
    return out


def test_every_frame_has_a_row_and_every_face_a_crop(real):
    assert names(real / "crops") == ["man_smiling"]
    assert numbers(real / "crops", "man_smiling") == list(range(1, 73))
    table = read_csv(real / "table.csv")
    assert table.groupby("name").size().to_dict() == FRAMES
    assert table.groupby("name")["source"].unique().map(list).to_dict() == {
        "man_smiling": ["predicted"],
        "no_face": ["no_crops"],
    }


@pytest.mark.parametrize("name", FRAMES)
def test_the_film_has_the_frames_of_the_table_and_the_sound_of_the_video(real, real_videos, name):
    film = real / "films" / f"{name}.mp4"
    assert sorted(os.listdir(real / "films")) == ["man_smiling.mp4", "no_face.mp4"]
    video = cv2.VideoCapture(str(film))
    count = 0
    while video.grab():
        count += 1
    video.release()
    assert count == FRAMES[name]
    with av.open(str(film)) as shown, av.open(str(real_videos / f"{name}.mp4")) as source:
        assert sum(1 for _ in shown.decode(video=0)) == FRAMES[name]
        seconds = [float(c.streams.audio[0].duration * c.streams.audio[0].time_base) for c in (shown, source)]
    assert seconds[0] == pytest.approx(seconds[1], abs=0.15)
