"""What is said of a folder that crops are not in, before any model is loaded."""

import os
import shutil

import pytest

from mimamo.own_data.clips import name_folders
from support.commands import sentence
from support.models import predict


@pytest.fixture
def refusal(tmp_path, capsys):
    """Gives the sentence about a folder; of the model, which is not there either, nothing may be said."""

    def get(folder) -> str:
        assert predict(folder, [tmp_path / "gone.pt"], tmp_path / "out" / "out.csv") == 1
        assert os.listdir(tmp_path / "out") == []
        said = sentence(capsys)
        assert "expected a folder with crops 00001.jpg and so on of one name, or with such folders" in said
        return said

    return get


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("00001.jpg", "found a file; give the folder that its crops lie in"),
        ("FACE.PNG", "found a file; "),
    ],
)
def test_a_file_is_no_folder_of_crops(tmp_path, refusal, file, found):
    (tmp_path / file).write_bytes(b"content")
    assert found in refusal(tmp_path / file)


def test_nothing_and_a_path_below_a_file_are_nothing_there(tmp_path, refusal):
    (tmp_path / "film.mp4").touch()
    for path in ("nowhere", "film.mp4/crops"):
        assert "found nothing there; correct the path" in refusal(tmp_path / path)


def test_a_folder_of_other_files_says_which(tmp_path, refusal):
    folder = tmp_path / "crops"
    folder.mkdir()
    assert "found neither; put the crops there" in refusal(folder)
    for name in ("face1.tif", "face2.tif"):
        (folder / name).touch()
    assert "found 2 other files such as 'face1.tif'" in refusal(folder)


def test_crops_one_folder_deeper_are_said_to_lie_there(tmp_path, own, refusal):
    for name in ("105", "my clip"):
        shutil.copytree(own / name, tmp_path / "root" / "batch1" / name)
    assert f"found them one folder deeper; give {tmp_path / 'root/batch1'}" in refusal(tmp_path / "root")
    shutil.copytree(own / "105", tmp_path / "root" / "batch2" / "106")
    assert refusal(tmp_path / "root").endswith("batch1, or one of 1 others like it")
    assert [path.name for path in name_folders(tmp_path / "root" / "batch1")] == ["105", "my clip"]


def test_deeper_crops_beside_others_are_left_out_and_said(tmp_path, own, models, capsys):
    shutil.copytree(own / "105", tmp_path / "root" / "105")
    shutil.copytree(own / "105", tmp_path / "root" / "more" / "106")
    assert predict(tmp_path / "root", models, tmp_path / "out.csv") == 0
    said = capsys.readouterr().err
    assert f"found folders of crops; give {tmp_path / 'root/more/106'} by itself." in said
