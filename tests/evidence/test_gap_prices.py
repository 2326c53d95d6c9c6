from pathlib import Path

import numpy as np
import pandas as pd

from mimamo.audit.tables import read_usable_crops, write_usable
from mimamo.evidence.gap_prices import fit_pattern, score_gap_policies
from mimamo.evidence.variants import FittedRun
from mimamo.postprocessing.gaps import POLICIES
from mimamo.storage.files import read_csv
from support.predictions import LENGTH, fit, make_run


def price(run: FittedRun, root: Path, configured: str = "report") -> pd.DataFrame:
    """Score the policies, and read the table back."""
    tables = (root / "audit.csv", root / "frames.csv")
    score_gap_policies(run, *tables, "mean", configured, root / "prices.csv")
    return read_csv(root / "prices.csv")


def test_gaps_of_test_names_are_priced(stage):
    root, run, table = stage
    rows = price(run, root, "previous").set_index("policy")
    assert rows["configured"].to_dict() == {policy: "no" for policy in rows.index} | {"previous": "yes"}
    assert list(rows.index) == ["no gaps", *POLICIES]
    # t0 lacks 31 frames and t1 none; every other name gets t0's gaps.
    names = 6 if len(table) > 8 else 18
    assert rows["masked"].tolist() == [0] + [names // 2 * 31] * 3
    assert rows.loc["report", "ccc_valence"] < 0.7 * rows.loc["previous", "ccc_valence"]
    assert rows.loc["report", "difference_valence_high"] < 0 or names == 6
    # Holding a value for as long as a tenth of a period costs little, and may even smooth.
    assert -0.1 < rows.loc["previous", "difference_valence"] < 0.01


def test_without_any_crop_no_frame_is_masked(tmp_path):
    run = make_run(tmp_path)
    fit(run)
    crops = read_usable_crops(tmp_path / "frames.csv")
    write_usable({name: frames[:0] for name, frames in crops.items()}, tmp_path / "frames.csv")
    price(run, tmp_path)
    assert set(read_csv(tmp_path / "prices.csv")["masked"]) == {0}


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
    fit(run)
    crops = read_usable_crops(tmp_path / "frames.csv")
    write_usable({**crops, "t0": np.arange(1, LENGTH + 1)}, tmp_path / "frames.csv")
    price(run, tmp_path)
    rows = read_csv(tmp_path / "prices.csv")
    # But for the clipping of filled values, which there is none of.
    assert set(rows["masked"]) == {0} and (rows["difference_valence"].abs() < 1e-6).all()
