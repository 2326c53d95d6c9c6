import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.evaluation.scores import out_of_fold, score_folds, score_row
from mimamo.storage.files import read_csv, write_csv
from support.strategies import PATIENT, frame_numbers
from support.tables import change, write_label_table, write_predictions


@pytest.fixture
def corpus(tmp_path):
    """Four names with labels, two folds, predictions that are off by a known noise."""
    generator = np.random.default_rng(3)
    fold_of = {"105": 0, "video1": 0, "NA": 1, "still": 1}
    frames = {"105": range(2, 40), "video1": range(1, 30), "NA": range(5, 25), "still": range(1, 9)}
    (tmp_path / "labels").mkdir()
    truth, rows = {}, []
    for name, numbers in frames.items():
        values = generator.uniform(-1, 1, (len(numbers), 2))
        if name == "still":
            values[:] = [0.25, 0.5]
        truth[name] = pd.DataFrame(values, columns=["valence", "arousal"])
        truth[name].insert(0, "frame", list(numbers))
        write_label_table(tmp_path, name, truth[name])
        guess = truth[name].assign(name=name, role="score")
        guess[["valence", "arousal"]] += generator.normal(0, [0.1, 0.4], values.shape)
        if name == "still":
            guess["valence"] = 0.1
        rows.append(guess)
    folds = pd.DataFrame([(fold, name) for fold in (0, 1) for name in fold_of], columns=["fold", "name"])
    folds["group"] = folds["name"]
    folds["role"] = np.where(folds["name"].map(fold_of) == folds["fold"], "score", "train")
    write_csv(folds, tmp_path / "folds.csv")
    everything = pd.concat(rows)
    # A crop without label, and a test name: neither may count.
    extra = pd.DataFrame({"name": ["105", "t"], "role": ["score", "test"], "frame": 1})
    extra[["valence", "arousal"]] = 9
    for fold in (0, 1):
        part = everything[everything["name"].map(fold_of) == fold]
        part = pd.concat([part, extra[extra["role"] == "test"], extra[:1] if fold == 0 else extra[:0]])
        write_predictions(tmp_path / f"fold{fold}.csv", part)
    return tmp_path


def score(corpus):
    predictions = [corpus / "fold0.csv", corpus / "fold1.csv"]
    return score_folds(predictions, corpus / "labels", corpus / "folds.csv", corpus / "scores.csv")


def test_every_scope_is_scored_over_its_own_labelled_frames(corpus):
    table = score(corpus).set_index(["scope", "id"])
    assert table["frames"].to_dict() == {
        ("pooled", "all"): 38 + 29 + 20 + 8,
        ("fold", "0"): 38 + 29,
        ("fold", "1"): 20 + 8,
        ("video", "105"): 38,
        ("video", "NA"): 20,
        ("video", "still"): 8,
        ("video", "video1"): 29,
    }
    pooled = table.loc[("pooled", "all")]
    assert 0.9 < pooled["ccc_valence"] < 1 and 0.6 < pooled["ccc_arousal"] < 0.95
    assert pooled["ccc_mean"] == pytest.approx((pooled["ccc_valence"] + pooled["ccc_arousal"]) / 2)


def test_pooled_score_is_that_of_all_frames_together(corpus):
    table = score(corpus)
    rows = pd.concat([read_csv(corpus / f"fold{fold}.csv") for fold in (0, 1)])
    truth = {path.stem: read_csv(path) for path in (corpus / "labels").iterdir()}
    pairs = []
    for row in rows[rows["role"] == "score"].to_dict("records"):
        label = truth[row["name"]]
        label = label[label["frame"] == row["frame"]]
        pairs += [(value, row["arousal"]) for value in label["arousal"]]
    x, y = np.array(pairs).T
    # As submissions are.
    y = np.clip(y, -1, 1)
    assert table.iloc[0]["ccc_arousal"] == pytest.approx(concordance(x, y).value)


def test_undefined_score_is_empty_with_its_reason(corpus):
    score(corpus)
    table = read_csv(corpus / "scores.csv").set_index("id")
    assert np.isnan(table.loc["still", "ccc_valence"]) and np.isnan(table.loc["still", "ccc_mean"])
    assert "valence: truth and prediction are both constant" in table.loc["still", "note"]
    assert table.loc["still", "ccc_arousal"] == 0
    assert "arousal: the truth is constant" in table.loc["still", "note"]
    assert table["note"].isna().sum() == len(table) - 1


def test_labelled_frame_without_prediction_is_refused(corpus):
    change(corpus / "fold1.csv", lambda t: t[~((t["name"] == "NA") & (t["frame"] == 7))])
    with pytest.raises(InputError, match=r"NA, frame 7: .*none for 1 of 95"):
        score(corpus)
    assert not (corpus / "scores.csv").exists()


def test_name_that_no_fold_predicts_is_refused(corpus):
    change(corpus / "fold0.csv", lambda t: t[t["name"] != "105"])
    with pytest.raises(InputError, match=r"105, frame 2: .*none for 38 of 95"):
        score(corpus)


def test_frame_predicted_twice_is_refused(corpus):
    change(corpus / "fold0.csv", lambda t: pd.concat([t, t[t["name"] == "video1"].iloc[[3]]]))
    with pytest.raises(InputError, match=r"fold0.csv: .*second one for video1, frame 4"):
        score(corpus)


def test_prediction_by_a_fold_that_trained_on_the_name_is_refused(corpus):
    moved = read_csv(corpus / "fold1.csv").query("name == 'NA'")
    change(corpus / "fold0.csv", lambda t: pd.concat([t, moved]))
    change(corpus / "fold1.csv", lambda t: t[t["name"] != "NA"])
    with pytest.raises(InputError, match=r"fold0.csv: .*found NA, which .* gives to fold 1"):
        score(corpus)


def test_no_labels_at_all_is_a_sentence(corpus):
    for path in (corpus / "labels").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="labels: expected CSV files with labelled frames"):
        score(corpus)


def test_names_held_out_of_every_fold_are_not_scored_out_of_fold(corpus):
    held = pd.DataFrame({"fold": [0, 1], "name": "video1", "group": "video1", "role": "validation"})
    change(corpus / "folds.csv", lambda t: pd.concat([t[t["name"] != "video1"], held]))
    change(corpus / "fold0.csv", lambda t: t.assign(role=t["role"].mask(t["name"] == "video1", "validation")))
    table = score(corpus)
    assert table.iloc[0]["frames"] == 38 + 20 + 8 and "video1" not in set(table["id"])


@PATIENT
@given(
    st.dictionaries(st.sampled_from("abcd"), frame_numbers(60), min_size=1),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)
def test_a_labelled_frame_is_scored_exactly_once(tmp_path_factory, labelled, seed, twice):
    folder = tmp_path_factory.mktemp("scored")
    rng = np.random.default_rng(seed)
    files = [folder / f"fold{fold}.csv" for fold in (0, 1)]
    rows = {0: [], 1: []}
    for number, (name, frames) in enumerate(sorted(labelled.items())):
        values = rng.uniform(-1, 1, (len(frames), 2))
        table = pd.DataFrame({"frame": frames, "valence": values[:, 0], "arousal": values[:, 1]})
        write_label_table(folder, name, table)
        # Frames without a label are predicted as well.
        every = np.arange(1, frames.max() + 3)
        rows[number % 2] += [(name, "score", frame, 0.1, 0.2) for frame in every]
        rows[1 - number % 2] += [("t", "test", frame, 0.1, 0.2) for frame in every]
    first = sorted(labelled)[0]
    if twice:
        rows[0].append((first, "score", int(labelled[first][0]), 0.3, 0.3))
    for fold, file in enumerate(files):
        write_predictions(
            file, pd.DataFrame(rows[fold], columns=["name", "role", "frame", "valence", "arousal"])
        )
    folds = [(number % 2, name, "score") for number, name in enumerate(sorted(labelled))]
    write_csv(pd.DataFrame(folds, columns=["fold", "name", "role"]), folder / "folds.csv")
    arguments = (files, folder / "labels", folder / "folds.csv")
    if twice:
        with pytest.raises(InputError, match=f"second one for {first}, frame {labelled[first][0]}"):
            out_of_fold(*arguments)
        return
    joined = out_of_fold(*arguments)
    expected = [(name, frame) for name in sorted(labelled) for frame in labelled[name].tolist()]
    assert list(zip(joined["name"], joined["frame"], strict=True)) == expected
    assert score_row("pooled", "all", joined)["frames"] == len(expected)
