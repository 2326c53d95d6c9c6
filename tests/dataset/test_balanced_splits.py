import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold

from mimamo.dataset.balanced_splits import balanced_splits
from support.strategies import PATIENT


@PATIENT
@given(
    groups=st.integers(2, 60),
    kinds=st.integers(1, 9),
    most=st.sampled_from([1, 3, 60, 1000]),
    parts=st.integers(2, 7),
    seed=st.integers(0, 2**32 - 1),
)
def test_parts_are_those_of_scikit_learn(groups, kinds, most, parts, seed):
    """Which goes through the frames; equal groups, for which only the order decides, among them."""
    parts = min(parts, groups)
    counts = np.random.default_rng(seed).integers(0, most + 1, (groups, kinds))
    counts[:, 0] += counts.sum(axis=1) == 0
    if counts.sum(axis=0).max() < parts:
        counts = counts.sum(axis=1, keepdims=True)
    group, kind = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        splits = list(StratifiedGroupKFold(parts).split(group, kind, group))
    expected = np.full(groups, -1)
    for part, (_, rows) in enumerate(splits):
        expected[group[rows]] = part
    assert balanced_splits(counts, parts).tolist() == expected.tolist()


@pytest.mark.parametrize("groups", [3, 4])
def test_equal_groups_are_spread_evenly(groups):
    assert sorted(balanced_splits(np.ones((groups, 2), int), groups)) == list(range(groups))
