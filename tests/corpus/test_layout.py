import pytest

from mimamo.corpus.layout import person_group
from support.corpus import corpus_at, write_crops, write_text


def test_absolute_paths_and_relative_ones(tmp_path):
    corpus = corpus_at(tmp_path, crops=["here", "/elsewhere/crops"], videos=None)
    assert [str(folder) for folder in corpus.crops] == [str(tmp_path / "here"), "/elsewhere/crops"]
    assert corpus.videos == ()


def test_paths_in_sentences_lose_the_root_only_where_they_begin_with_it():
    corpus = corpus_at("corpus")
    assert (
        corpus.with_relative_paths("corpus/a.txt, line 1: '/mnt/corpus/b'")
        == "a.txt, line 1: '/mnt/corpus/b'"
    )


def test_crops_come_from_the_first_folder_that_has_the_name(root):
    (root / "more" / "105").mkdir(parents=True)
    (root / "more" / "video1").mkdir()
    write_crops(root, "105", [1])
    corpus = corpus_at(root, crops=["cropped_aligned", "more"])
    assert corpus.crop_folder("105") == root / "cropped_aligned" / "105"
    assert corpus.crop_folder("video1") == root / "more" / "video1"
    assert corpus.crop_folder("video2") is None
    assert corpus.crop_names() == ["105", "video1"]


def test_containers_match_whole_names_first(root):
    for path in (
        "batch1/102.AVI",
        "batch1/102-30-640x360.mp4",
        "batch1/._105.mp4",
        "batch2/10-60-1280x720.mp4",
        "batch2/video9.mp4",
        "batch2/video9_left.avi",
        "batch1/7.avi",
        "batch1/7.mp4",
        "batch2/7.mp4",
        "batch2/notes.txt",
    ):
        write_text(root / path, "")
    corpus = corpus_at(root)
    found = {
        name: [corpus.relative_path(path) for path in corpus.containers(name)]
        for name in (
            "102",
            "102-30-640x360",
            "10-60-1280x720_right",
            "video9_left",
            "video9_right",
            "105",
            "7",
            "notes",
        )
    }
    assert found == {
        "102": ["batch1/102.AVI"],
        "102-30-640x360": ["batch1/102-30-640x360.mp4"],
        "10-60-1280x720_right": ["batch2/10-60-1280x720.mp4"],
        "video9_left": ["batch2/video9_left.avi"],
        "video9_right": ["batch2/video9.mp4"],
        "105": [],
        "7": ["batch1/7.mp4", "batch1/7.avi", "batch2/7.mp4"],
        "notes": [],
    }


def test_partners(root):
    for name in ("10-60-1280x720", "10-60-1280x720_right", "video3_left", "video3_right", "video4_left"):
        write_crops(root, name, [])
    corpus = corpus_at(root)
    assert corpus.partners("10-60-1280x720") == ["10-60-1280x720_right"]
    assert corpus.partners("10-60-1280x720_right") == ["10-60-1280x720"]
    assert corpus.partners("video3_left") == ["video3_right"]
    assert corpus.partners("video4_left") == []


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("5-60-1920x1080-1", "5-60-1920x1080"),
        ("5-60-1920x1080-12", "5-60-1920x1080"),
        ("7-60-1920x1080", "7-60-1920x1080"),
        ("10-60-1280x720", "10-60-1280x720"),
        ("10-60-1280x720_right", "10-60-1280x720"),
        ("122-60-1920x1080-3", "122-60-1920x1080"),
        ("122-60-1920x1080-3_left", "122-60-1920x1080"),
        ("102", "102"),
        ("102-30-640x360", "102-30-640x360"),
        ("105", "105"),
        ("105_2", "105"),
        ("video2", "video2"),
        ("video2_left", "video2"),
        ("video10_1", "video10"),
        ("video10_1_left", "video10"),
        ("video86_2", "video86"),
        ("video8", "video8"),
        ("woman_expressions", "woman_expressions"),
        ("holiday_2021", "holiday_2021"),
        ("two_people_left", "two_people"),
    ],
)
def test_person_group(name, group):
    assert person_group(name) == group


def test_crops_made_from_videos_are_known_by_the_containers_before_they_are_there(root):
    write_text(root / "batch1" / "video1.mp4", "")
    corpus = corpus_at(root, crops="from videos", crop_names="auto")
    assert corpus.makes_crops and [str(folder) for folder in corpus.crops] == ["results/crops"]
    assert corpus.crop_names() == ["video1", "video1_left", "video1_right"]
    assert (corpus.crop_naming.example, corpus.crop_naming.first) == ("00001.jpg", 1)
