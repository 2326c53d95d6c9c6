"""The stand-in on disk: crops are links, labels are true of them, and what is there is not made again."""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from mimamo.bench.rehearsal.corpus import FRAME_LIST, render_clips, write_corpus
from mimamo.bench.rehearsal.stand_in import Video, plan
from mimamo.corpus.lists import read_frame_list, read_test_list
from mimamo.demo.cast import ANNOTATIONS, CROPS, TEST_LIST
from mimamo.storage.files import read_csv

FRAMES = 100


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """A folder with the rendered demo, of short clips."""
    folder = tmp_path_factory.mktemp("rehearsal") / "demo"
    render_clips(folder, 30, 1)
    return folder


@pytest.fixture
def videos() -> list[Video]:
    """A few short names."""
    return [Video(video.name, video.subset, video.person, FRAMES, 0) for video in plan(0.001, 0)]


@pytest.fixture
def made(demo, videos, tmp_path) -> Path:
    """The data set of these names; all crops are hard links."""
    assert write_corpus(tmp_path / "corpus", videos, render_clips(demo, 30, 1), lambda *_: None) == 0
    return tmp_path / "corpus"


def test_labels_say_what_the_linked_crop_shows(made, demo, videos):
    shown = {path.stat().st_ino: path for path in (demo / "corpus" / CROPS).rglob("*.jpg")}
    for video in (video for video in videos if video.subset != "test"):
        lines = (made / ANNOTATIONS[video.subset] / f"{video.name}.txt").read_text().splitlines()[1:]
        assert len(lines) == FRAMES
        crops = {int(path.stem): path for path in (made / CROPS / video.name).iterdir()}
        assert sorted(crops) == [index + 1 for index in range(FRAMES) if video.seen[index]]
        truths = {shown[path.stat().st_ino].parent.name for path in crops.values()}
        assert len(truths) == 1
        truth = read_csv(demo / "truth" / f"{truths.pop()}.csv").set_index("frame")
        numbers = []
        for frame, path in sorted(crops.items()):
            source = shown[path.stat().st_ino]
            numbers.append((frame, int(source.stem)))
            if video.annotated[frame - 1]:
                said = [float(value) for value in lines[frame - 1].split(",")]
                assert said == truth.loc[int(source.stem), ["valence", "arousal"]].tolist()
        # Neighbouring frames are neighbours where they come from, so that motion is as rendered.
        steps = {abs(b - a) for (i, a), (j, b) in pairwise(numbers) if j == i + 1}
        assert steps == {1}
        assert {"-5,-5"} >= {lines[index] for index in range(FRAMES) if not video.annotated[index]}


def test_test_names_and_their_lengths_are_listed(made, videos):
    names = [video.name for video in videos if video.subset == "test"]
    assert read_test_list(made / TEST_LIST).content == names
    assert read_frame_list(made / FRAME_LIST).content == dict.fromkeys(names, FRAMES)


def test_a_second_call_makes_what_is_missing_and_nothing_else(made, demo, videos):
    gone = made / CROPS / videos[0].name
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*") if path.is_file()}
    before = {path: time for path, time in before.items() if path.parent != gone}
    shutil.rmtree(gone)
    told = []
    write_corpus(made, videos, render_clips(demo, 30, 1), lambda *numbers: told.append(numbers))
    assert len(list(gone.iterdir())) == videos[0].seen.sum()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert told[-1] == (len(videos), len(videos))


def test_where_hard_links_are_refused_crops_are_symbolic_links(demo, videos):
    other = Path("/dev/shm")
    if not os.access(other, os.W_OK) or other.stat().st_dev == demo.stat().st_dev:
        pytest.skip("no second file system here, to which no hard link can lead")
    clips = render_clips(demo, 30, 1)
    place = other / f"mimamo-{os.getpid()}"
    try:
        linked = write_corpus(place, videos[:1], clips, lambda *_: None)
        crops = list((place / CROPS / videos[0].name).iterdir())
        assert linked == len(crops) == videos[0].seen.sum()
        assert all(path.is_symlink() and path.is_file() for path in crops)
    finally:
        shutil.rmtree(place, ignore_errors=True)
