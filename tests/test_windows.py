from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.stretches import contiguous_runs, pieces
from mimamo.dataset.windows import cut_windows, window_starts

frame_numbers = st.sets(st.integers(1, 300), min_size=1).map(lambda frames: np.array(sorted(frames)))


@given(frame_numbers)
def test_runs_are_the_frames_and_never_touch(frames):
    runs = contiguous_runs(frames)
    assert (
        np.concatenate([np.arange(first, first + length) for first, length in runs]).tolist()
        == frames.tolist()
    )
    assert all(a + n < b for (a, n), (b, _) in pairwise(runs))


def test_no_frames_no_runs():
    assert contiguous_runs(np.array([], int)) == []


@given(frame_numbers, st.integers(2, 40), st.data())
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


def test_pieces_are_the_runs_cut_to_a_length():
    frames = [1, 2, 3, 4, 5, 9, 10]
    assert pieces(frames, 2) == [(1, 2), (3, 2), (5, 1), (9, 2)]
    assert pieces(frames, 100) == contiguous_runs(frames)
