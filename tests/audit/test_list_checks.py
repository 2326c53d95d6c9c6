"""What the data set's lists show: other names, more than they should hold, and person groups."""

import pytest

from mimamo.audit.list_checks import CHECK_READING, Lists, list_symptoms
from mimamo.audit.survey import CHECK_STRANGE, survey
from support.corpus import corpus_at, make_folders, write_text


def test_the_users_groups_override_the_rule(tmp_path):
    root = make_folders(tmp_path / "corpus", test_names=["video2_left", "105"])
    write_text(root / "groups.csv", "group,name,note\r\nanna,video86_2,seen twice\r\nanna,105,\r\n\r\n")
    lists = Lists.read(corpus_at(root, groups="groups.csv"))
    groups = {name: lists.group(name) for name in ("105", "video86_1", "video86_2")}
    assert groups == {"105": "anna", "video86_1": "video86", "video86_2": "anna"}


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
        " read as names such as 'video9'; check that these are the right names."
    )


def test_every_list_is_read_by_the_names_that_have_crops(tmp_path):
    corpus = corpus_of_video9(tmp_path / "corpus", "video9")
    write_text(corpus.root / "frames.txt", "name frames\nvideo9.mp4 50\n")
    write_text(corpus.root / "groups.csv", "Name;Group\nvideo9.mp4;anna\n")
    corpus = corpus_at(corpus.root, frame_list="frames.txt", groups="groups.csv")
    lists = Lists.read(corpus)
    assert lists.frames == {"video9": 50} and lists.group("video9") == "anna"
    assert [symptom.severity for symptom in told(corpus)] == ["note", "note"]
