from itertools import combinations

import pytest

from mimamo.figures.style import DIMENSION_COLOURS, FOLD_COLOURS, fold_colours, include_zero
from support.colour_vision import VISIONS, difference


def test_every_fold_has_a_colour_of_its_own():
    for count in (1, 5, 7, 12):
        assert len(set(fold_colours(count))) == count
        assert not set(fold_colours(count)) & set(DIMENSION_COLOURS.values())


@pytest.mark.parametrize("vision", VISIONS)
def test_folds_can_be_distinguished_with_any_colour_vision(vision):
    # What two patches side by side need is about 2.
    assert min(difference(one, other, vision) for one, other in combinations(FOLD_COLOURS, 2)) > 20


def test_nobody_takes_a_fold_for_a_dimension():
    pairs = [(fold, dimension) for fold in FOLD_COLOURS for dimension in DIMENSION_COLOURS.values()]
    assert min(difference(*pair, "full") for pair in pairs) > 40


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ((0.4, 0.8), (-0.04, 0.84)),
        ((-0.6, 0.2), (-0.64, 0.24)),
        ((-0.6, -0.1), (-0.63, 0.03)),
        ((float("nan"),) * 2, (-1, 1)),
        ((0, 0), (-1, 1)),
    ],
)
def test_axes_show_zero_and_all_values(values, ends):
    assert include_zero(*values) == pytest.approx(ends)
