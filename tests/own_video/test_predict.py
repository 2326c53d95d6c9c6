"""Predictions of videos: the table's rows, going on after an interruption, and several videos."""

import os

import numpy as np
import pytest

from mimamo import DIMENSIONS
from mimamo.cli import main
from mimamo.own_data.crops import Predictor
from mimamo.own_video import predict as module
from mimamo.storage.files import read_csv
from support.commands import sentence
from support.films import EMPTY, FRAMES, predict
from support.videos import Person, scene, write_film

pytestmark = pytest.mark.usefixtures("one_thread")


def test_the_table_has_a_row_for_every_frame_of_the_film(predicted):
    table = predicted.table
    assert tuple(table) == module.COLUMNS
    assert (table["name"] == "my film").all() and (table["person"] == "my film").all()
    assert table["frame"].tolist() == list(range(1, FRAMES + 1))
    seen = FRAMES - EMPTY
    assert table["source"].tolist() == ["predicted"] * seen + ["previous"] * EMPTY
    assert (table["confidence"][:seen] > 0.8).all() and table["confidence"][seen:].isna().all()
    times = np.arange(FRAMES) / 25 + 0.01 * (np.arange(FRAMES) % 2)
    np.testing.assert_allclose(table["time_s"], times, atol=2e-3)
    last = table.loc[seen - 1, list(DIMENSIONS)]
    assert (table.loc[seen:, list(DIMENSIONS)] == last).all(axis=None)
    assert table["valence"][:seen].nunique() > 10


def test_the_values_are_those_that_the_crops_get_by_themselves(predicted, models, tmp_path):
    crops = predicted.crops / "my film"
    assert main(["predict", str(crops), "--models", *map(str, models), "--out", str(tmp_path / "a.csv")]) == 0
    alone = read_csv(tmp_path / "a.csv")
    table = predicted.table[: len(alone)]
    np.testing.assert_allclose(alone[list(DIMENSIONS)], table[list(DIMENSIONS)], atol=2e-6)


def test_only_what_was_asked_for_is_left_behind_and_the_table_tells_its_making(predicted, capsys):
    assert sorted(os.listdir(predicted.folder)) == ["crops", "shown.mp4", "table.csv", "table.csv.json"]
    assert main(["provenance", str(predicted.folder / "table.csv")]) == 0
    assert "made table.csv" in capsys.readouterr().out


def test_an_interrupted_call_goes_on_with_what_there_is(film, models, tmp_path, monkeypatch, capsys):
    other = write_film(tmp_path / "other.mp4", [scene([Person(1)])] * 6)
    calls, real = [], Predictor.predict

    def interrupt(self, crops, scratch, progress, containers):
        calls.append(crops.name)
        if crops.name == "other" and calls.count("other") == 1:
            raise KeyboardInterrupt
        return real(self, crops, scratch, progress, containers)

    monkeypatch.setattr(Predictor, "predict", interrupt)
    arguments = ([film, other], models, tmp_path / "out.csv")
    with pytest.raises(KeyboardInterrupt):
        predict(*arguments)
    assert not (tmp_path / "out.csv").exists()
    assert predict(*arguments) == 0
    assert calls == ["my film", "other", "other"]
    assert capsys.readouterr().err.count("the crops are there already") == 2
    assert read_csv(tmp_path / "out.csv").groupby("name").size().to_dict() == {"my film": FRAMES, "other": 6}
    assert sorted(os.listdir(tmp_path)) == ["other.mp4", "out.csv", "out.csv.json"]


def test_other_models_do_not_take_the_values_of_former_ones(film, models, tmp_path):
    arguments = ["--crops", str(tmp_path / "crops")]
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    values = []
    for model in models:
        # A video that failed keeps what there is of the others.
        assert predict([film, tmp_path / "bad.mp4"], [model], tmp_path / "out.csv", *arguments) == 1
        values.append(read_csv(tmp_path / "out.csv")["valence"].to_numpy())
    assert (tmp_path / "out.csv.parts").is_dir()
    assert abs(values[0] - values[1]).mean() > 0.05


def test_a_video_without_a_face_and_a_bad_one_stand_beside_others(film, models, tmp_path, capsys):
    folder = tmp_path / "films"
    folder.mkdir()
    write_film(folder / "room.mp4", [scene([])] * 4)
    (folder / "bad.mp4").write_bytes(b"no video")
    assert predict([folder, film], models, tmp_path / "out.csv", "--policy", "interpolate") == 1
    table = read_csv(tmp_path / "out.csv").set_index("name")
    assert set(table.index) == {"room", "my film"}
    assert (table.loc["room", "source"] == "no_crops").all() and len(table.loc["room"]) == 4
    assert (table.loc["room", list(DIMENSIONS)] == -5).all(axis=None)
    said = capsys.readouterr().err
    assert "bad.mp4: expected a video" in said and "room.mp4: no face was found" in said


def test_everybody_is_predicted_where_asked(models, tmp_path):
    frames = [scene([Person(1, 80, 120, 90), Person(2, 240, 120, 70)])] * 6
    video = write_film(tmp_path / "two.mp4", frames)
    options = ["--people", "all", "--film", str(tmp_path / "shown.mp4")]
    assert predict([video], models, tmp_path / "out.csv", *options) == 0
    table = read_csv(tmp_path / "out.csv")
    assert table.groupby("person").size().to_dict() == {"two_left": 6, "two_right": 6}
    assert (table["name"] == "two").all() and (tmp_path / "shown.mp4").is_file()


def test_where_all_videos_fail_nothing_is_written(models, tmp_path, capsys):
    assert predict([tmp_path / "gone.mp4"], models, tmp_path / "out" / "out.csv") == 1
    said = capsys.readouterr().err
    assert "gone.mp4: expected a video, found nothing there" in said
    assert "out.csv: expected a video that can be predicted, found none" in said
    assert os.listdir(tmp_path / "out") == []


def test_models_without_a_record_of_motion_cannot_be_matched(film, models, tmp_path, capsys):
    assert predict([film], models, tmp_path / "out.csv", "--smooth", "match") == 1
    assert "--smooth match: expected models that hold the phase energy" in sentence(capsys)


@pytest.mark.parametrize("options", [["--film", "x"], ["--film", "x.avi"]])
def test_a_film_of_the_wrong_name_is_refused_before_anything_is_done(film, models, tmp_path, options, capsys):
    options = [options[0], str(tmp_path / options[1])]
    assert predict([film], models, tmp_path / "out.csv", *options) == 2
    assert "--film: expected a name ending with one of .mp4" in sentence(capsys)
    assert not (tmp_path / "out.csv").exists()
