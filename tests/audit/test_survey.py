import subprocess
import sys

import pytest

from mimamo.audit.survey import check_paths, subsets, survey
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


def test_importing_the_corpus_is_quick(repo):
    code = "import sys, mimamo.audit.survey; print({'numpy', 'pandas', 'cv2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repo / "workflow", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
