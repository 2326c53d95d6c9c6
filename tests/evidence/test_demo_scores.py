import numpy as np
import pandas as pd
import pytest

from mimamo.errors import InputError
from mimamo.evaluation.metrics import concordance
from mimamo.evidence.demo_scores import score_demo
from mimamo.postprocessing.gaps import fill_test_names
from mimamo.storage.files import read_csv, write_csv
from support.tables import write_audit

LENGTHS = {"dark": 20, "late": 60, "whole": 50}


@pytest.fixture
def stage(tmp_path):
    """Three test names: whole; late, whose first ten frames have no crop; dark, without any crop."""
    generator = np.random.default_rng(6)
    (tmp_path / "truth").mkdir()
    (tmp_path / "labels").mkdir()
    rows = []
    for name, length in LENGTHS.items():
        time = np.arange(length)
        truth = pd.DataFrame({"frame": time + 1, "valence": np.sin(time / 7), "arousal": np.cos(time / 5)})
        write_csv(truth, tmp_path / "truth" / f"{name}.csv")
        guess = truth.assign(name=name)
        guess[["valence", "arousal"]] *= generator.uniform(0.7, 0.9, (length, 1))
        first = {"dark": length, "late": 10, "whole": 0}[name]
        rows.append(guess.iloc[first:].query("frame % 9 != 5"))
    write_csv(pd.concat(rows)[["name", "frame", "valence", "arousal"]], tmp_path / "ensemble.csv")
    write_csv(pd.DataFrame({"frame": [1], "valence": 0.1, "arousal": 0.2}), tmp_path / "labels" / "x.csv")
    audit = [{"name": name, "subset": "test", "length": length} for name, length in LENGTHS.items()]
    write_audit(tmp_path / "audit.csv", audit)
    return tmp_path


def score(stage, policy="report"):
    paths = {name: stage / name for name in ("ensemble.csv", "audit.csv", "labels", "truth")}
    filled, gaps = stage / "filled.csv", stage / "gaps.csv"
    fill_test_names(paths["ensemble.csv"], paths["audit.csv"], paths["labels"], policy, filled, gaps)
    out = stage / "scores.csv"
    score_demo(filled, paths["ensemble.csv"], gaps, paths["labels"], paths["truth"], out)
    return read_csv(out).set_index(["rows", "policy"])


def test_every_policy_is_scored_on_both_sets_of_rows(stage):
    table = score(stage)
    policies = ["submission", "report", "previous", "interpolate"]
    assert list(table.index) == [(rows, policy) for rows in ("from_first_crop", "all") for policy in policies]
    assert list(table.columns) == ["ccc_valence", "ccc_arousal", "frames", "note"]
    assert set(table.loc["from_first_crop", "frames"]) == {100} and set(table.loc["all", "frames"]) == {130}


def test_minus_five_costs_only_before_the_first_crop(stage):
    table = score(stage)
    assert (table.loc["from_first_crop", ["ccc_valence", "ccc_arousal"]] > 0.85).all(axis=None)
    assert table.loc[("all", "report"), "ccc_valence"] < 0.3 < table.loc[("all", "previous"), "ccc_valence"]


@pytest.mark.parametrize("policy", ["report", "interpolate"])
def test_submission_is_what_its_own_policy_gives(stage, policy):
    table = score(stage, policy)
    for rows in ("from_first_crop", "all"):
        assert table.loc[(rows, "submission")].equals(table.loc[(rows, policy)])


def test_score_is_that_of_the_rows_told(stage):
    table = score(stage)
    filled = read_csv(stage / "filled.csv")
    pairs = []
    for name, first in (("whole", 1), ("late", 11)):
        truth = read_csv(stage / "truth" / f"{name}.csv").set_index("frame")["arousal"]
        part = filled[(filled["name"] == name) & (filled["frame"] >= first)]
        pairs.append(np.column_stack([truth.loc[part["frame"]], part["arousal"]]))
    expected = concordance(*np.concatenate(pairs).T).value
    assert table.loc[("from_first_crop", "submission"), "ccc_arousal"] == pytest.approx(expected, abs=1e-6)


def test_lost_truth_is_a_sentence(stage):
    truth = read_csv(stage / "truth" / "late.csv")
    write_csv(truth.iloc[:-1], stage / "truth" / "late.csv")
    with pytest.raises(InputError, match=r"late.csv: expected the truth of every .*none of frame 60"):
        score(stage)
    (stage / "truth" / "late.csv").unlink()
    with pytest.raises(InputError, match=r"late.csv: expected the truth of late, found none"):
        score(stage)
