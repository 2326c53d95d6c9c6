import pytest

from mimamo.figures.intervals import draw_scores, score_intervals, score_panels
from mimamo.storage.files import read_csv, write_csv
from support.figures import FOLDS


def test_intervals_are_those_of_the_scores_where_they_have_them(stage, tmp_path):
    scores = read_csv(stage / "scores.csv")
    plain = score_intervals(
        scores.drop(columns=[name for name in scores if name.endswith(("_low", "_high"))])
    )
    assert plain.columns.tolist() == ["label", "valence", "arousal"]
    assert plain["label"].tolist() == ["all folds", *(f"fold {fold}" for fold in range(FOLDS))]
    for dimension in ("valence", "arousal"):
        scores[f"ccc_{dimension}_low"] = scores[f"ccc_{dimension}"] - 0.1
        scores[f"ccc_{dimension}_high"] = scores[f"ccc_{dimension}"] + 0.05
    rows = score_intervals(scores)
    assert (rows["valence"] - rows["valence_low"]).to_numpy() == pytest.approx(0.1)
    write_csv(scores, tmp_path / "scores.csv")
    draw_scores(tmp_path / "scores.csv", tmp_path / "scores.png")
    draw_scores(stage / "scores.csv", tmp_path / "plain.png")
    assert (tmp_path / "scores.png").read_bytes() != (tmp_path / "plain.png").read_bytes()


def test_axes_of_a_ccc_show_zero_and_what_lies_below_it(stage):
    scores = read_csv(stage / "scores.csv")
    folds, videos = score_panels(scores).sheet("column").axes
    for ends in (folds.get_xlim(), videos.get_xlim(), videos.get_ylim()):
        assert ends[0] <= 0 < 0.9 < ends[1]
    scores.loc[scores["scope"] == "video", "ccc_arousal"] = -0.7
    scores["ccc_valence_low"] = -0.2
    folds, videos = score_panels(scores).sheet("column").axes
    assert folds.get_xlim()[0] < -0.2 and videos.get_ylim()[0] < -0.7
