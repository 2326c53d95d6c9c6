import pytest

from mimamo.corpus.layout import person_group
from mimamo.dataset.limits import (
    FEWEST_FOLDS,
    MOST_FOLDS,
    SHORTEST_WINDOW,
    check_fold_count,
    check_longest,
    check_window,
    lower_count,
)
from mimamo.errors import ConfigError
from support.configuration import read

#: Five people in seven names, one of them in validation, and a test name.
SUBSETS = {
    "1": "train", "2_left": "train", "2_right": "train", "3": "train", "4-30-640x480-1": "train",
    "4-30-640x480-2": "train", "5": "validation", "6": "test",
}  # fmt: skip


def test_folds_need_two_groups_more_than_there_are_folds():
    assert check_fold_count(3, "merged", SUBSETS, person_group) is None
    with pytest.raises(
        ConfigError, match=r"folds\.count is 4, which needs at least 6 groups.*found 5 among .* at most 3"
    ):
        check_fold_count(4, "merged", SUBSETS, person_group)


@pytest.mark.parametrize("protocol", ["official", "both"])
def test_folds_of_the_training_set_alone_have_fewer_groups(protocol):
    assert check_fold_count(2, protocol, SUBSETS, person_group) is None
    with pytest.raises(ConfigError, match=r"found 4 among the names of train; lower it to at most 2 or add"):
        check_fold_count(3, protocol, SUBSETS, person_group)


def test_groups_of_the_user_count():
    with pytest.raises(
        ConfigError, match=r"names of train and validation; add annotations of more people\.$"
    ):
        check_fold_count(2, "merged", SUBSETS, lambda name: "one")


def annotations(folder, *lengths: int) -> list:
    paths = []
    for number, length in enumerate(lengths):
        paths.append(folder / f"{number}.txt")
        paths[-1].write_text("valence,arousal\n" + "0,0\n" * length + "\n")
    return paths


def test_a_window_must_fit_into_the_longest_video(tmp_path):
    paths = annotations(tmp_path, 10, 40, 25)
    assert check_window(40, paths) is None
    with pytest.raises(ConfigError, match=r"training\.window is 41, expected at most 40: no annotated video"):
        check_window(41, paths)


def test_long_lines_do_not_make_a_video_long(tmp_path):
    """The largest file need not be that of the longest video."""
    paths = annotations(tmp_path, 10, 40)
    paths[0].write_text("valence,arousal\n" + f"{0:.300f},0\n" * 10)
    assert check_window(40, paths) is None
    with pytest.raises(ConfigError, match="at most 40"):
        check_window(41, paths)


def test_only_as_many_files_are_read_as_needed(tmp_path):
    paths = annotations(tmp_path, 10, 40, 25)
    paths[0].chmod(0)
    (missing := paths[2]).unlink()
    assert check_window(40, [*paths, missing]) is None


def test_without_annotations_nothing_is_said():
    assert check_window(64, []) is None
    with pytest.raises(ConfigError, match="expected at most 63"):
        check_longest(64, 63)


@pytest.mark.parametrize("longest", [0, 1])
def test_no_window_is_asked_for_that_the_schema_forbids(longest):
    with pytest.raises(ConfigError, match=f"found at most {longest} in one; check that the annotation files"):
        check_longest(64, longest)


@pytest.mark.parametrize(("groups", "advice"), [(0, ""), (3, ""), (4, "lower it to at most 2 or ")])
def test_no_number_of_folds_is_asked_for_that_the_schema_forbids(groups, advice):
    assert lower_count(groups) == advice


def test_the_limits_are_those_of_the_schema(repo):
    sections = read(repo / "workflow/schemas/config.schema.yaml")["properties"]
    count = sections["folds"]["properties"]["count"]
    assert (count["minimum"], count["maximum"]) == (FEWEST_FOLDS, MOST_FOLDS)
    assert sections["training"]["properties"]["window"]["minimum"] == SHORTEST_WINDOW
