import numpy as np
import pandas as pd
import pytest

from mimamo.errors import InputError
from mimamo.postprocessing.ensemble import centred_mean, combine, read_folds
from mimamo.storage.files import read_csv, write_csv
from support.tables import change, write_predictions


@pytest.fixture
def folds(tmp_path):
    """Three folds over the same test rows, written in different orders."""
    rows = [("b", 3), ("b", 4), ("a", 10), ("a", 2)]
    paths = []
    for fold in range(3):
        table = pd.DataFrame(rows, columns=["name", "frame"]).assign(role="test")
        table["valence"] = np.array([0.0, 0.1, 0.2, 1.5]) + 0.3 * fold
        table["arousal"] = -0.1 * fold
        scored = pd.DataFrame({"name": [f"s{fold}"], "role": "score", "frame": 1, "valence": 0, "arousal": 0})
        table = pd.concat([table.sample(frac=1, random_state=fold), scored])
        paths.append(tmp_path / f"fold{fold}.csv")
        write_predictions(paths[-1], table)
    return paths


def ensemble_folds(paths, out):
    """Read the test rows, combine, write."""
    table = combine(read_folds(paths, "test"))
    write_csv(table, out)
    return table


def test_mean_of_the_folds_clipped_and_sorted(folds, tmp_path):
    ensemble_folds(folds, tmp_path / "ensemble.csv")
    table = read_csv(tmp_path / "ensemble.csv")
    assert list(table.columns) == ["name", "frame", "valence", "arousal"]
    assert list(zip(table["name"], table["frame"], strict=True)) == [("a", 2), ("a", 10), ("b", 3), ("b", 4)]
    assert table["valence"].tolist() == pytest.approx([1.0, 0.5, 0.3, 0.4])
    assert table["arousal"].tolist() == pytest.approx([-0.1] * 4)


def test_clipping_comes_after_the_mean(folds, tmp_path):
    change(folds[0], lambda t: t.assign(valence=t["valence"].where(t["frame"] != 2, -3.0)))
    table = ensemble_folds(folds, tmp_path / "ensemble.csv")
    assert table.loc[0, "valence"] == pytest.approx((-3.0 + 1.8 + 2.1) / 3)


def test_fold_that_misses_a_frame_is_refused(folds, tmp_path):
    change(folds[1], lambda t: t[~((t["name"] == "b") & (t["frame"] == 4))])
    with pytest.raises(InputError, match=r"fold1.csv: .*found 1 frames in only .* b frame 4 in .*fold0.csv"):
        ensemble_folds(folds, tmp_path / "ensemble.csv")
    assert not (tmp_path / "ensemble.csv").exists()


def test_fold_with_another_frame_is_refused(folds, tmp_path):
    change(folds[2], lambda t: t.assign(frame=t["frame"].replace(10, 11)))
    with pytest.raises(InputError, match=r"fold2.csv: .*found 2 frames"):
        ensemble_folds(folds, tmp_path / "ensemble.csv")


def test_frame_twice_and_a_lost_number_are_refused(folds, tmp_path):
    change(folds[0], lambda t: pd.concat([t, t[t["frame"] == 10]]))
    with pytest.raises(InputError, match=r"fold0.csv: .*a frame 10 twice"):
        ensemble_folds(folds, tmp_path / "ensemble.csv")
    change(folds[0], lambda t: t.drop_duplicates())
    change(folds[1], lambda t: t.assign(valence=t["valence"].where(t["frame"] != 3)))
    with pytest.raises(InputError, match=r"fold1.csv: .*b frame 3 and 0 other"):
        ensemble_folds(folds, tmp_path / "ensemble.csv")


def test_no_test_names_give_a_table_without_rows(folds, tmp_path):
    for path in folds:
        change(path, lambda t: t[t["role"] != "test"])
    ensemble_folds(folds, tmp_path / "ensemble.csv")
    assert (tmp_path / "ensemble.csv").read_text() == "name,frame,valence,arousal\n"


def table_of(values, names="a"):
    frames = pd.DataFrame({"name": list(names) * (len(values) // len(names)), "frame": range(len(values))})
    return frames.assign(valence=values, arousal=values)


def test_weights_say_how_much_each_fold_counts_in_each_dimension():
    tables = [table_of(np.array([0.1, 0.2])), table_of(np.array([0.5, 0.6]))]
    weights = pd.DataFrame(
        [(0, "arousal", 1.0), (0, "valence", 0.25), (1, "arousal", 0.0), (1, "valence", 0.75)],
        columns=["fold", "dimension", "weight"],
    )
    table = combine(tables, "weighted", weights)
    assert table["valence"].tolist() == pytest.approx([0.4, 0.5])
    assert table["arousal"].tolist() == pytest.approx([0.1, 0.2])


def test_centring_takes_the_level_from_the_models_that_agree():
    course = np.sin(np.arange(50) / 5)
    # Two that agree, and one that goes its own way at another level.
    values = np.stack([course, course + 0.1, 0.9 - course])[..., None]
    combined = centred_mean(values)[:, 0]
    level = values[:2].mean()
    assert combined.mean() == pytest.approx(level, abs=0.02)
    shifted = combined - combined.mean()
    assert shifted == pytest.approx(values.mean(axis=0)[:, 0] - values.mean())
    assert values.mean() > level + 0.1


def test_centring_is_done_video_by_video():
    names = np.repeat(["a", "b"], 30)
    course = np.sin(np.arange(60) / 4)
    models = [course, course + 0.05, np.where(names == "a", 0.9 - course, course)]
    tables = [table_of(0.5 * model).assign(name=names) for model in models]
    table = combine(tables, "centred")
    one = np.stack([0.5 * model[30:] for model in models])[..., None]
    assert table[table["name"] == "b"]["valence"].to_numpy() == pytest.approx(centred_mean(one)[:, 0])


def test_models_that_never_agree_are_averaged():
    course = np.sin(np.arange(40) / 3)
    values = np.stack([course, -course])[..., None]
    assert centred_mean(values)[:, 0] == pytest.approx(np.zeros(40))
    still = np.stack([np.full(9, 0.2), np.full(9, 0.4)])[..., None]
    assert centred_mean(still)[:, 0] == pytest.approx(np.full(9, 0.3))
