"""The crops that caches are computed from, whatever their files are called."""

import numpy as np
import pytest

from mimamo.corpus.extraction import find_crops
from support.corpus import DATA, write_crops


@pytest.mark.parametrize(
    ("form", "first", "data"),
    [
        ("frame_det_00_%06d.jpg", 1, {}),
        ("%05d.jpg", 0, {}),
        ("img-%d.JPEG", 0, {"crop_names": "img-%d.JPEG", "first_frame": 0}),
    ],
)
def test_frames_get_the_same_pictures_whatever_the_files_are_called(root, form, first, data):
    numbers = {"105": [1, 2, 5, 12], "7": [1, 3]}
    for name, frames in numbers.items():
        write_crops(root, name, frames)
    usable = {name: np.array(frames) for name, frames in numbers.items()}
    before = [block for crops in find_crops(usable, DATA, root) for block in crops.blocks(3)]
    for path in sorted((root / "cropped_aligned").glob("*/*")):
        path.rename(path.with_name(form % (int(path.stem) - 1 + first)))
    batch = find_crops(usable, {**DATA, **data}, root)
    after = [block for crops in batch for block in crops.blocks(3)]
    assert [frames.tolist() for frames, _ in after] == [[1, 2, 5], [12], [1, 3]]
    for (frames, pictures), (others, same) in zip(before, after, strict=True):
        np.testing.assert_array_equal(frames, others)
        np.testing.assert_array_equal(pictures, same)
