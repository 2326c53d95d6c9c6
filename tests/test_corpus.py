import subprocess
import sys

import pytest
from small_corpus import DATA, corpus_at, make_folders, write_annotation, write_crops, write_text

from mimamo.audit.survey import Lists, check_paths, subsets, survey
from mimamo.corpus.layout import person_group
from mimamo.corpus.lists import read_frame_list, read_groups, read_sample_list, read_test_list
from mimamo.errors import InputError


@pytest.fixture
def root(tmp_path):
    root = make_folders(tmp_path / "corpus", test_names=["video2_left", "105"])
    write_annotation(root, "video86_2", [(0, 0)])
    write_annotation(root, "5-60-1920x1080-1", [(0, 0)])
    write_annotation(root, "video1", [(0, 0)], "validation")
    return root


def test_subsets_lists_every_name_sorted(root):
    assert list(subsets(corpus_at(root)).items()) == [
        ("105", "test"),
        ("5-60-1920x1080-1", "train"),
        ("video1", "validation"),
        ("video2_left", "test"),
        ("video86_2", "train"),
    ]


def test_subsets_without_any_lists(root):
    with pytest.raises(InputError, match=r"expected names in data.train, .* all of them null; set at least"):
        subsets(corpus_at(root, train=None, validation=None, test_list=None))


@pytest.mark.parametrize("other", ["validation", "test"])
def test_a_name_in_two_subsets_is_told_with_both_places(root, other):
    if other == "validation":
        write_annotation(root, "video86_2", [(0, 0)], "validation")
    else:
        write_text(root / DATA["test_list"], "video86_2\n")
    place = DATA["test_list" if other == "test" else other]
    with pytest.raises(InputError, match=rf"{place}: .*'video86_2' in {other} .*Training_Set, in train"):
        subsets(corpus_at(root))


def test_annotated_names_ignores_hidden_files_and_folders(root):
    folder = root / DATA["train"]
    for name in ("._video86_2.txt", ".hidden.txt", "notes.md"):
        write_text(folder / name, "")
    (folder / "folder.txt").mkdir()
    found = survey(corpus_at(root))
    names = [name for name, subset in found.subsets.items() if subset == "train"]
    assert names == ["5-60-1920x1080-1", "video86_2"]
    assert [(one.severity, one.done) for one in found.symptoms] == [
        ("repair", "left out, so there is no such name"),
        ("note", "left out"),
    ]


@pytest.mark.parametrize("stem", ["-rf", "two\nlines", "a,b", " space"])
def test_annotation_file_with_an_unsafe_name_is_told(root, stem):
    write_text(root / DATA["train"] / f"{stem}.txt", "")
    with pytest.raises(InputError, match=r"Training_Set: .*rename or remove it"):
        subsets(corpus_at(root))


def test_annotation_folder_without_files_is_told(root):
    (root / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: .*found none; set data.train"):
        subsets(corpus_at(root, train="empty"))


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"crops": ["nowhere"]}, "data.crops"),
        ({"train": "nowhere"}, "data.train"),
        ({"validation": "nowhere"}, "data.validation"),
        ({"videos": ["batch1", "nowhere"]}, "data.videos"),
        ({"test_list": "nowhere"}, "data.test_list"),
        ({"frame_list": "nowhere"}, "data.frame_list"),
        ({"sample_list": "nowhere"}, "data.sample_list"),
        ({"groups": "nowhere"}, "data.groups"),
    ],
)
def test_what_is_missing_is_told_with_its_key(root, data, key):
    with pytest.raises(InputError, match=rf"nowhere: expected .*found nothing there; set {key} to"):
        subsets(corpus_at(root, **data))


def test_a_missing_root_is_told_before_what_is_below_it(tmp_path):
    with pytest.raises(
        InputError, match=r"gone: expected the data set's folder, found nothing there; set root"
    ):
        check_paths(corpus_at(tmp_path / "gone"))


def test_absolute_paths_and_relative_ones(tmp_path):
    corpus = corpus_at(tmp_path, crops=["here", "/elsewhere/crops"], videos=None)
    assert [str(folder) for folder in corpus.crops] == [str(tmp_path / "here"), "/elsewhere/crops"]
    assert corpus.videos == ()


def test_paths_in_sentences_lose_the_root_only_where_they_begin_with_it():
    corpus = corpus_at("corpus")
    assert corpus.told("corpus/a.txt, line 1: '/mnt/corpus/b'") == "a.txt, line 1: '/mnt/corpus/b'"


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
        name: [corpus.shown(path) for path in corpus.containers(name)]
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


def test_the_users_groups_override_the_rule(root):
    write_text(root / "groups.csv", "group,name,note\r\nanna,video86_2,seen twice\r\nanna,105,\r\n\r\n")
    lists = Lists.read(corpus_at(root, groups="groups.csv"))
    groups = {name: lists.group(name) for name in ("105", "video86_1", "video86_2")}
    assert groups == {"105": "anna", "video86_1": "video86", "video86_2": "anna"}


def test_test_list_of_a_windows_machine(tmp_path):
    path = write_text(tmp_path / "list.txt", "\ufeff105\r\n\r\n  video2_left \r\nmy clip\r\n\r\n")
    assert read_test_list(path) == ["105", "video2_left", "my clip"]


@pytest.mark.parametrize(
    "name", ["..", ".", "a/b", "/etc", "-rf", ".hidden", "a\\b", "a,b", "a\x0cb", "é" * 150]
)
def test_test_list_with_an_unsafe_name(tmp_path, name):
    with pytest.raises(
        InputError, match=r"list.txt, line 3: expected a name that can be a file's name, found"
    ):
        read_test_list(write_text(tmp_path / "list.txt", f"105\n\n{name}\n"))


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (
            read_test_list,
            "105\nvideo1\n105\n",
            "line 3: expected each name once, found '105' again after line 1",
        ),
        (read_test_list, "\n \n", "found no name"),
        (read_frame_list, "a 10\nb\n", "line 2: .*found 'b'"),
        (read_frame_list, "a ten\n", "line 1: .*found 'a ten'"),
        (read_frame_list, "a 0\n", "line 1"),
        (read_frame_list, "a -5\n", "line 1"),
        (read_frame_list, "a 99999999\n", "line 1"),
        (read_frame_list, "a 1\n\na 2\n", "line 3: expected each name once, found 'a' again after line 1"),
        (read_frame_list, "../a 1\n", "line 1: expected a name that can be a file's name"),
        (read_sample_list, "", "line 1: expected the header"),
        (read_sample_list, "a/00001.jpg,0,0\n", "line 1: expected the header"),
        (read_sample_list, "image_location\na/1.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\na/00000.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\n../a/00001.jpg\n", "line 2: expected a row such as"),
        (read_sample_list, "image_location\na/00001.jpg\na/00001.jpg\n", "line 3: expected each frame once"),
        (read_groups, "105,anna\n", "line 1: expected the columns name,group"),
        (read_groups, "name,group\n105\n", "line 2: expected a name and its group"),
        (read_groups, "name,group\n105,\n", "line 2: expected a name and its group"),
        (read_groups, "name,group\na,x\na,y\n", "line 3: expected each name once"),
    ],
)
def test_faults_of_lists_are_told_with_file_and_line(tmp_path, read, text, message):
    with pytest.raises(InputError, match=f"list.txt[,:].*{message}"):
        read(write_text(tmp_path / "list.txt", text))


@pytest.mark.parametrize("read", [read_test_list, read_frame_list, read_sample_list, read_groups])
def test_unreadable_lists_are_told(tmp_path, read):
    path = tmp_path / "list.txt"
    with pytest.raises(InputError, match=r"list.txt: expected .*No such file or directory; set data\."):
        read(path)
    path.write_bytes(b"105\nna\xefve\n")
    with pytest.raises(
        InputError, match=r"list.txt, line 2: expected .*the byte 0xef; save the file as UTF-8"
    ):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"list.txt: expected .*Is a directory"):
        read(path)


def test_frame_list_with_any_separator(tmp_path):
    path = write_text(tmp_path / "list.txt", "a 10\nb\t20\nc,30\nd , 40\nmy clip 50\n\n")
    assert read_frame_list(path) == {"a": 10, "b": 20, "c": 30, "d": 40, "my clip": 50}


@pytest.mark.parametrize("tail", ["", ",0.1,0.2", ",,"])
def test_sample_list_with_and_without_values(tmp_path, tail):
    header = "image_location,valence,arousal" if tail else "image_location"
    rows = "".join(f"{row}{tail}\n" for row in ("b/00002.jpg", "b/00001.jpg", "a_1/00001.jpg"))
    assert read_sample_list(write_text(tmp_path / "list.txt", f"{header}\n{rows}")) == {
        "b": {1, 2},
        "a_1": {1},
    }


def test_importing_the_corpus_is_quick(repo):
    code = "import sys, mimamo.audit.survey; print({'numpy', 'pandas', 'cv2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo / "workflow", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
