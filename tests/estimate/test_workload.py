from mimamo.estimate.workload import AFFWILD2, count_corpus
from support.corpus import corpus_at
from support.raw_videos import FRAMES, SETTINGS, make_raw_corpus


def test_affwild2_has_the_published_numbers():
    assert sum(AFFWILD2.names.values()) == 561 and AFFWILD2.crops == 2_647_921


def test_crops_that_are_to_be_made_are_counted_by_the_frames_of_the_videos(tmp_path):
    found = count_corpus(corpus_at(make_raw_corpus(tmp_path / "raw", ["ann"]), **SETTINGS))
    assert found.names == {"train": 1, "validation": 2, "test": 2}
    assert (found.fitted, found.test) == (3 * FRAMES, 2 * FRAMES)
