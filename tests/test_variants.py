import numpy as np
import pandas as pd
import pytest
import yaml
from small_run import HOLES, LENGTH, make_run

from mimamo.evaluation.scores import score_folds
from mimamo.evidence.comparison import ANCHORS, compare
from mimamo.evidence.gap_prices import fit_pattern, price_gaps
from mimamo.evidence.variants import score_variants
from mimamo.postprocessing.fit import fit_postprocessing
from mimamo.postprocessing.gaps import POLICIES
from mimamo.storage.files import read_csv

CONFIGURED = {"ensemble": "weighted", "smoothing": "best", "delay": True, "gaps": "previous"}


@pytest.fixture(scope="module", params=[True, False], ids=["official", "merged"])
def stage(request, tmp_path_factory, repo):
    root = tmp_path_factory.mktemp("run")
    run = make_run(root, request.param)
    fit_postprocessing(run.predictions, run.labels, run.folds, run.weights, run.choices)
    data = yaml.safe_load((repo / "config.yaml").read_text())["data"]
    (root / "corpus" / data["test_list"]).write_text("t0\nt1\n")
    (root / "corpus" / "cropped_aligned").mkdir()
    score_variants(run, root / "audit.csv", data, str(root / "corpus"), CONFIGURED, root / "variants.csv")
    score_folds(run.predictions, run.labels, run.folds, root / "scores.csv")
    return root, run, read_csv(root / "variants.csv")


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


def test_comparison_puts_published_numbers_beside_and_marks_them(stage):
    root, _, table = stage
    protocol = "official" if len(table) > 8 else "merged"
    out = root / "comparison.csv"
    compare({protocol: root / "scores.csv"}, {protocol: root / "variants.csv"}, out, "of a test")
    rows = read_csv(out)
    assert list(rows.columns[:3]) == ["entry", "split", "source"]
    published = rows[rows["source"] == "published"]
    assert len(published) == len(ANCHORS) and published["frames"].isna().all()
    assert published["note"].str.startswith("other people's number").all()
    report = published[published["entry"].str.contains("technical report")].iloc[0]
    assert (report["ccc_valence"], report["ccc_arousal"]) == (0.415, 0.511)
    ours = rows[rows["source"] == "this run"]
    assert len(ours) == (3 if protocol == "official" else 1) and set(ours["note"]) == {"of a test"}
    assert (ours["ccc_valence_low"] < ours["ccc_valence"]).all()
    if protocol == "official":
        chosen = table[(table["kind"] == "gaps") & (table["configured"] == "yes")].iloc[0]
        said = ours[ours["split"].str.contains("all annotated frames, gaps: previous")].iloc[0]
        assert said["ccc_arousal"] == chosen["ccc_arousal"] and said["frames"] == 6 * LENGTH


def test_gaps_of_test_names_are_priced(stage):
    root, run, table = stage
    price_gaps(run, root / "audit.csv", [root / "frames.csv"], "mean", root / "prices.csv")
    rows = read_csv(root / "prices.csv").set_index("policy")
    assert list(rows.index) == ["no gaps", *POLICIES]
    # t0 lacks 31 frames and t1 none; every other name gets t0's gaps.
    names = 6 if len(table) > 8 else 18
    assert rows["masked"].tolist() == [0] + [names // 2 * 31] * 3
    assert rows.loc["report", "ccc_valence"] < 0.7 * rows.loc["previous", "ccc_valence"]
    assert rows.loc["report", "difference_valence_high"] < 0 or names == 6
    # Holding a value for as long as a tenth of a period costs little, and may even smooth.
    assert -0.1 < rows.loc["previous", "difference_valence"] < 0.01


def test_gaps_keep_their_length_and_their_place():
    pattern = np.ones(100, dtype=bool)
    pattern[:7], pattern[50:60], pattern[97:] = False, False, False
    for length in (60, 100, 300):
        kept = fit_pattern(pattern, length)
        assert not kept[:7].any() and kept[7] and not kept[-3:].any() and kept[-4]
        middle = np.flatnonzero(~kept[7:-3]) + 7
        assert len(middle) == 10 and middle[0] == round(length / 2) and (np.diff(middle) == 1).all()
    assert fit_pattern(np.ones(5, dtype=bool), 9).all()
    assert not fit_pattern(np.array([False] * 30 + [True]), 20).any()


def test_policy_that_loses_no_frame_costs_nothing(tmp_path):
    run = make_run(tmp_path, official=False)
    fit_postprocessing(run.predictions, run.labels, run.folds, run.weights, run.choices)
    frames = read_csv(tmp_path / "frames.csv")
    whole = pd.DataFrame({"name": "t0", "frame": range(1, LENGTH + 1)})
    from mimamo.storage.files import write_csv

    write_csv(pd.concat([frames[frames["name"] != "t0"], whole]), tmp_path / "frames.csv")
    price_gaps(run, tmp_path / "audit.csv", [tmp_path / "frames.csv"], "mean", tmp_path / "prices.csv")
    rows = read_csv(tmp_path / "prices.csv")
    # But for the clipping of filled values, which there is none of.
    assert set(rows["masked"]) == {0} and (rows["difference_valence"].abs() < 1e-6).all()
