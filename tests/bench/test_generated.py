from mimamo.bench.generated import write_caches, write_crops
from mimamo.corpus.crops import read_crop
from mimamo.storage.frame_cache import open_cache


def test_generated_data_is_what_the_stages_read(tmp_path):
    frames = write_crops(tmp_path / "crops", 70)
    assert read_crop(tmp_path / "crops" / "00070.jpg").shape == (112, 112, 3)
    assert len(frames) == len(list((tmp_path / "crops").iterdir())) == 70
    features, phase = write_caches(tmp_path, "a", 300, width=8).values()
    assert open_cache(phase).frames.tolist() == open_cache(features).frames.tolist() == list(range(1, 301))
