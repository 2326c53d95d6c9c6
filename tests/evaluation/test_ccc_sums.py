import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mimamo import DIMENSIONS
from mimamo.evaluation.ccc_sums import concordance_from_sums, video_sums
from mimamo.evaluation.metrics import concordance
from support.tables import joined_table

VALUES = st.floats(-1, 1, width=16).map(lambda value: round(value, 3))


@st.composite
def tables(draw):
    frames = draw(st.integers(2, 30))
    truth, prediction = (draw(arrays(np.float64, (frames, 2), elements=VALUES)) for _ in range(2))
    return joined_table(
        truth, prediction, draw(st.lists(st.sampled_from("abc"), min_size=frames, max_size=frames))
    )


@given(tables())
@settings(max_examples=200)
def test_ccc_from_sums_over_videos_is_that_of_all_frames(joined):
    _, moments = video_sums(joined)
    for i, dimension in enumerate(DIMENSIONS):
        direct = concordance(joined[f"true_{dimension}"], joined[dimension]).value
        assert concordance_from_sums(moments[:, i].sum(axis=0)) == pytest.approx(
            direct, abs=1e-9, nan_ok=True
        )


@given(tables(), st.sets(st.sampled_from("abc"), min_size=1))
@settings(max_examples=100)
def test_ccc_of_some_videos_needs_their_sums_alone(joined, chosen):
    names, moments = video_sums(joined)
    part = joined[joined["name"].isin(chosen)]
    sums = moments[names.isin(chosen), 1].sum(axis=0)
    direct = concordance(part["true_arousal"], part["arousal"]).value
    assert concordance_from_sums(sums) == pytest.approx(direct, abs=1e-9, nan_ok=True)
