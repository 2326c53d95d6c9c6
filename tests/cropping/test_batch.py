"""Several videos on the command line."""

import shutil

import pytest

from mimamo.cli import main
from mimamo.cropping.batch import find_videos
from mimamo.cropping.progress import FrameProgress
from mimamo.errors import InputError
from support.crops import names, numbers
from support.videos import Person, scene, write_film


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two videos and a file that is none between them."""
    folder = tmp_path_factory.mktemp("films")
    write_film(folder / "a.mp4", [scene([Person(1)])] * 5)
    (folder / "b.mp4").write_bytes(b"no video" * 100)
    write_film(folder / "c.gif", [scene([Person(2)])] * 5, codec="gif", pixels="rgb8")
    (folder / "notes.txt").write_text("aside")
    return folder


def test_a_bad_video_does_not_stop_the_others(films, tmp_path, capsys):
    assert main(["crop", str(films), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "b.mp4: expected a video, found a file that cannot be read as one" in said
    assert "WARNING 1 of 3 videos failed" in said
    assert names(tmp_path) == ["a", "c"] and numbers(tmp_path, "c") == [1, 2, 3, 4, 5]
    assert main(["crop", str(films / "a.mp4"), str(films / "c.gif"), "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().err.count("the crops are there already") == 2


def test_two_videos_of_one_name_are_told_apart_by_the_user(films, tmp_path, capsys):
    shutil.copy(films / "a.mp4", tmp_path / "A.mp4")
    assert main(["crop", str(films / "a.mp4"), str(tmp_path / "A.mp4"), "--out", str(tmp_path / "out")]) == 1
    assert "A.mp4: expected a name of its own, found that of" in capsys.readouterr().err
    assert names(tmp_path / "out") == ["a"]


def test_videos_are_found_in_folders_once(films, tmp_path):
    found = find_videos([films, films / "a.mp4", films / "notes.txt"])
    assert [path.name for path in found] == ["a.mp4", "b.mp4", "c.gif", "notes.txt"]
    with pytest.raises(InputError, match="expected a folder of videos, found no file that ends as one"):
        find_videos([tmp_path])


def test_progress_tells_frames_per_second_and_time_left():
    with FrameProgress(100) as progress:
        progress.begin("a.mp4 (1 of 2)")
        progress.add_frames(20)
        assert str(progress).startswith("a.mp4 (1 of 2): 20 of 100 frames, ")
        assert "frames/s, " in str(progress) and str(progress).endswith(" s left")
        progress.skip_frames(50)
        assert " 20 of 50 frames" in str(progress)
        progress.add_frames(60)
        assert " 80 of 80 frames" in str(progress)
