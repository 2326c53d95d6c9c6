import math
from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mimamo.dataset.windows import cut_windows, window_starts
from support.strategies import frame_numbers


@given(frame_numbers(300), st.integers(2, 40), st.data())
def test_windows_cover_every_frame_and_no_other(frames, window, data):
    hop = data.draw(st.integers(1, window))
    covered = [
        frame
        for cut in cut_windows("a", frames, window, hop)
        for frame in range(cut.first, cut.first + cut.frames)
    ]
    assert set(covered) == set(frames.tolist())
    assert all(cut.frames <= window for cut in cut_windows("a", frames, window, hop))


@given(st.integers(1, 500), st.integers(2, 64), st.data())
def test_starts_hop_and_the_last_window_ends_with_the_stretch(length, window, data):
    hop = data.draw(st.integers(1, window))
    starts = window_starts(length, window, hop)
    assert starts[0] == 0 and len(set(starts)) == len(starts)
    assert all(0 < b - a <= hop for a, b in pairwise(starts))
    assert starts[-1] + window == max(length, window)


@given(frame_numbers(60), st.integers(1, 20), st.data())
def test_every_labelled_frame_is_in_a_window_and_no_window_twice(frames, window, data):
    hop = data.draw(st.integers(1, window))
    cuts = cut_windows("a", frames, window, hop)
    inside = Counter(frame for cut in cuts for frame in range(cut.first, cut.first + cut.frames))
    assert set(inside) == set(frames.tolist())
    assert len({cut.first for cut in cuts}) == len(cuts)
    # No more windows hold a frame than start within a window's length before it, and the last of its stretch.
    assert max(inside.values()) <= math.ceil(window / hop) + 1


@given(st.integers(1, 80), st.integers(1, 20), st.data())
def test_windows_of_a_stretch_stay_within_it(length, window, data):
    starts = window_starts(length, window, data.draw(st.integers(1, window)))
    assert starts[0] == 0 and all(0 <= start <= max(length - window, 0) for start in starts)
