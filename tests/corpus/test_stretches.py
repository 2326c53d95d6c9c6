from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.stretches import contiguous_runs, split_runs, stretch_numbers
from support.strategies import frame_numbers


@given(st.sets(st.integers(1, 60)))
def test_stretches_are_the_longest_runs_without_a_hole(numbers):
    frames = np.array(sorted(numbers), dtype=np.int64)
    stretches = stretch_numbers(frames)
    assert stretches.shape == frames.shape
    for before, after, here, there in zip(frames, frames[1:], stretches, stretches[1:], strict=False):
        assert there - here == (0 if after == before + 1 else 1)
    assert stretches[:1].tolist() in ([], [1])
    assert sum(length for _, length in contiguous_runs(frames)) == len(frames)
    assert len(contiguous_runs(frames)) == stretches.max(initial=0)


@given(frame_numbers(300))
def test_runs_are_the_frames_and_never_touch(frames):
    runs = contiguous_runs(frames)
    assert (
        np.concatenate([np.arange(first, first + length) for first, length in runs]).tolist()
        == frames.tolist()
    )
    assert all(a + n < b for (a, n), (b, _) in pairwise(runs))


def test_no_frames_no_runs():
    assert contiguous_runs(np.array([], int)) == []


def test_pieces_are_the_runs_cut_to_a_length():
    frames = [1, 2, 3, 4, 5, 9, 10]
    assert split_runs(frames, 2) == [(1, 2), (3, 2), (5, 1), (9, 2)]
    assert split_runs(frames, 100) == contiguous_runs(frames)
