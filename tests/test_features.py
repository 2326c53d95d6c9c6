import hashlib
import json

import numpy as np
import pytest
import torch
from small_weights import SPATIAL, stirred
from torchvision.models import ResNet50_Weights, resnet50

from mimamo.corpus.crops import read_crop
from mimamo.device import bfloat16_pays
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone
from mimamo.features.extract import features_batch, load_network, pool5, prepare
from mimamo.features.weights import load_weights
from mimamo.storage import download
from mimamo.storage.frame_cache import open_cache

pytestmark = pytest.mark.usefixtures("one_thread")


def load(weights, sha256=None):
    return load_weights({**SPATIAL, "weights": weights, "sha256": sha256})


@pytest.fixture(scope="module")
def random_weights():
    return load("random")


@pytest.fixture(scope="module")
def trained():
    """A network whose batch norms do something, as those of a trained one do."""
    return stirred(resnet50(weights=None))


@pytest.fixture(scope="module")
def trained_file(trained, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "trained.pth"
    torch.save(trained.state_dict(), path)
    return path


@pytest.fixture
def state(trained):
    return dict(trained.state_dict())


def pictures(count, size=64, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, size, size, 3), np.uint8)


def relative(found, expected):
    expected = expected.astype(float)
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


# The network ---------------------------------------------------------------------------------------------


def test_pool5_is_what_torchvision_hands_to_its_classifier(trained, trained_file):
    images = pictures(3)
    seen = []
    handle = trained.fc.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.inference_mode():
        trained((pixels - mean[:, None, None]) / std[:, None, None])
        handle.remove()
        network = Backbone(load(str(trained_file))[0])
        found = network(torch.from_numpy(images))
    assert found.shape == (3, 2048)
    assert relative(found.numpy(), seen[0].numpy()) < 1e-5
    assert np.array_equal(pool5(network, images), found.half().numpy())


def test_bfloat16_is_close_to_single_precision(random_weights):
    images = pictures(4)
    state, _ = random_weights
    single, low = pool5(Backbone(state), images), pool5(Backbone(state).lower_precision(), images)
    assert not np.array_equal(single, low)
    assert relative(low, single) < 0.02


def test_random_features_tell_pictures_apart_and_fit_half_precision(random_weights):
    features = pool5(Backbone(random_weights[0]), pictures(8)).astype(float)
    assert 1 < features.std() < 1000
    assert features.max() < 60000
    spread = features.std(0)
    assert np.mean(spread > 0.01 * features.std()) > 0.9


def test_random_weights_are_the_same_each_time_and_leave_the_generator_alone(random_weights):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    state, weights = load("random")
    assert torch.equal(torch.get_rng_state(), before)
    assert weights == random_weights[1]
    assert weights.name == "random (seed 0)"
    assert all(torch.equal(state[key], value) for key, value in random_weights[0].items())


def test_features_do_not_depend_on_the_rest_of_the_batch(random_weights):
    images = pictures(5)
    network = Backbone(random_weights[0])
    together = pool5(network, images)
    alone = np.concatenate([pool5(network, images[i : i + 1]) for i in range(5)])
    assert relative(alone, together) < 1e-3


def test_precision_follows_the_configuration_and_the_processor(random_weights):
    _, about = load_network({**SPATIAL, "precision": "bfloat16"})
    assert about["precision"] == "bfloat16"
    _, about = load_network({**SPATIAL, "precision": "auto"})
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    assert about["precision"] == ("bfloat16" if bfloat16_pays(device) else "float32")
    assert about["name"] == "random (seed 0)"
    assert len(about["sha256"]) == 64


# Weight files --------------------------------------------------------------------------------------------


def test_a_file_of_weights_is_known_by_name_and_hash(trained_file, state):
    digest = hashlib.sha256(trained_file.read_bytes()).hexdigest()
    loaded, weights = load(str(trained_file), digest.upper())
    assert (weights.name, weights.sha256) == ("trained.pth", digest)
    assert torch.equal(loaded["layer4.2.conv3.weight"], state["layer4.2.conv3.weight"])
    assert "fc.weight" not in loaded


def test_a_classifier_and_counts_of_batches_may_be_missing(state, tmp_path):
    short = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    del short["fc.weight"], short["fc.bias"]
    torch.save(short, tmp_path / "short.pth")
    loaded, _ = load(str(tmp_path / "short.pth"))
    images = pictures(1)
    assert np.array_equal(
        pool5(Backbone(loaded), images),
        pool5(Backbone({key: value for key, value in state.items() if not key.startswith("fc.")}), images),
    )


def test_another_hash_is_told(trained_file):
    with pytest.raises(InputError) as told:
        load(str(trained_file), "0" * 64)
    assert hashlib.sha256(trained_file.read_bytes()).hexdigest() in str(told.value)
    assert "0" * 64 in str(told.value)
    assert "trained.pth" in str(told.value)


def test_all_names_that_do_not_fit_are_told(state, tmp_path):
    del state["layer1.0.conv1.weight"], state["bn1.bias"]
    state["layer5.0.conv1.weight"] = torch.zeros(3)
    state["conv1.weight"] = torch.zeros(64, 3, 3, 3)
    torch.save(state, tmp_path / "wrong.pth")
    with pytest.raises(InputError) as told:
        load(str(tmp_path / "wrong.pth"))
    for part in (
        "2 missing: bn1.bias, layer1.0.conv1.weight",
        "1 left over: layer5.0.conv1.weight",
        "1 of another shape: conv1.weight",
        "wrong.pth",
    ):
        assert part in str(told.value)


def test_a_file_without_tensors_is_told(tmp_path):
    for content in ({"epoch": 3}, [1, 2], {"state_dict": {"a": torch.zeros(1)}}, torch.zeros(2)):
        torch.save(content, tmp_path / "other.pth")
        with pytest.raises(InputError, match="state dict"):
            load(str(tmp_path / "other.pth"))


@pytest.mark.parametrize("content", [b"", b"not weights at all"])
def test_a_damaged_file_is_told_in_one_sentence(tmp_path, content):
    path = tmp_path / "damaged.pth"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged\.pth") as told:
        load(str(path))
    assert "\n" not in str(told.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.pth .*spatial\.weights"):
        load(str(tmp_path / "nowhere.pth"))


def test_a_hash_for_random_weights_is_a_mistake():
    with pytest.raises(ConfigError, match=r"spatial\.sha256"):
        load("random", "0" * 64)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Torch hub's folder, on a machine that reaches nothing."""
    monkeypatch.setattr(download, "FIRST_WAIT", 0.0)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    return tmp_path / "hub" / "checkpoints"


def test_weights_that_cannot_be_fetched_are_told_with_their_place(hub):
    with pytest.raises(InputError) as told:
        load("imagenet")
    assert str(hub / "resnet50-0676ba61.pth") in str(told.value)
    assert "put the file there by hand" in str(told.value)
    assert not list(hub.iterdir())


def test_fetched_weights_must_have_the_hash_in_their_name(hub, trained_file):
    hub.mkdir(parents=True)
    (hub / ResNet50_Weights.IMAGENET1K_V1.url.split("/")[-1]).write_bytes(trained_file.read_bytes())
    with pytest.raises(InputError, match="0676ba61"):
        load("imagenet")
    # Who means another file says so by its hash.
    _, weights = load("imagenet", hashlib.sha256(trained_file.read_bytes()).hexdigest())
    assert weights.name == "ResNet50_Weights.IMAGENET1K_V1"


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
    assert names == ["105.npy", "empty.npy", "video1_left.npy", "weights.json"]
    assert len(open_cache(tmp_path / "features" / "empty.npy")) == 0
    cache = np.load(tmp_path / "features" / "105.npy")
    assert cache["frame"].tolist() == [2, 3, 4, 6, 7, 9]
    crop = read_crop(tmp_path / "root" / "cropped_aligned" / "105" / "00006.jpg")
    expected = pool5(Backbone(random_weights[0]), prepare([crop], 32, 32))[0]
    assert relative(cache["pool5"][3], expected) < 1e-3
    about = json.loads((tmp_path / "features" / "weights.json").read_text())
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


def test_features_beyond_half_precision_are_told_and_leave_nothing(batch, tmp_path, state):
    state["bn1.weight"] = state["bn1.weight"] * 1e9
    torch.save(state, tmp_path / "huge.pth")
    batch["spatial"] = {**SPATIAL, "weights": str(tmp_path / "huge.pth")}
    with pytest.raises(InputError, match="half precision"):
        features_batch(**batch, folder=tmp_path / "features")
    assert not (tmp_path / "features").exists()


def test_a_damaged_crop_is_told_and_leaves_nothing(batch, tmp_path):
    (tmp_path / "root" / "cropped_aligned" / "105" / "00004.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"00004\.jpg"):
        features_batch(**batch, folder=tmp_path / "features")
    assert not (tmp_path / "features").exists()
