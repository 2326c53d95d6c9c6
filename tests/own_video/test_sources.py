"""What the first arguments are taken to be."""

import shutil
from pathlib import Path

import pytest

from mimamo.cli import main
from mimamo.own_video.sources import crops_folder
from support.commands import sentence
from support.corpus import write_pictures


def test_a_folder_of_crops_a_video_and_a_folder_of_videos(film, tmp_path):
    crops = write_pictures(tmp_path / "crops", {"a": [1], "b": [1]})
    assert crops_folder([crops]) == crops and crops_folder([crops / "a"]) == crops / "a"
    assert crops_folder([film]) is None and crops_folder([film.parent]) is None
    assert crops_folder([crops, film]) is None
    # As `mimamo crop` leaves them, beside the video.
    shutil.copy(film, crops)
    assert crops_folder([crops]) == crops
    (tmp_path / "empty").mkdir()
    assert crops_folder([tmp_path / "empty"]) == tmp_path / "empty"


def test_what_is_missing_is_taken_for_what_its_name_says():
    assert crops_folder([Path("nowhere")]) == Path("nowhere") and crops_folder([Path("nowhere.mp4")]) is None


@pytest.mark.parametrize("option", ["--film", "--crops", "--detector"])
def test_options_for_videos_are_refused_with_crops(option, models, tmp_path, capsys):
    crops = write_pictures(tmp_path / "crops", {"a": [1]})
    arguments = ["--models", str(models[0]), "--out", str(tmp_path / "o.csv"), option, "x.mp4"]
    assert main(["predict", str(crops), *arguments]) == 2
    assert f"{option}: expected videos, found the folder of crops {crops}" in sentence(capsys)
