import subprocess
import sys

import pytest

from mimamo.audit.survey import (
    CHECK_READING,
    CHECK_STRANGE,
    Lists,
    check_paths,
    list_symptoms,
    subsets,
    survey,
)
from mimamo.errors import InputError
from support.corpus import DATA, corpus_at, make_folders, write_annotation, write_text


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


def test_the_users_groups_override_the_rule(root):
    write_text(root / "groups.csv", "group,name,note\r\nanna,video86_2,seen twice\r\nanna,105,\r\n\r\n")
    lists = Lists.read(corpus_at(root, groups="groups.csv"))
    groups = {name: lists.group(name) for name in ("105", "video86_1", "video86_2")}
    assert groups == {"105": "anna", "video86_1": "video86", "video86_2": "anna"}


def test_importing_the_corpus_is_quick(repo):
    code = "import sys, mimamo.audit.survey; print({'numpy', 'pandas', 'cv2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo / "workflow", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def corpus_of_video9(root, *listed: str):
    """A corpus with crops of video9, and these names in its test list."""
    corpus = corpus_at(make_folders(root, test_names=listed))
    (corpus.crops[0] / "video9").mkdir(parents=True)
    return corpus


def told(corpus) -> list:
    """The symptoms of the corpus and of its lists, but for those of folders without annotations."""
    found = survey(corpus)
    symptoms = found.symptoms + list_symptoms(corpus, found.subsets, Lists.read(corpus))
    return [symptom for symptom in symptoms if symptom.check != CHECK_STRANGE]


@pytest.mark.parametrize("listed", [["videoo9"], ["video9.mp4", "videox"], ["video9;50", "videox"]])
def test_a_test_list_of_other_names_is_a_fault_with_the_name_that_was_meant(tmp_path, listed):
    (found,) = told(corpus_of_video9(tmp_path / "corpus", *listed))
    assert found.severity == "fault" and f"such as '{listed[0]}'" in found.complaint
    assert f"if 'video9' is meant by '{listed[0]}'" in found.complaint


def test_a_test_name_without_anything_is_told_with_the_unlisted_name_it_resembles(tmp_path):
    corpus = corpus_of_video9(tmp_path / "corpus", "105", "video9.mp4", "video8")
    (corpus.crops[0] / "105").mkdir()
    (found,) = told(corpus)
    assert found.severity == "repair" and "found 2 names without crops" in found.wrong
    assert "if 'video9' is meant by 'video9.mp4', write the names" in found.remedy


def test_a_test_list_with_one_name_that_has_crops_is_no_fault(tmp_path):
    assert told(corpus_of_video9(tmp_path / "corpus", "video8", "video9")) == []


def test_a_list_with_more_than_names_is_read_and_noted(tmp_path):
    corpus = corpus_of_video9(tmp_path / "corpus", "video_name,frames", "video9.mp4,50", "video8.mp4,40")
    assert survey(corpus).subsets == {"video8": "test", "video9": "test"}
    (found,) = told(corpus)
    assert (found.severity, found.check) == ("note", CHECK_READING)
    assert found.sentence == (
        f"{corpus.test_list}: expected one test name a line and nothing else, found 2 columns (names in"
        " column 1) and the header 'video_name' in line 1 and names with a suffix such as 'video9.mp4';"
        " read as names such as 'video9'; see that these are the right names."
    )


def test_every_list_is_read_by_the_names_that_have_crops(tmp_path):
    corpus = corpus_of_video9(tmp_path / "corpus", "video9")
    write_text(corpus.root / "frames.txt", "name frames\nvideo9.mp4 50\n")
    write_text(corpus.root / "groups.csv", "Name;Group\nvideo9.mp4;anna\n")
    corpus = corpus_at(corpus.root, frame_list="frames.txt", groups="groups.csv")
    lists = Lists.read(corpus)
    assert lists.frames == {"video9": 50} and lists.group("video9") == "anna"
    assert [symptom.severity for symptom in told(corpus)] == ["note", "note"]
