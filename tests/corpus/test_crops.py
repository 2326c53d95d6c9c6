import cv2
import numpy as np
import pytest

from mimamo.corpus.crop_naming import CropNaming
from mimamo.corpus.crops import list_crops, read_crop
from mimamo.errors import InputError
from support.corpus import write_text
from support.images import claim_size


def test_crops_beyond_99999_are_crops(tmp_path):
    write_text(tmp_path / "100000.jpg", "")
    write_text(tmp_path / "00001.jpg", "")
    assert list_crops(tmp_path, CropNaming()).numbers == [1, 100000]


def test_read_crop_gives_red_green_blue(tmp_path):
    image = np.zeros((112, 112, 3), np.uint8)
    image[..., 2] = 200
    assert cv2.imwrite(str(tmp_path / "00001.jpg"), image)
    found = read_crop(tmp_path / "00001.jpg")
    assert found.shape == (112, 112, 3)
    assert found.dtype == np.uint8
    assert found[50, 50, 0] > 190 and found[50, 50, 2] < 10


def test_a_grey_crop_has_three_channels(tmp_path):
    assert cv2.imwrite(str(tmp_path / "00001.jpg"), np.full((112, 112), 99, np.uint8))
    assert read_crop(tmp_path / "00001.jpg").shape == (112, 112, 3)


@pytest.mark.parametrize("side", [5000, 12000, 60000])
def test_a_huge_image_is_refused_by_its_header(tmp_path, side):
    path = tmp_path / "00001.jpg"
    assert cv2.imwrite(str(path), np.zeros((112, 112, 3), np.uint8))
    path.write_bytes(claim_size(path.read_bytes(), side))
    with pytest.raises(InputError, match=r"00001.jpg: expected an image of at most 4096 pixels a side"):
        read_crop(tmp_path / "00001.jpg")
