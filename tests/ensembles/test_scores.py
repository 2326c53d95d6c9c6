import pytest

from mimamo.ensembles.members import combine_out_of_fold
from mimamo.ensembles.scores import Ensemble, score_ensembles
from mimamo.evidence.variants import FittedRun
from mimamo.postprocessing.fit import fit_postprocessing
from mimamo.storage.files import read_csv
from support.ensembles import noisy, write_member
from support.predictions import FOLDS, fit, make_run


def ensemble_of(run, folder, members, method) -> Ensemble:
    """Combine members, and fit the postprocessing on what comes out."""
    paths = [folder / f"fold{fold}.csv" for fold in range(FOLDS)]
    tables = [folder / f"{table}.csv" for table in ("members", "steps", "checks")]
    combine_out_of_fold(members, run.labels, run.folds, method, *tables, paths)
    fitted = FittedRun(paths, run.labels, run.folds, folder / "weights.csv", folder / "choices.csv")
    fit_postprocessing(paths, run.labels, run.folds, fitted.weights, fitted.choices)
    return Ensemble(fitted, list(members), method)


@pytest.mark.parametrize("official", [True, False], ids=["official", "merged"])
@pytest.mark.parametrize("combination", ["mean", "weighted"])
def test_ensembles_are_scored_beside_the_configured_run(tmp_path, official, combination):
    run = make_run(tmp_path, official)
    fit(run)
    alone = {"configured": [run.predictions]}
    both = alone | {"other": [write_member(run, tmp_path / "other", noisy(0.4, 1))]}
    ensembles = {
        "configured": Ensemble(run),
        "alone": ensemble_of(run, tmp_path / "alone", alone, "mean"),
        "both": ensemble_of(run, tmp_path / "both", both, "nnls"),
    }
    score_ensembles(ensembles, combination, tmp_path / "ensembles.csv", "a caveat")
    table = read_csv(tmp_path / "ensembles.csv")
    scored_on = ["out of fold", "validation set"] if official else ["out of fold"]
    assert table["scored_on"].drop_duplicates().tolist() == scored_on
    assert table["ensemble"].tolist() == list(ensembles) * len(scored_on)
    assert set(table["note"]) == {"a caveat"}
    for _, part in table.groupby("scored_on"):
        rows = part.set_index("ensemble")
        assert rows.loc["both", "members"] == "configured other" and rows.loc["both", "weights"] == "nnls"
        assert rows.loc["alone", "difference_valence"] == 0
        # Both are better, of any people.
        assert rows.loc["both", "difference_valence_low"] > 0
        assert rows["ccc_arousal_low"].notna().all()
        assert rows["frames"].nunique() == 1
