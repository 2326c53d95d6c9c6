"""The plan of a stand-in of Aff-Wild2: its numbers are Aff-Wild2's, times its size."""

import numpy as np
import pytest

from mimamo.bench.rehearsal.stand_in import FRAMES, NAMES, plan
from mimamo.corpus.layout import person_group
from mimamo.dataset.limits import check_fold_count
from mimamo.estimate.workload import AFFWILD2


def test_at_full_size_it_has_the_numbers_of_affwild2():
    videos = plan(1, 0)
    assert {part: sum(video.subset == part for video in videos) for part in NAMES} == AFFWILD2.names
    assert len({video.name for video in videos}) == len(videos) == 561
    assert sum(video.seen.sum() for video in videos) == pytest.approx(AFFWILD2.crops, rel=1e-3)
    fitted = [video for video in videos if video.subset != "test"]
    labelled = sum((video.seen & video.annotated).sum() for video in fitted)
    assert labelled == pytest.approx(AFFWILD2.fitted, rel=3e-3) and round(labelled / 1e6, 2) == 1.93
    lengths = [video.frames for video in videos]
    assert min(lengths) < np.mean(lengths) / 5 and max(lengths) > 5 * np.mean(lengths)


@pytest.mark.parametrize("size", [0.001, 0.02, 0.2])
def test_any_size_has_its_share_of_frames_and_enough_people(size):
    videos = plan(size, 0)
    for part, frames in FRAMES.items():
        assert sum(v.frames for v in videos if v.subset == part) == pytest.approx(size * frames, rel=0.3)
    check_fold_count(5, "merged", {video.name: video.subset for video in videos}, person_group)


def test_faces_are_missed_in_runs_at_both_ends_and_inside_and_here_and_there():
    (video,) = [video for video in plan(0.05, 0) if video.frames == max(v.frames for v in plan(0.05, 0))]
    edges = np.flatnonzero(np.diff(np.concatenate([[True], video.seen, [True]]).astype(int)))
    starts, lengths = edges[::2], np.diff(edges)[::2]
    assert starts[0] == 0 and lengths[0] > 5 and edges[-1] == video.frames and lengths[-1] > 5
    assert lengths[1:-1].max() > 5 and (lengths == 1).sum() > 20
    assert 0.015 < 1 - video.seen.mean() < 0.02
    assert np.diff(np.flatnonzero(~video.annotated)).tolist() == [1] * ((~video.annotated).sum() - 1)


def test_names_of_one_person_are_those_that_the_workflow_keeps_together():
    people: dict[int, set[str]] = {}
    for video in plan(0.1, 0):
        people.setdefault(video.person, set()).add(person_group(video.name))
    groups = [group for found in people.values() for group in found]
    assert len(groups) == len(set(groups)) == len(people)


def test_the_seed_decides_everything():
    first, again, other = plan(0.05, 0), plan(0.05, 0), plan(0.05, 1)
    assert first == again != other
    assert all((a.seen == b.seen).all() for a, b in zip(first, again, strict=True))
