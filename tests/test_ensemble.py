import numpy as np
import pandas as pd
import pytest

from mimamo.ensemble import ensemble_folds
from mimamo.errors import InputError
from mimamo.files import read_csv, write_csv


@pytest.fixture
def folds(tmp_path):
    """Three folds over the same test rows, written in different orders."""
    rows = [("b", 3), ("b", 4), ("a", 10), ("a", 2)]
    paths = []
    for fold in range(3):
        table = pd.DataFrame(rows, columns=["name", "frame"]).assign(role="test")
        table["valence"] = np.array([0.0, 0.1, 0.2, 1.5]) + 0.3 * fold
        table["arousal"] = -0.1 * fold
        scored = pd.DataFrame({"name": [f"s{fold}"], "role": "score", "frame": 1})
        table = pd.concat([table.sample(frac=1, random_state=fold), scored])
        paths.append(tmp_path / f"fold{fold}.csv")
        write_csv(table[["name", "role", "frame", "valence", "arousal"]], paths[-1])
    return paths


def change(path, edit):
    write_csv(edit(read_csv(path)), path)


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
