import math
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mimamo.dataset.windows import Window, cut_windows, window_starts
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


@given(frame_numbers(120), st.integers(2, 40), st.integers(0, 6), st.data())
def test_windows_bridge_short_holes_and_no_longer_ones(frames, window, bridge, data):
    cuts = cut_windows("a", frames, window, data.draw(st.integers(1, window)), bridge)
    inside = [range(cut.first, cut.first + cut.frames) for cut in cuts]
    labelled = set(frames.tolist())
    assert {frame for numbers in inside for frame in numbers} >= labelled
    assert all(numbers[0] in labelled and numbers[-1] in labelled for numbers in inside)
    assert all(len(numbers) <= window for numbers in inside)
    for numbers in inside:
        own = [number for number in numbers if number in labelled]
        assert all(after - before <= bridge + 1 for before, after in pairwise(own))


def test_a_window_that_bridges_a_hole_reaches_over_it():
    frames = np.array([1, 2, 3, 6, 7, 8, 12])
    assert cut_windows("a", frames, 8, 8, bridge=2) == [Window("a", 1, 8), Window("a", 12, 1)]
    assert cut_windows("a", frames, 8, 8, bridge=1) == [
        Window("a", 1, 3),
        Window("a", 6, 3),
        Window("a", 12, 1),
    ]
