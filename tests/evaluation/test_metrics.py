import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mimamo.evaluation.metrics import concordance, pearson, rmse

VALUES = st.floats(-1, 1, width=32)


@st.composite
def pairs(draw):
    size = draw(st.integers(2, 40))
    return draw(arrays(np.float64, size, elements=VALUES)), draw(arrays(np.float64, size, elements=VALUES))


def lin(x, y):
    """Lin's formula by way of the correlation, as method.md writes it."""
    deviation_x, deviation_y = np.std(x), np.std(y)
    correlation = np.corrcoef(x, y)[0, 1]
    spread = 2 * correlation * deviation_x * deviation_y
    return spread / (deviation_x**2 + deviation_y**2 + (np.mean(x) - np.mean(y)) ** 2)


def test_concordance_is_lins_formula():
    generator = np.random.default_rng(1)
    for scale, shift in ((1.0, 0.0), (0.3, 0.2), (-0.5, 0.9), (4.0, -2.0)):
        x = generator.normal(size=200)
        y = scale * x + shift + generator.normal(size=200) * 0.3
        assert concordance(x, y).value == pytest.approx(lin(x, y), abs=1e-12)


def test_concordance_of_numbers_worked_out_by_hand():
    # means 2 and 3, variances 2/3 and 2/3, covariance 2/3: 2·(2/3) / (2/3 + 2/3 + 1)
    assert concordance([1, 2, 3], [2, 3, 4]).value == pytest.approx(4 / 7)
    assert concordance([1, 2, 3], [3, 2, 1]).value == pytest.approx(-1)


@given(pairs())
def test_concordance_is_bounded_symmetric_and_at_most_the_correlation(pair):
    x, y = pair
    score = concordance(x, y)
    if np.isnan(score.value):
        assert score.reason and np.ptp(x) == 0 and np.ptp(y) == 0
        return
    assert -1 - 1e-12 <= score.value <= 1 + 1e-12 and score.reason == ""
    assert score.value == pytest.approx(concordance(y, x).value, abs=1e-12)
    correlation = pearson(x, y)
    if not np.isnan(correlation.value):
        assert abs(score.value) <= abs(correlation.value) + 1e-9


@given(arrays(np.float64, st.integers(2, 40), elements=VALUES), st.floats(0.01, 100))
def test_perfect_prediction_scores_one_in_any_unit(x, unit):
    assume(np.ptp(x) > 0)
    assert concordance(x * unit, x * unit).value == pytest.approx(1)


def test_constant_prediction_scores_zero_and_two_constants_nothing():
    truth = np.linspace(-1, 1, 7)
    assert concordance(truth, np.full(7, 0.1)).value == 0
    assert concordance(np.full(7, 0.1), truth).value == 0
    both = concordance(np.full(7, 0.1), np.full(7, 0.3))
    assert np.isnan(both.value) and "both constant" in both.reason
    assert np.isnan(pearson(truth, np.full(7, 0.1)).value)
    assert pearson(truth, np.full(7, 0.1)).reason == "the prediction is constant"
    assert pearson(np.full(7, 0.1), truth).reason == "the truth is constant"


@pytest.mark.parametrize("score", [concordance, pearson, rmse])
def test_what_cannot_be_scored_says_why(score):
    assert score([], []).reason == "no frames"
    assert score([0.1, np.nan], [0.1, 0.2]).reason == "1 of 2 values of the truth are not finite numbers"
    assert "prediction" in score([0.1, 0.2], [np.inf, 0.2]).reason
    assert np.isnan(score([0.1, 0.2], [np.inf, 0.2]).value)
    with pytest.raises(ValueError, match="shape"):
        score([0.1], [0.1, 0.2])
    with pytest.raises(ValueError, match="shape"):
        score([[0.1]], [[0.1]])


def test_pearson_and_rmse_are_the_usual_ones():
    generator = np.random.default_rng(2)
    x, y = generator.normal(size=(2, 50))
    assert pearson(x, y).value == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert rmse(x, y).value == pytest.approx(np.sqrt(np.mean((x - y) ** 2)))
    assert rmse([0.0], [0.5]).value == 0.5
