"""Videos for models that were trained on their sound, or on features that somebody brought at a rate."""

import os

import av
import numpy as np
import pytest

from mimamo import DIMENSIONS
from mimamo.storage.files import read_csv
from mimamo.streams import AUDIO_DEFAULTS
from support.brought import BY_FRAMES, write_file
from support.films import FRAMES, predict
from support.models import write_model

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_time_stamps_of_the_video_say_which_rows_a_frame_gets(film, predicted, tmp_path):
    """Frames of the film come 25 times a second, every other one late by a quarter of that."""
    values = np.random.default_rng(0).normal(size=(FRAMES, 3))
    write_file(tmp_path / "voice" / "my film.npy", values)
    kept = ["--crops", str(predicted.crops), "--features", f"voice={tmp_path / 'voice'}"]
    found = {}
    for name, rows in {
        "frames": "frames",
        "rate": {"rate": 25.0, "offset": 0.0, "pick": "nearest", "fps": None},
        "late": {"rate": 25.0, "offset": 0.2, "pick": "nearest", "fps": None},
    }.items():
        model = write_model(tmp_path / f"{name}.pt", 0, brought={"voice": (3, {**BY_FRAMES, "rows": rows})})
        assert predict([film], [model], tmp_path / f"{name}.csv", *kept) == 0
        found[name] = read_csv(tmp_path / f"{name}.csv")[list(DIMENSIONS)]
    assert found["rate"].equals(found["frames"]) and not found["late"].equals(found["frames"])


def test_the_sound_of_a_video_is_seen_and_one_without_is_predicted_all_the_same(
    film, predicted, tmp_path, capsys
):
    settings = {"kind": "audio", **AUDIO_DEFAULTS, "bands": 8}
    model = write_model(tmp_path / "model.pt", 0, brought={"voice": (8, settings)})
    # Of a person who is seen in the same pictures, as the crops are kept.
    silent = tmp_path / "silent" / film.name
    silent.parent.mkdir()
    with av.open(str(film)) as source, av.open(str(silent), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    found = {}
    for video in (film, silent):
        out = tmp_path / f"{video.parent.name}.csv"
        assert predict([video], [model], out) == 0
        found[video] = read_csv(out)[list(DIMENSIONS)].to_numpy()
        said = capsys.readouterr().err
        assert ("there is no sound; the stream is masked in all frames" in said) == (video == silent)
    assert np.isfinite(found[silent]).all() and not np.allclose(found[film], found[silent])
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".parts")]
