import pandas as pd
import pytest

from mimamo.postprocessing.fit import Option, read_treatments
from mimamo.postprocessing.smoothing import treat
from mimamo.postprocessing.test_set import combine_test_names


@pytest.mark.parametrize("ensemble", ["mean", "weighted", "centred"])
def test_test_names_get_what_is_configured(run, tmp_path, ensemble):
    paths = (run.predictions, run.weights, run.choices)
    plain = combine_test_names(*paths, tmp_path / "plain.csv", ensemble)
    treated = combine_test_names(*paths, tmp_path / "treated.csv", ensemble, "best", True)
    assert set(plain["name"]) == {"t0", "t1"} and plain[["name", "frame"]].equals(treated[["name", "frame"]])
    expected = treat(plain, read_treatments(run.choices, Option("best", True)))
    pd.testing.assert_frame_equal(treated, expected)
    assert treated["valence"].diff().abs().mean() < 0.5 * plain["valence"].diff().abs().mean()
