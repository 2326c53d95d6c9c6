import json

import numpy as np
import pytest
import torch

from mimamo.corpus.crops import read_crop
from mimamo.device import has_native_bfloat16
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone
from mimamo.features.extract import features_batch, load_network, pool5
from mimamo.features.preparation import prepare
from mimamo.storage.frame_cache import open_cache
from support.arrays import relative_error
from support.weights import SPATIAL, load, pictures

pytestmark = pytest.mark.usefixtures("one_thread")


# The network ---------------------------------------------------------------------------------------------


def test_pool5_is_what_torchvision_hands_to_its_classifier(resnet50, resnet50_file):
    images = pictures(3)
    seen = []
    handle = resnet50.fc.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.inference_mode():
        resnet50((pixels - mean[:, None, None]) / std[:, None, None])
        handle.remove()
        network = Backbone(load(str(resnet50_file))[0])
        found = network(torch.from_numpy(images))
    assert found.shape == (3, 2048)
    assert relative_error(found.numpy(), seen[0].numpy()) < 1e-5
    assert np.array_equal(pool5(network, images), found.half().numpy())


def test_bfloat16_is_close_to_single_precision(random_weights):
    images = pictures(4)
    state, _ = random_weights
    single, low = pool5(Backbone(state), images), pool5(Backbone(state).lower_precision(), images)
    assert not np.array_equal(single, low)
    assert relative_error(low, single) < 0.02


def test_random_features_tell_pictures_apart_and_fit_half_precision(random_weights):
    features = pool5(Backbone(random_weights[0]), pictures(8)).astype(float)
    assert 1 < features.std() < 1000
    assert features.max() < 60000
    spread = features.std(0)
    assert np.mean(spread > 0.01 * features.std()) > 0.9


def test_features_do_not_depend_on_the_rest_of_the_batch(random_weights):
    images = pictures(5)
    network = Backbone(random_weights[0])
    together = pool5(network, images)
    alone = np.concatenate([pool5(network, images[i : i + 1]) for i in range(5)])
    assert relative_error(alone, together) < 1e-3


def test_precision_follows_the_configuration_and_the_processor(random_weights):
    _, about = load_network({**SPATIAL, "precision": "bfloat16"})
    assert about["precision"] == "bfloat16"
    _, about = load_network({**SPATIAL, "precision": "auto"})
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    assert about["precision"] == ("bfloat16" if has_native_bfloat16(device) else "float32")
    assert about["name"] == "random (seed 0)"
    assert len(about["sha256"]) == 64


# Crops ---------------------------------------------------------------------------------------------------


def test_a_crop_of_the_right_size_is_left_alone():
    images = pictures(2, 48)
    assert np.array_equal(prepare(images, 48, 48), images)


def test_the_centre_is_cut_out_of_the_resized_crop():
    crop = np.zeros((100, 140, 3), np.uint8)
    crop[40:60, 60:80] = 200
    prepared = prepare([crop], 40, 50)
    assert prepared.shape == (1, 40, 40, 3)
    # Halved, the square is 10 wide and still in the middle.
    rows, columns = np.nonzero(prepared[0, ..., 0] == 200)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (15, 24, 15, 24)
    assert prepared[0].sum() == 200 * 100 * 3


def test_small_patterns_do_not_turn_into_false_ones():
    crop = np.zeros((100, 100, 3), np.uint8)
    crop[::2, ::2] = crop[1::2, 1::2] = 200
    assert np.all(prepare([crop], 50, 50) == 100)


@pytest.mark.parametrize("shape", [(112, 112), (111, 113), (57, 200), (300, 61)])
@pytest.mark.parametrize(("size", "resize"), [(32, 32), (32, 37), (224, 256)])
def test_every_shape_gives_the_input_size(shape, size, resize):
    assert prepare([np.zeros((*shape, 3), np.uint8)], size, resize).shape == (1, size, size, 3)


def test_a_resize_below_the_input_size_is_told():
    with pytest.raises(
        ConfigError, match=r"spatial\.resize should be at least spatial\.input_size, 32, and is 16"
    ):
        load_network({**SPATIAL, "resize": 16})


# Batches -------------------------------------------------------------------------------------------------


@pytest.fixture
def batch(batch):
    return {**batch, "spatial": SPATIAL}


def test_a_batch_gets_features_by_frame_number_and_a_note_about_the_weights(batch, tmp_path, random_weights):
    features_batch(**batch, folder=tmp_path / "features")
    names = sorted(path.name for path in (tmp_path / "features").iterdir())
    assert names == [f"{name}.{kind}" for name in ("105", "empty", "video1_left") for kind in ("json", "npy")]
    assert len(open_cache(tmp_path / "features" / "empty.npy")) == 0
    cache = np.load(tmp_path / "features" / "105.npy")
    assert cache["frame"].tolist() == [2, 3, 4, 6, 7, 9]
    crop = read_crop(tmp_path / "root" / "cropped_aligned" / "105" / "00006.jpg")
    expected = pool5(Backbone(random_weights[0]), prepare([crop], 32, 32))[0]
    assert relative_error(cache["pool5"][3], expected) < 1e-3
    about = json.loads((tmp_path / "features" / "105.json").read_text())["weights"]
    assert about == {
        "backbone": "resnet50",
        "name": "random (seed 0)",
        "sha256": random_weights[1].sha256,
        "form": "torchvision",
        "input_size": 32,
        "resize": 32,
        "precision": "float32",
    }


def test_a_batch_is_the_same_to_the_byte_each_time(batch, tmp_path):
    batch["spatial"] = {**SPATIAL, "precision": "auto"}
    for folder in ("first", "second"):
        features_batch(**batch, folder=tmp_path / folder)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_features_beyond_half_precision_are_told_and_leave_nothing(batch, tmp_path, resnet50_state):
    resnet50_state["bn1.weight"] = resnet50_state["bn1.weight"] * 1e9
    torch.save(resnet50_state, tmp_path / "huge.pth")
    batch["spatial"] = {**SPATIAL, "weights": str(tmp_path / "huge.pth")}
    with pytest.raises(InputError, match=r"half precision, found (larger ones|values that are not numbers)"):
        features_batch(**batch, folder=tmp_path / "features")
    assert list((tmp_path / "features").iterdir()) == []


def test_features_that_are_all_zero_are_told(batch, tmp_path, resnet50_state):
    torch.save({name: torch.zeros_like(value) for name, value in resnet50_state.items()}, tmp_path / "0.pth")
    batch["spatial"] = {**SPATIAL, "weights": str(tmp_path / "0.pth")}
    with pytest.raises(InputError, match="half precision, found zeros alone"):
        features_batch(**batch, folder=tmp_path / "features")


def test_a_damaged_crop_is_told_and_leaves_nothing(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105" / "00004.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"00004\.jpg"):
        features_batch(**batch, folder=tmp_path / "features")
    assert list((tmp_path / "features").iterdir()) == []
