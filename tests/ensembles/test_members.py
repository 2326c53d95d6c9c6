import pandas as pd
import pytest

from mimamo.ensembles.members import combine_out_of_fold, combine_test
from mimamo.evaluation.scores import out_of_fold, score_folds
from mimamo.postprocessing.ensemble import combine, read_folds
from mimamo.postprocessing.test_set import combine_test_names
from mimamo.storage.files import read_csv, write_csv
from support.ensembles import VALUES, leaking, noisy, write_member
from support.predictions import FOLDS


def combined(run, out, members, method):
    """Combine members; return the paths of their predictions and the table of weights."""
    paths = [out / f"predictions/fold{fold}.csv" for fold in range(FOLDS)]
    tables = [out / f"{table}.csv" for table in ("weights", "steps", "members")]
    combine_out_of_fold(members, run.labels, run.folds, method, *tables, paths)
    return paths, read_csv(tables[0])


def pooled(paths, run, tmp_path):
    return score_folds(paths, run.labels, run.folds, tmp_path / "scores.csv").iloc[0]


@pytest.mark.parametrize("method", ["mean", "nnls", "greedy"])
def test_an_ensemble_of_one_run_is_that_run(official_run, tmp_path, method):
    paths, weights = combined(official_run, tmp_path, {"configured": [official_run.predictions]}, method)
    assert weights["weight"].tolist() == [1.0] * len(weights)
    before = out_of_fold(official_run.predictions, official_run.labels, official_run.folds)
    pd.testing.assert_frame_equal(out_of_fold(paths, official_run.labels, official_run.folds), before)
    validation = [read_folds(files, "validation") for files in (paths, official_run.predictions)]
    for one, other in zip(*validation, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_folds_of_several_runs_combine_as_those_of_one(official_run, tmp_path):
    """To the byte: mean over the members of each fold, then over folds."""
    members = {"configured": [official_run.predictions]}
    _, _ = combined(official_run, tmp_path, members, "greedy")
    paths = [tmp_path / f"test/fold{fold}.csv" for fold in range(FOLDS)]
    combine_test(members, tmp_path / "weights.csv", paths)
    for given, out in ((official_run.predictions, "one.csv"), (paths, "ensemble.csv")):
        combine_test_names(given, None, None, tmp_path / out, "centred")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "ensemble.csv").read_bytes()


def test_weighted_mean_of_test_names_is_that_of_the_members(official_run, tmp_path):
    other = write_member(official_run, tmp_path / "other", noisy(0.4, 1))
    members = {"configured": [official_run.predictions], "other": [other]}
    _, weights = combined(official_run, tmp_path, members, "nnls")
    paths = [tmp_path / f"test/fold{fold}.csv" for fold in range(FOLDS)]
    combine_test(members, tmp_path / "weights.csv", paths)
    found = combine(read_folds(paths, "test"))
    one, two = (
        sum(table[VALUES] for table in read_folds(files, "test")) / FOLDS
        for files in (official_run.predictions, other)
    )
    by_member = weights[weights["applies_to"] == "new names"].pivot(
        index="member", columns="dimension", values="weight"
    )
    for dimension in VALUES:
        share = by_member.loc["other", dimension]
        assert 0.05 < share < 0.95
        expected = ((1 - share) * one[dimension] + share * two[dimension]).clip(-1, 1)
        assert found[dimension].to_numpy() == pytest.approx(expected.to_numpy(), abs=2e-6)


def test_seeds_of_a_run_count_as_their_mean(official_run, tmp_path):
    seeds = [write_member(official_run, tmp_path / f"seed{k}", noisy(0.4, k)) for k in (1, 2)]
    paths, weights = combined(official_run, tmp_path / "both", {"wide": seeds}, "greedy")
    assert set(weights["member"]) == {"wide"}
    tables = [out_of_fold(p, official_run.labels, official_run.folds) for p in (paths, *seeds)]
    found, one, two = (table[VALUES].to_numpy() for table in tables)
    assert found == pytest.approx((one + two) / 2, abs=2e-6)


def test_fitted_weights_are_better_than_a_poor_member_and_than_the_mean(official_run, tmp_path):
    members = {
        "configured": [official_run.predictions],
        "good": [write_member(official_run, tmp_path / "good", noisy(0.3, 1))],
        "poor": [write_member(official_run, tmp_path / "poor", noisy(1.5, 2))],
    }
    scores = {
        method: pooled(combined(official_run, tmp_path / method, members, method)[0], official_run, tmp_path)
        for method in ("mean", "nnls", "greedy")
    }
    for dimension in VALUES:
        column = f"ccc_{dimension}"
        assert scores["nnls"][column] > scores["mean"][column] + 0.02
        assert scores["greedy"][column] > scores["mean"][column] + 0.02


@pytest.mark.parametrize("method", ["nnls", "greedy"])
@pytest.mark.parametrize("fold", [0, 2])
def test_nested_weights_do_not_use_a_member_that_knows_the_scored_fold_alone(
    official_run, tmp_path, caplog, method, fold
):
    """The planted leak: labels on the names of one fold, noise on all others."""
    found = {}
    for kind, leaks in (("leak", fold), ("noise", None)):
        files = write_member(official_run, tmp_path / kind, leaking(leaks))
        members = {"configured": [official_run.predictions], "leak": [files]}
        paths, weights = combined(official_run, tmp_path / f"out_{kind}", members, method)
        share = weights[weights["member"] == "leak"].set_index(["applies_to", "dimension"])["weight"]
        found[kind] = paths, share
    (paths, share), (_, without) = found["leak"], found["noise"]
    for dimension in VALUES:
        assert share[str(fold), dimension] == without[str(fold), dimension]
        # Fitted on the names of all folds, weights do fall for it.
        assert share["new names", dimension] > without["new names", dimension] + 0.1
    honest = pooled(official_run.predictions, official_run, tmp_path)
    scored = pooled(paths, official_run, tmp_path)
    assert all(scored[f"ccc_{d}"] < honest[f"ccc_{d}"] + 0.02 for d in VALUES)
    # And it is said.
    assert f"leak, valence, fold {fold}: a CCC of 1.000 is implausible" in caplog.text
    assert "100% of the predictions are the labels themselves" in caplog.text
    noted = read_csv(tmp_path / "out_leak/members.csv").dropna(subset="note")
    assert set(noted["member"]) == {"leak"} and set(noted["scored_on"]) == {f"fold {fold}"}


def test_labels_of_the_validation_set_move_no_weight(official_run, tmp_path):
    """They are held out: only the check of the members, and scores, may read them."""
    other = write_member(official_run, tmp_path / "other", noisy(0.4, 1))
    members = {"configured": [official_run.predictions], "other": [other]}
    paths, _ = combined(official_run, tmp_path / "one", members, "nnls")
    labels = tmp_path / "labels"
    labels.mkdir()
    for path in official_run.labels.glob("*.csv"):
        table = read_csv(path)
        write_csv(table.assign(valence=0.9) if path.stem.startswith("v") else table, labels / path.name)
    tables = [tmp_path / f"{table}.csv" for table in ("weights", "steps", "members")]
    others = [tmp_path / f"two/fold{fold}.csv" for fold in range(FOLDS)]
    combine_out_of_fold(members, labels, official_run.folds, "nnls", *tables, others)
    for one, two in zip([*paths, tmp_path / "one/weights.csv"], [*others, tables[0]], strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "one/members.csv").read_bytes() != tables[2].read_bytes()


def test_frames_that_a_member_lacks_are_left_out_unless_they_have_a_label(official_run, tmp_path):
    other = write_member(official_run, tmp_path / "other", noisy(0.4, 1))
    table = read_csv(other[0])
    table = table[~((table["name"] == "t1") & (table["frame"] > 100))]
    write_csv(table, other[0])
    members = {"configured": [official_run.predictions], "other": [other]}
    combined(official_run, tmp_path, members, "mean")
    paths = [tmp_path / f"test/fold{fold}.csv" for fold in range(FOLDS)]
    combine_test(members, tmp_path / "weights.csv", paths)
    assert [read_csv(path).query("name == 't1'")["frame"].max() for path in paths] == [100, 160, 160]
