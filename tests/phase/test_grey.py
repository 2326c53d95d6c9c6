import numpy as np
import pytest
from PIL import Image

from mimamo.corpus.crops import read_crop
from mimamo.phase.grey import grey48


def test_crops_are_reduced_as_the_golden_frames_were(shared, golden):
    folder = shared / "real" / "cropped_aligned" / "woman_expressions"
    if not folder.is_dir():
        pytest.skip("no real crops beside the project")
    frames = grey48(
        [read_crop(folder / f"{number:05d}.jpg", grey=True) for number in golden["frame_index"][:20]]
    )
    off = np.abs(frames * 255 - golden["frames_48"][:20])
    # JPEG decoders differ by a grey level here and there.
    assert off.max() < 1.5
    assert off.mean() < 0.05


@pytest.mark.parametrize(("height", "width"), [(112, 112), (120, 97), (48, 224), (31, 48)])
def test_crops_are_reduced_as_pillow_does(height, width):
    crops = [np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8) for seed in range(5)]
    wanted = [Image.fromarray(crop).resize((48, 48), Image.Resampling.LANCZOS) for crop in crops]
    off = np.abs(grey48(crops) * 255 - np.stack([np.asarray(image) for image in wanted]))
    # Where a value lies half-way between two levels, the last digit decides.
    assert off.max() < 1.01
    assert (off > 0.5).mean() < 0.001


def test_crops_of_several_sizes_keep_their_order():
    crops = [np.full((50 + size, 60), 10 * size, np.uint8) for size in (1, 2, 2, 1, 3)]
    assert grey48(crops).mean((1, 2)) * 255 == pytest.approx([10, 20, 20, 10, 30])
