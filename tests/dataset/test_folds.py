import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from mimamo.corpus.layout import person_group
from mimamo.dataset.folds import CELL_EDGES, assign_roles, count_cells, held_out_names, write_folds
from mimamo.demo.cast import CAST
from mimamo.errors import InputError
from mimamo.storage.files import read_csv, write_csv
from support.demo import DEFAULT, FITTED, annotated_crops, course_of
from support.tables import write_audit, write_label_table

IDENTITIES = {clip.name: clip.identity for clip in CAST}


def corpus(lengths: dict[str, list[int]], seed: int) -> pd.DataFrame:
    """Labelled frames of groups whose names are this long, with labels that differ from group to group."""
    rng = np.random.default_rng(seed)
    parts = []
    for group, frames in lengths.items():
        middle = rng.uniform(-0.8, 0.8, 2)
        for number, length in enumerate(frames):
            values = np.clip(middle + rng.normal(0, 0.4, (length, 2)), -1, 1)
            part = pd.DataFrame(values, columns=["valence", "arousal"])
            parts.append(part.assign(name=f"{group}_{number}", group=group, frame=range(1, length + 1)))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    """The labelled frames of the demo at its default size, in the groups that the rule of names makes."""
    parts = []
    for clip in FITTED:
        course = course_of(clip, DEFAULT)
        rows = pd.DataFrame({"valence": course.valence, "arousal": course.arousal})
        rows["frame"] = range(1, len(rows) + 1)
        kept = annotated_crops(clip, DEFAULT)
        parts.append(rows[kept].assign(name=clip.name, group=person_group(clip.name)))
    return pd.concat(parts, ignore_index=True)


def assign(frames: pd.DataFrame, count: int, stop_fraction: float) -> pd.DataFrame:
    """The roles of names by their labelled frames with groups."""
    groups = frames[["name", "group"]].drop_duplicates().set_index("name")["group"]
    return assign_roles(count_cells(frames), groups, count, stop_fraction)


def sides(roles: pd.DataFrame, who: dict[str, object]) -> list[dict[str, set]]:
    """For every fold, who is on which side."""
    return [
        {role: set(part["name"].map(who)) for role, part in table.groupby("role")}
        for _, table in roles.groupby("fold")
    ]


def cells(frames: pd.DataFrame) -> pd.Series:
    low, high = CELL_EDGES
    return sum(
        3**power * ((frames[column] >= low).astype(int) + (frames[column] >= high))
        for power, column in enumerate(["valence", "arousal"])
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    count=st.integers(2, 4),
    spare=st.integers(2, 6),
    names=st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=3), min_size=10, max_size=10),
    stop_fraction=st.sampled_from([0.1, 0.15, 0.3, 0.5]),
    seed=st.integers(0, 5),
)
def test_every_corpus_is_split_by_group_and_scored_once(count, spare, names, stop_fraction, seed):
    lengths = {f"g{number}": frames for number, frames in enumerate(names[: count + spare])}
    frames = corpus(lengths, seed)
    try:
        roles = assign(frames, count, stop_fraction)
    except InputError as error:
        assert "one group has too many of the labelled frames" in str(error)
        reject()
    known = dict(zip(frames["name"], frames["group"], strict=True))
    assert sorted(roles["fold"].unique()) == list(range(count))
    # In each fold every name has one role, each role has somebody, and no group has two roles.
    assert not roles.duplicated(["fold", "name"]).any() and len(roles) == count * len(known)
    for fold in sides(roles, known):
        assert set(fold) == {"train", "stop", "score"}
        assert not fold["train"] & fold["stop"] and not fold["score"] & (fold["train"] | fold["stop"])
    assert sorted(roles[roles["role"] == "score"]["name"]) == sorted(known)
    # Neither the order of the rows nor another call changes anything.
    again = assign(frames.sample(frac=1, random_state=seed), count, stop_fraction)
    pd.testing.assert_frame_equal(roles, again)


def test_without_stop_names_all_others_train(demo):
    roles = assign(demo, 5, 0)
    usual = assign(demo, 5, 0.15)
    assert set(roles["role"]) == {"train", "score"}
    assert (roles["role"] == "score").equals(usual["role"] == "score")


def test_no_person_of_the_demo_is_on_two_sides(demo):
    """By the renderer's own table of identities, not by the rule that made the groups."""
    roles = assign(demo, 5, 0.15)
    several = {"5-60-160x120-1", "5-60-160x120-2", "5-60-160x120-3"}
    assert {IDENTITIES[name] for name in several} == {0}
    for fold in sides(roles, IDENTITIES):
        assert not fold["score"] & fold["train"]
        assert not fold["score"] & fold["stop"]
        assert not fold["stop"] & fold["train"]
        assert set.union(*fold.values()) == {IDENTITIES[name] for name in demo["name"]}


def test_folds_of_the_demo_are_balanced_in_frames(demo):
    roles = assign(demo, 5, 0.15)
    length = demo.groupby("name").size()
    scored, stop = (
        roles[roles["role"] == role].groupby("fold")["name"].agg(lambda names: length[names].sum())
        for role in ("score", "stop")
    )
    assert scored.sum() == len(demo) and scored.max() / scored.min() < 2
    left = len(demo) - scored
    assert ((stop / left) > 0.05).all() and ((stop / left) < 0.3).all()


def test_folds_of_the_demo_are_balanced_in_labels(demo):
    roles = assign(demo, 5, 0.15)
    scored = roles[roles["role"] == "score"].set_index("name")["fold"]
    table = pd.crosstab(demo["name"].map(scored), cells(demo), normalize="index")
    assert table.shape == (5, 9)
    overall = cells(demo).value_counts(normalize=True).sort_index()
    assert (table - overall).abs().to_numpy().max() < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_groups_of_one_kind_are_spread_over_the_folds(seed):
    """As many happy as sad people in each fold; frames alone would not tell them apart."""
    rng = np.random.default_rng(seed)
    moods = rng.permutation([0.7] * 6 + [-0.7] * 6)
    parts = [
        pd.DataFrame(
            {
                "name": f"n{i:02d}",
                "group": f"n{i:02d}",
                "frame": range(1, 31),
                "valence": mood,
                "arousal": 0.0,
            }
        )
        for i, mood in enumerate(moods)
    ]
    roles = assign(pd.concat(parts), 3, 0.5)
    scored = roles[roles["role"] == "score"]
    happy = scored["name"].map({f"n{i:02d}": mood > 0 for i, mood in enumerate(moods)})
    assert happy.groupby(scored["fold"]).agg(["sum", "size"]).to_numpy().tolist() == [[2, 4]] * 3


def test_early_stopping_looks_at_other_people_in_other_folds(demo):
    roles = assign(demo, 5, 0.15)
    stops = {frozenset(fold["stop"]) for fold in sides(roles, IDENTITIES)}
    assert len(stops) > 2


def test_too_few_people_are_told_in_a_sentence():
    frames = corpus({"a": [20], "b": [20, 10], "c": [20]}, 0)
    with pytest.raises(InputError) as caught:
        assign(frames, 2, 0.15)
    said = str(caught.value)
    assert said.startswith("folds.count is 2, which needs at least 4 person groups") and "found 3;" in said
    assert "\n" not in said
    # Fewer folds than two are none.
    assert "lower" not in said and said.endswith("; see the audit for what is missing")
    with pytest.raises(InputError, match=r"found 5; lower it to at most 3 or see the audit"):
        assign(corpus({name: [20] for name in "abcde"}, 0), 4, 0.15)


def test_one_person_with_nearly_all_frames_is_told_in_a_sentence():
    frames = corpus({"a": [3000], "b": [20], "c": [20], "d": [20]}, 0)
    with pytest.raises(
        InputError, match=r"^folds.count is 2, which leaves fold \d without .* frames; separate its people in"
    ):
        assign(frames, 2, 0.15)


def test_more_folds_are_advised_where_they_help():
    frames = corpus({"a": [3000], "b": [20], "c": [20], "d": [20], "e": [20]}, 0)
    with pytest.raises(InputError, match=r"raise folds.count to 3, or separate its people in"):
        assign(frames, 2, 0.15)
    assert assign(frames, 3, 0.15)["fold"].nunique() == 3


def test_very_few_frames_are_still_split():
    roles = assign(corpus({name: [1] for name in "abcde"}, 0), 2, 0.3)
    assert sorted(roles[roles["role"] == "score"]["name"]) == [f"{name}_0" for name in "abcde"]


def write_stage(folder, frames: pd.DataFrame) -> None:
    names = frames[["name", "group"]].drop_duplicates()
    subsets = ["train", "validation"] * len(names)
    rows = [
        {"name": name, "group": group, "subset": subset}
        for name, group, subset in zip(names["name"], names["group"], subsets, strict=False)
    ]
    write_audit(folder / "audit.csv", rows)
    for name, part in frames.groupby("name"):
        write_label_table(folder, name, part)


def test_the_table_has_a_row_per_fold_and_name_of_both_subsets(tmp_path):
    frames = corpus({"105": [20], "7": [20, 10], "c": [20], "d": [15], "e": [9, 30]}, 0)
    write_stage(tmp_path, frames)
    write_folds(tmp_path / "audit.csv", tmp_path / "labels", tmp_path / "folds.csv", 2, 0.3)
    table = read_csv(tmp_path / "folds.csv")
    assert list(table.columns) == ["fold", "name", "subset", "group", "role"]
    known = dict(zip(frames["name"], frames["group"], strict=True))
    assert dict(zip(table["name"], table["group"], strict=True)) == known
    assert set(table["subset"]) == {"train", "validation"}
    expected = assign(frames, 2, 0.3)
    pd.testing.assert_frame_equal(table[["fold", "name", "role"]], expected)
    first = (tmp_path / "folds.csv").read_bytes()
    write_folds(tmp_path / "audit.csv", tmp_path / "labels", tmp_path / "folds.csv", 2, 0.3)
    assert (tmp_path / "folds.csv").read_bytes() == first


def test_no_labels_at_all_are_told_in_a_sentence(tmp_path):
    write_stage(tmp_path, corpus({"a": [3]}, 0))
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="expected at least one name with labelled frames, found none"):
        write_folds(tmp_path / "audit.csv", tmp_path / "none", tmp_path / "folds.csv", 2, 0.3)
    assert not (tmp_path / "folds.csv").exists()


def test_official_protocol_holds_the_validation_set_and_its_people_out(tmp_path, caplog):
    frames = corpus({"a": [20], "b": [20, 10], "c": [20], "d": [15], "e": [9, 30], "f": [25], "g": [12]}, 0)
    write_stage(tmp_path, frames)
    audit = read_csv(tmp_path / "audit.csv")
    # e_0 is a training name, e_1, of the same person, one of the validation set.
    audit["subset"] = np.where(audit["name"].isin(["e_1", "g_0"]), "validation", "train")
    write_csv(audit, tmp_path / "audit.csv")
    paths = [tmp_path / name for name in ("audit.csv", "labels", "folds.csv")]
    with caplog.at_level("WARNING"):
        write_folds(*paths, 2, 0.3, "official")
    assert "may show a person of the validation set: e_0" in caplog.text
    table = read_csv(tmp_path / "folds.csv")
    for _, fold in table.groupby("fold"):
        role = fold.set_index("name")["role"]
        assert role.index.is_unique and set(role.index) == set(frames["name"])
        assert sorted(role[role == "validation"].index) == ["e_1", "g_0"]
        assert sorted(role[role == "left_out"].index) == ["e_0"]
        seen = fold[~fold["role"].isin(["validation", "left_out"])]
        assert set(seen["role"]) == {"train", "stop", "score"} and set(seen["subset"]) == {"train"}
    scored = table[table["role"] == "score"]["name"]
    assert sorted(scored) == ["a_0", "b_0", "b_1", "c_0", "d_0", "f_0"]
    assert held_out_names(tmp_path / "folds.csv") == {"e_0", "e_1", "g_0"}


def test_official_protocol_without_a_validation_set_is_told_in_a_sentence(tmp_path):
    write_stage(tmp_path, corpus({name: [9] for name in "abcde"}, 0))
    audit = read_csv(tmp_path / "audit.csv").assign(subset="train")
    write_csv(audit, tmp_path / "audit.csv")
    paths = [tmp_path / name for name in ("audit.csv", "labels", "folds.csv")]
    with pytest.raises(InputError, match=r"protocol is official, which needs .*, found none; set"):
        write_folds(*paths, 2, 0.3, "official")
