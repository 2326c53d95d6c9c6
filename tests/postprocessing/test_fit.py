import numpy as np
import pandas as pd
import pytest

from mimamo.evaluation.metrics import concordance
from mimamo.evaluation.scores import out_of_fold
from mimamo.postprocessing.fit import NEW_NAMES, OPTIONS, Option, read_treatments
from mimamo.postprocessing.smoothing import treat
from mimamo.storage.files import read_csv, write_csv
from support.predictions import FOLDS, LAG, fit, make_run


def test_weights_follow_the_out_of_fold_scores(run):
    weights = read_csv(run.weights)
    joined = out_of_fold(run.predictions, run.labels, run.folds)
    for dimension, part in weights.groupby("dimension"):
        ccc = [concordance(t[f"true_{dimension}"], t[dimension]).value for _, t in joined.groupby("fold")]
        assert part["ccc"].tolist() == pytest.approx(ccc, abs=1e-5)
        assert part["weight"].tolist() == pytest.approx(np.array(ccc) / sum(ccc), abs=1e-5)
        assert part["weight"].is_monotonic_decreasing and part["fitted_on_fold"].tolist() == [0, 1, 2]


def test_delay_of_the_labels_is_found_and_smoothing_helps(run):
    found = read_treatments(run.choices, Option("best", True))
    assert {treatment.delay for treatment in found.values()} == {LAG}
    assert {treatment.method for treatment in found.values()} <= {"savitzky_golay", "low_pass"}
    assert {
        treatment.delay for treatment in read_treatments(run.choices, Option("best", False)).values()
    } == {0}
    table = read_csv(run.choices)
    table = table[table["applies_to"] == NEW_NAMES].set_index(["smoothing", "delay", "dimension"])["ccc"]
    for dimension in ("valence", "arousal"):
        best, smoothed = table["best", "delay", dimension], table["best", "no delay", dimension]
        assert best > smoothed > table["none", "no delay", dimension]


def test_ccc_of_a_choice_is_that_of_the_treated_predictions(run):
    """By sums over folds, and directly."""
    option = Option("low_pass", True)
    joined = out_of_fold(run.predictions, run.labels, run.folds)
    treated = treat(joined, read_treatments(run.choices, option))
    said = read_csv(run.choices).query(
        "smoothing == 'low_pass' and delay == 'delay' and applies_to == @NEW_NAMES"
    )
    for row in said.to_dict("records"):
        direct = concordance(treated[f"true_{row['dimension']}"], treated[row["dimension"]]).value
        assert row["ccc"] == pytest.approx(direct, abs=1e-5)


def test_every_choice_says_what_it_was_made_on_and_never_on_its_own_names(run):
    table = read_csv(run.choices)
    assert len(table) == len(OPTIONS) * (FOLDS + 1) * 2
    for row in table.to_dict("records"):
        used = set(row["chosen_on_folds"].split())
        assert used == {"0", "1", "2"} - {row["applies_to"]}


@pytest.mark.parametrize("spoilt", [0, 2])
def test_labels_of_a_fold_do_not_move_what_is_applied_to_it(tmp_path, spoilt):
    fitted = make_run(tmp_path)
    fit(fitted)
    before = read_csv(fitted.choices)
    folds = read_csv(fitted.folds)
    for name in folds[(folds["role"] == "score") & (folds["fold"] == spoilt)]["name"]:
        path = tmp_path / "labels" / f"{name}.csv"
        labels = read_csv(path)
        write_csv(labels.assign(valence=labels["valence"][::-1].to_numpy(), arousal=0.3), path)
    fit(fitted)
    after = read_csv(fitted.choices)
    own = before["applies_to"] == str(spoilt)
    pd.testing.assert_frame_equal(before[own], after[own])
    assert not before[~own].equals(after[~own])


def test_validation_labels_and_predictions_move_nothing_that_is_fitted(tmp_path):
    fitted = make_run(tmp_path)
    fit(fitted)
    first = [path.read_bytes() for path in (fitted.weights, fitted.choices)]
    for path in (tmp_path / "labels").glob("v*.csv"):
        write_csv(read_csv(path).assign(valence=0.9, arousal=-0.9), path)
    for path in fitted.predictions:
        table = read_csv(path)
        held = table["role"] != "score"
        write_csv(table.assign(valence=table["valence"].mask(held, 0.7)), path)
    fit(fitted)
    assert [path.read_bytes() for path in (fitted.weights, fitted.choices)] == first
