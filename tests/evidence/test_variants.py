from mimamo.postprocessing.gaps import POLICIES
from mimamo.storage.files import read_csv
from support.predictions import HOLES, LENGTH


def test_smoothing_is_scored_nested_out_of_fold(stage):
    *_, table = stage
    rows = table[table["scored_on"] == "out of fold"].set_index(["smoothing", "delay"])
    assert len(rows) == 8 and set(rows["ensemble"]) == {"one network"} and set(rows["kind"]) == {"smoothing"}
    assert rows.loc[("none", "no delay"), "difference_valence"] == 0
    assert rows.loc[("best", "delay"), "difference_valence_low"] > 0.02
    assert rows[rows["configured"] == "yes"].index.tolist() == [("best", "delay")]


def test_validation_set_scores_every_ensemble_smoothing_and_policy(stage):
    _, run, table = stage
    rows = table[table["scored_on"] == "validation set"]
    if not set(read_csv(run.folds)["role"]) & {"validation"}:
        assert rows.empty
        return
    assert rows["kind"].value_counts().to_dict() == {"smoothing": 8, "ensemble": 3, "gaps": 3}
    assert rows[rows["kind"] == "gaps"]["gaps"].tolist() == list(POLICIES)
    # v0's last five frames have no crop but an annotation, and the policies must say something about them.
    assert set(rows[rows["kind"] == "gaps"]["frames"]) == {6 * LENGTH}
    assert set(rows[rows["kind"] != "gaps"]["frames"]) == {6 * LENGTH - len(HOLES["v0"])}
    ensembles = rows[rows["kind"] == "ensemble"].set_index("ensemble")
    single = table[(table["scored_on"] == "out of fold")].iloc[0]
    assert ensembles.loc["mean", "ccc_valence"] > single["ccc_valence"] + 0.02
    # The later folds are the worse ones.
    assert ensembles.loc["weighted", "difference_valence"] > 0
    configured = rows[rows["configured"] == "yes"]
    assert set(configured["ensemble"]) == {"weighted"} and set(configured["gaps"]) == {"none", "previous"}
