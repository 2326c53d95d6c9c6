import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.errors import ConfigError, InputError
from mimamo.postprocessing.gaps import MISSING, POLICIES, fill_table, fill_test_names, fill_videos
from mimamo.storage.files import read_csv, write_csv
from support.gaps import fill_gaps, predictions
from support.strategies import PATIENT

FRAMES = np.array([3, 4, 8])
VALUES = np.array([[0.1, -0.1], [0.2, -0.2], [0.6, -0.6]])


def valence(policy, **more):
    filled, source = fill_gaps(FRAMES, VALUES, 10, policy, **more)
    assert np.allclose(filled[:, 1], np.where(filled[:, 0] == MISSING, MISSING, -filled[:, 0]))
    return filled[:, 0].round(6).tolist(), source.tolist()


def named(before, inside):
    return [before] * 2 + ["predicted"] * 2 + [inside] * 3 + ["predicted"] + ["previous"] * 2


def test_report_gives_minus_five_before_the_first_crop_and_then_the_previous_prediction():
    values, source = valence("report")
    assert values == [-5, -5, 0.1, 0.2, 0.2, 0.2, 0.2, 0.6, 0.6, 0.6]
    assert source == named("before_first", "previous")


def test_previous_takes_the_next_prediction_before_the_first_crop():
    values, source = valence("previous")
    assert values == [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.6, 0.6, 0.6]
    assert source == named("next", "previous")


def test_interpolate_draws_a_line_by_frame_number_and_holds_the_last_value():
    values, source = valence("interpolate")
    assert values == [0.1, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.6, 0.6]
    assert source == named("next", "interpolated")


@given(
    st.sets(st.integers(1, 60)).map(sorted),
    st.integers(0, 20),
    st.sampled_from(POLICIES),
    st.integers(0, 2**32 - 1),
)
def test_every_frame_gets_one_value_and_predictions_stay(frames, more, policy, seed):
    length = (frames[-1] if frames else 0) + more
    values = np.random.default_rng(seed).uniform(-1, 1, (len(frames), 2))
    numbers = np.array(frames, dtype=int)
    filled, source = fill_gaps(numbers, values, length, policy, (0.25, 0.5))
    assert filled.shape == (length, 2) and source.shape == (length,)
    assert np.array_equal(filled[numbers - 1], values)
    assert np.array_equal(np.flatnonzero(source == "predicted") + 1, numbers)
    minus_five = (filled == MISSING).all(axis=1)
    if policy != "report":
        assert not minus_five.any() and (np.abs(filled) <= 1).all()
    elif frames:
        assert np.array_equal(np.flatnonzero(minus_five), np.arange(frames[0] - 1))
    else:
        assert minus_five.all() and (source == "no_crops").all()
    assert np.array_equal(minus_five, np.isin(source, ["before_first", "no_crops"]))


@PATIENT
@given(
    st.lists(st.sets(st.integers(1, 12)), min_size=1, max_size=4),
    st.integers(0, 3),
    st.sampled_from(POLICIES),
)
def test_no_video_is_filled_from_another(videos, more, policy):
    generator = np.random.default_rng(0)
    parts, lengths = {}, {}
    for name, frames in zip("dbca", videos, strict=False):
        numbers = np.array(sorted(frames), dtype=int)
        parts[name] = numbers, generator.uniform(-1, 1, (len(numbers), 2))
        lengths[name] = max(frames, default=2) + more
    found = fill_table(predictions(**parts), lengths, policy, (0.25, 0.5))
    alone = [
        fill_table(predictions(**{name: parts[name]}), {name: lengths[name]}, policy, (0.25, 0.5))
        for name in sorted(parts)
    ]
    pd.testing.assert_frame_equal(found, pd.concat(alone, ignore_index=True))
    wanted = found[["name", "frame"]].sample(frac=1, random_state=0)
    filled = fill_videos(predictions(**parts), lengths, policy, (0.25, 0.5))
    assert filled.rows_of(wanted).tolist() == wanted.index.tolist()
    assert filled.rows_of(wanted.assign(frame=wanted["frame"] + 99)).tolist() == [-1] * len(wanted)


def test_video_without_crops_takes_the_mean_of_the_labels():
    empty, nothing = np.array([], dtype=int), np.empty((0, 2))
    for policy in ("previous", "interpolate"):
        filled, source = fill_gaps(empty, nothing, 3, policy, (0.25, 0.5))
        assert filled.tolist() == [[0.25, 0.5]] * 3 and source.tolist() == ["label_mean"] * 3
        with pytest.raises(InputError, match=f"policy {policy} expects the mean of the training labels"):
            fill_gaps(empty, nothing, 3, policy)
    filled, source = fill_gaps(empty, nothing, 3)
    assert filled.tolist() == [[-5, -5]] * 3 and source.tolist() == ["no_crops"] * 3


def test_frames_beyond_the_length_and_unknown_policies_are_refused():
    with pytest.raises(InputError, match=r"from 1 to 7, the length of the video, found numbers from 3 to 8"):
        fill_gaps(FRAMES, VALUES, 7)
    with pytest.raises(InputError, match="a: Predictions: expected every frame once, found 4 twice"):
        fill_gaps(np.array([3, 4, 4]), VALUES, 10)
    with pytest.raises(ConfigError, match="report, previous, interpolate, found 'last'"):
        fill_gaps(FRAMES, VALUES, 10, "last")


def test_table_names_the_video_at_fault():
    table = pd.DataFrame({"name": "105", "frame": FRAMES, "valence": 0.0, "arousal": 0.0})
    with pytest.raises(InputError, match="105: Predictions"):
        fill_table(table, {"105": 5}, "report")
    with pytest.raises(InputError, match="known length, found 105"):
        fill_table(table, {"other": 5}, "report")


@pytest.fixture
def stage(tmp_path):
    """Predictions of two names, an audit that knows four test names, labels of two others."""
    ensemble = pd.DataFrame({"name": ["b", "b", "a"], "frame": [2, 5, 1], "valence": [0.1, 0.4, 0.9]})
    ensemble["arousal"] = 0.5
    audit = pd.DataFrame(
        {
            "name": ["x", "dark", "b", "a", "gone"],
            "subset": ["train", "test", "test", "test", "test"],
            "length": pd.array([9, 3, 6, 1, 0], dtype="Int64"),
            "length_source": ["annotations", "decoded", "frame_list", "crops", ""],
            "reason": ["", "no face was found", "", "", "nothing on disk"],
        }
    )
    (tmp_path / "labels").mkdir()
    for name, values in (("x", [0.2, 0.4]), ("y", [0.6])):
        label = pd.DataFrame({"frame": range(1, len(values) + 1), "valence": values, "arousal": 0.1})
        write_csv(label, tmp_path / "labels" / f"{name}.csv")
    write_csv(ensemble, tmp_path / "ensemble.csv")
    write_csv(audit, tmp_path / "audit.csv")
    return tmp_path


def fill(stage, policy):
    paths = [stage / name for name in ("ensemble.csv", "audit.csv", "labels")]
    fill_test_names(*paths, policy, stage / "filled.csv", stage / "gaps.csv")
    return read_csv(stage / "filled.csv"), read_csv(stage / "gaps.csv").set_index("name")


def test_every_test_name_is_filled_and_counted(stage, caplog):
    with caplog.at_level(logging.INFO):
        filled, gaps = fill(stage, "report")
    assert filled.groupby("name").size().to_dict() == {"a": 1, "b": 6, "dark": 3}
    assert filled[filled["name"] == "b"]["valence"].tolist() == [-5, 0.1, 0.1, 0.1, 0.4, 0.4]
    assert gaps["length"].to_dict() == pytest.approx({"a": 1, "b": 6, "dark": 3, "gone": np.nan}, nan_ok=True)
    assert gaps["predicted"].to_dict() == {"a": 1, "b": 2, "dark": 0, "gone": 0}
    assert gaps["filled"].to_dict() == {"a": 0, "b": 4, "dark": 3, "gone": 0}
    assert gaps["minus_five"].to_dict() == {"a": 0, "b": 1, "dark": 3, "gone": 0}
    assert gaps.loc["dark", "note"] == "no usable crops: every frame is -5 (no face was found)"
    assert "no known length" in gaps.loc["gone", "note"]
    assert gaps["note"].isna().to_dict() == {"a": True, "b": True, "dark": False, "gone": False}
    told = " ".join(caplog.messages)
    assert "dark: no usable crops" in told and "gone: no crops and no known length" in told


def test_other_policies_take_the_mean_over_labelled_frames(stage):
    filled, gaps = fill(stage, "interpolate")
    dark = filled[filled["name"] == "dark"]
    assert dark["valence"].tolist() == pytest.approx([0.4] * 3) and set(dark["source"]) == {"label_mean"}
    assert gaps["minus_five"].sum() == 0
    assert "mean of the training labels" in gaps.loc["dark", "note"]
    assert (stage / "gaps.csv").read_text().splitlines()[1].startswith("a,1,crops,1,0,0,")


def test_no_test_names_give_tables_without_rows(stage):
    audit = read_csv(stage / "audit.csv")
    write_csv(audit[audit["subset"] == "train"], stage / "audit.csv")
    write_csv(read_csv(stage / "ensemble.csv")[:0], stage / "ensemble.csv")
    filled, gaps = fill(stage, "report")
    assert len(filled) == 0 and len(gaps) == 0
    assert (stage / "filled.csv").read_text() == "name,frame,valence,arousal,source\n"
