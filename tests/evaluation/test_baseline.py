import numpy as np
import pandas as pd
import pytest

from mimamo.errors import InputError
from mimamo.evaluation import baseline
from mimamo.evaluation.baseline import score_baseline
from mimamo.evaluation.metrics import concordance
from mimamo.storage.files import read_csv, write_csv
from mimamo.storage.frame_cache import feature_dtype
from support.tables import write_label_table

WIDTH = 12


@pytest.fixture
def stage(tmp_path):
    """Six names whose features show valence in a mixture but no arousal; three folds."""
    generator = np.random.default_rng(5)
    mixture = generator.normal(size=(2, WIDTH))
    names = ["105", "NA", "video1", "video2", "video3", "video4"]
    (tmp_path / "labels").mkdir()
    (tmp_path / "features").mkdir()
    for name in names:
        frames = np.sort(generator.choice(np.arange(1, 200), 120, replace=False))
        labels = generator.uniform(-1, 1, (120, 2))
        hidden = np.column_stack([labels[:, 0], generator.normal(size=120)])
        rows = np.zeros(120, feature_dtype(WIDTH))
        rows["frame"], rows["pool5"] = frames, 3 + hidden @ mixture + generator.normal(0, 0.1, (120, WIDTH))
        np.save(tmp_path / "features" / f"{name}.npy", rows)
        table = pd.DataFrame({"frame": frames, "valence": labels[:, 0], "arousal": labels[:, 1]})
        write_label_table(tmp_path, name, table.iloc[10:])
    folds = [
        (fold, name, "score" if position % 3 == fold else "stop" if position == 5 - fold else "train")
        for fold in range(3)
        for position, name in enumerate(names)
    ]
    write_csv(pd.DataFrame(folds, columns=["fold", "name", "role"]), tmp_path / "folds.csv")
    return tmp_path


def score(stage):
    table = score_baseline(stage / "features", stage / "labels", stage / "folds.csv", stage / "baseline.csv")
    return table.set_index("dimension")


def test_finds_what_single_frames_show_and_nothing_else(stage, monkeypatch):
    monkeypatch.setattr(baseline, "PENALTY", 1.0)
    table = score(stage)
    assert table.loc["valence", "ccc"] > 0.9
    assert abs(table.loc["arousal", "ccc"]) < 0.2
    assert table["frames"].tolist() == [660, 660]
    assert list(read_csv(stage / "baseline.csv").columns) == ["dimension", "ccc", "frames", "note"]


def test_scores_are_those_of_ridge_in_closed_form(stage):
    def load(name):
        path = stage / "features" / f"{name}.npy"
        rows, labels = np.load(path), read_csv(stage / "labels" / f"{name}.csv")
        wanted = np.isin(rows["frame"], labels["frame"])
        return rows["pool5"][wanted].astype(float), labels[["valence", "arousal"]].to_numpy()

    folds = read_csv(stage / "folds.csv")
    truth, prediction = [], []
    for fold in range(3):
        part = folds[folds["fold"] == fold]
        train = [load(name) for name in part[part["role"] != "score"]["name"]]
        x, y = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
        mean, scale = x.mean(0), x.std(0)
        z = (x - mean) / scale
        weights = np.linalg.solve(z.T @ z + baseline.PENALTY * np.eye(WIDTH), z.T @ (y - y.mean(0)))
        for name in part[part["role"] == "score"]["name"]:
            x_new, y_new = load(name)
            truth.append(y_new)
            prediction.append((x_new - mean) / scale @ weights + y.mean(0))
    truth, prediction = np.concatenate(truth), np.concatenate(prediction)
    expected = [concordance(truth[:, i], prediction[:, i]).value for i in range(2)]
    assert score(stage)["ccc"].tolist() == pytest.approx(expected, abs=1e-4)


def test_person_that_is_scored_is_not_learnt_from(stage):
    """A name whose features give its labels away by heart must not gain from it."""
    labels = read_csv(stage / "labels" / "video1.csv")
    write_csv(labels.assign(valence=-labels["valence"]), stage / "labels" / "video1.csv")
    before = score(stage).loc["valence", "ccc"]
    folds = read_csv(stage / "folds.csv")
    leaky = folds.assign(role=folds["role"].where(folds["role"] != "score", "train"))
    write_csv(pd.concat([folds, leaky[folds["role"] == "score"]]), stage / "folds.csv")
    assert score(stage).loc["valence", "ccc"] > before + 0.01


def test_large_corpora_are_thinned_evenly(stage, monkeypatch):
    seen = []
    fit = baseline.Ridge.fit
    monkeypatch.setattr(baseline.Ridge, "fit", lambda self, x, y: (seen.append(x.shape), fit(self, x, y))[1])
    monkeypatch.setattr(baseline, "MAX_FRAMES", 100)
    score(stage)
    # 4 names of 110 labelled frames: every fifth.
    assert seen == [(88, WIDTH)] * 3


def test_labelled_frame_without_features_is_a_sentence(stage):
    path = stage / "features" / "NA.npy"
    rows = np.load(path)
    np.save(path, rows[:-2])
    with pytest.raises(InputError, match=rf"NA.npy: .*none of frame {rows['frame'][-2]} and 1 others"):
        score(stage)
    path.unlink()
    with pytest.raises(InputError, match=r"NA: expected a cache NA.npy of features, found none"):
        score(stage)
