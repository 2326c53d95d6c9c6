import numpy as np

from mimamo.corpus.layout import Corpus
from mimamo.figures.strip import FRAMES, find_strip, liveliest_run, motion_of
from mimamo.storage.frame_cache import open_cache
from support.figures import DATA


def test_strip_shows_successive_frames_where_most_moves(stage):
    rows = np.load(stage / "phase" / "001" / "video1.npy")
    motion = motion_of(open_cache(stage / "phase" / "001" / "video1.npy"))
    assert np.allclose(motion, np.abs(rows["level1"].astype(float)).mean((1, 2, 3)), rtol=1e-3)
    start = liveliest_run(rows["frame"], motion)
    assert rows["frame"][start : start + FRAMES].tolist() == list(range(27, 35)) or rows["frame"][start] == 26
    assert liveliest_run(rows["frame"][:7], motion[:7]) is None
    # A run must not reach over the hole at frame 20, nor begin right behind it.
    motion = np.zeros(len(motion), np.float32)
    motion[15:19] = motion[20:24] = 9
    assert rows["frame"][liveliest_run(rows["frame"], motion)] == 22


def test_strip_passes_over_names_without_cache_or_crops(stage):
    corpus = Corpus.from_config({"data": DATA}, stage)
    caches = {name: stage / "phase" / "001" / "video1.npy" for name in ("nowhere", "video1")}
    assert find_strip(["unknown", "nowhere", "video1"], caches, corpus).name == "video1"
    assert find_strip(["unknown", "nowhere"], caches, corpus) is None
