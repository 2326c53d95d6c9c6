import numpy as np
import pandas as pd

from mimamo.html.formats import capitalised, count, interval, is_missing, number, pair


def test_numbers_have_a_minus_and_thousands_a_comma():
    assert number(-0.12345) == "−0.123" and number(0.5, 2) == "0.50" and count(1234567.0) == "1,234,567"
    assert pair({"valence": 0.1, "arousal": -0.2}, signed=True) == "+0.100 / −0.200"
    assert interval({"x_low": -0.1, "x_high": 0.2}, "x") == "−0.100 to 0.200"


def test_what_is_missing_is_a_dash():
    for missing in (None, np.nan, pd.NA, float("nan")):
        assert is_missing(missing) and number(missing) == count(missing) == "–"
    assert interval({"x_low": np.nan, "x_high": 0.2}, "x") == interval({}, "x") == ""
    assert not is_missing(0) and not is_missing("")


def test_the_first_letter_alone_is_made_a_capital():
    assert capitalised("ridge of Aff-Wild2") == "Ridge of Aff-Wild2" and capitalised("") == ""
