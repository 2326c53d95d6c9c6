from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mimamo.corpus.stretches import (
    Stretches,
    contiguous_runs,
    frame_ranges,
    frames_of_ranges,
    split_runs,
    stretch_numbers,
)
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


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 12)), unique=True))
def test_stretches_of_a_table_end_at_holes_and_at_names(rows):
    rows = sorted(rows)
    names, frames = [name for name, _ in rows], [frame for _, frame in rows]
    found = Stretches.of_rows(np.array(names, object), np.array(frames, int))
    expected = [
        (name, *run)
        for name in sorted(set(names))
        for run in contiguous_runs(np.array([frame for other, frame in rows if other == name]))
    ]
    assert [(names[s], frames[s], n) for s, n in zip(found.starts, found.lengths, strict=True)] == expected
    assert found.rows == len(rows)
    last = np.arange(len(found.starts)) == len(found.starts) - 1
    assert found.rows_of(last).tolist() == [row for row in range(len(rows)) if row >= found.starts[-1]]


@given(st.sets(st.integers(1, 60)))
def test_ranges_give_the_frames_that_they_were_made_of(frames):
    ranges = " ".join(frame_ranges(sorted(frames)))
    assert frames_of_ranges(ranges).tolist() == sorted(frames)
