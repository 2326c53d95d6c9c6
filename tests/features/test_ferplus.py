"""The published ResNet-50 against a forward pass written from the facts about it, without torchvision."""

import hashlib
import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from mimamo.corpus.crops import read_crop
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone, torchvision_variant
from mimamo.features.extract import features_batch, input_sizes, load_network
from mimamo.features.preparation import prepare
from mimamo.features.variants import CAFFE
from mimamo.features.weights import read_state
from support.arrays import relative_error
from support.weights import BLOCKS

pytestmark = pytest.mark.usefixtures("one_thread")

MEAN = (131.0912, 103.8827, 91.4953)


def plain_forward(state, images, eps=1e-5, stride_of_reduction=2, stem_padding=0):
    """The features of uint8 RGB images (n, size, size, 3), in double precision."""
    state = {name: value.double() for name, value in state.items()}

    def layer(maps, name, stride=1, padding=0):
        maps = functional.conv2d(maps, state[f"{name}.weight"], stride=stride, padding=padding)
        norm = [state[f"{name}_bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(maps, *norm, training=False, eps=eps)

    maps = torch.from_numpy(images).permute(0, 3, 1, 2).double()
    maps = maps - torch.tensor(MEAN, dtype=torch.float64).view(3, 1, 1)
    maps = functional.relu(layer(maps, "conv1_7x7_s2", 2, 3))
    maps = functional.max_pool2d(maps, 3, 2, stem_padding, ceil_mode=True)
    for stage, blocks in BLOCKS.items():
        for block in range(1, blocks + 1):
            name, stride = f"conv{stage}_{block}", 2 if block == 1 and stage > 2 else 1
            first, second = (stride, 1) if stride_of_reduction == 2 else (1, stride)
            inner = functional.relu(layer(maps, f"{name}_1x1_reduce", first))
            inner = functional.relu(layer(inner, f"{name}_3x3", second, 1))
            inner = layer(inner, f"{name}_1x1_increase")
            shortcut = layer(maps, f"{name}_1x1_proj", stride) if block == 1 else maps
            maps = functional.relu(inner + shortcut)
    return maps.mean((2, 3))


@pytest.fixture(scope="module")
def state(ferplus_file):
    return torch.load(ferplus_file, weights_only=True)


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (2, 224, 224, 3), np.uint8)


@pytest.fixture(scope="module")
def expected(state, faces):
    return plain_forward(state, faces)


# The network ----------------------------------------------------------------------------------------------


def test_features_are_those_of_a_plain_forward_pass(ferplus_file, faces, expected):
    state, form = read_state(ferplus_file)
    network = Backbone(state, "resnet50", form)
    assert network.variant is CAFFE
    with torch.inference_mode():
        found = network(torch.from_numpy(faces)).double()
    assert found.shape == (2, 2048)
    # Features that do not tell the faces apart would agree with anything.
    assert relative_error(expected[0], expected[1]) > 0.01 and 0.01 < expected.std() < 1000
    error = relative_error(found, expected)
    print(f"relative error {error:.1e}, greatest {float((found - expected).abs().max()):.1e}")
    assert error < 1e-4
    assert float((found - expected).abs().max() / expected.abs().max()) < 1e-4


@pytest.mark.parametrize(
    "fault",
    [{"eps": 1e-3}, {"stride_of_reduction": 1}, {"stem_padding": 1}],
    ids=lambda fault: next(iter(fault)),
)
def test_each_of_the_facts_matters(state, faces, expected, fault):
    """Or the test above could not tell whether the network keeps to it."""
    assert relative_error(plain_forward(state, faces, **fault), expected) > 1e-3


def test_torchvisions_form_gives_other_features(ferplus_file, faces, expected):
    with torch.inference_mode():
        found = Backbone(read_state(ferplus_file)[0])(torch.from_numpy(faces)).double()
    assert relative_error(found, expected) > 0.1


# The names ------------------------------------------------------------------------------------------------


def test_every_name_is_accounted_for(state, tmp_path):
    wrong = dict(state)
    del wrong["conv4_6_3x3.weight"], wrong["conv2_1_1x1_proj_bn.bias"]
    wrong["conv6_1_3x3.weight"] = wrong["fc.weight"] = torch.zeros(1)
    wrong["conv1_7x7_s2.weight"] = torch.zeros(64, 3, 3, 3)
    torch.save(wrong, tmp_path / "wrong.pth")
    with pytest.raises(InputError) as told:
        read_state(tmp_path / "wrong.pth")
    for part in (
        "2 missing: conv2_1_1x1_proj_bn.bias, conv4_6_3x3.weight",
        "2 left over: conv6_1_3x3.weight, fc.weight",
        "1 of another shape: conv1_7x7_s2.weight",
        "wrong.pth",
        "caffe's names",
    ):
        assert part in str(told.value)


def test_counts_of_batches_may_be_there_and_the_classifier_may_be_missing(state, ferplus_file, tmp_path):
    other = {name: value for name, value in state.items() if not name.startswith("classifier")}
    for name in [name for name in other if name.endswith("running_mean")]:
        other[name.replace("running_mean", "num_batches_tracked")] = torch.tensor(7)
    torch.save(other, tmp_path / "other.pth")
    with_counts, form = read_state(tmp_path / "other.pth")
    without, _ = read_state(ferplus_file)
    assert form is CAFFE and with_counts.keys() == without.keys()
    assert all(
        torch.equal(value, without[key]) for key, value in with_counts.items() if "num_batches" not in key
    )


def test_the_older_format_of_files_is_read(state, tmp_path, ferplus_file):
    """The published file is from before torch's zip format."""
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    found, form = read_state(tmp_path / "old.pth")
    assert form is CAFFE
    assert torch.equal(found["layer3.0.conv2.weight"], state["conv4_1_3x3.weight"])
    assert torch.equal(found["layer1.2.bn3.bias"], state["conv2_3_1x1_increase_bn.bias"])


# Preprocessing --------------------------------------------------------------------------------------------


def test_preprocessing_follows_the_weights(ferplus_file, spatial):
    for weights, form in ((str(ferplus_file), "caffe"), ("random", "torchvision")):
        network, about = load_network({**spatial, "weights": weights})
        assert (about["form"], about["input_size"], about["resize"]) == (form, 224, 256)
        seen = []
        network.body.register_forward_pre_hook(lambda module, inputs, seen=seen: seen.append(inputs[0]))
        colours = torch.tensor([255, 100, 0], dtype=torch.uint8)
        with torch.inference_mode():
            network(colours.expand(1, 32, 32, 3).to(next(network.parameters()).device))
        if form == "caffe":
            wanted = colours.float() - torch.tensor(MEAN)
        else:
            mean, spread = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
            wanted = (colours / 255 - mean) / spread
        assert torch.allclose(seen[0][0, :, 9, 9].cpu(), wanted, atol=1e-4)


@pytest.mark.parametrize(
    ("size", "resize", "found"),
    [(None, None, (224, 256)), (112, None, (112, 128)), (112, 112, (112, 112)), (None, 224, (224, 224))],
)
def test_sizes_are_those_of_training_unless_given(size, resize, found):
    for form in (CAFFE, torchvision_variant("resnet50")):
        assert input_sizes({"input_size": size, "resize": resize}, form) == found


def test_a_resize_below_the_weights_input_size_is_told():
    with pytest.raises(ConfigError, match=r"spatial\.resize should be at least .* 224, and is 112"):
        input_sizes({"input_size": None, "resize": 112}, CAFFE)


def test_a_batch_of_crops_gets_the_published_networks_features(state, ferplus_file, spatial, batch, tmp_path):
    batch |= {"keys": {"105": "as given"}, "spatial": {**spatial, "url": str(ferplus_file)}}
    features_batch(**batch, folder=tmp_path / "features")
    crop = read_crop(tmp_path / "root" / "cropped_aligned" / "105" / "00003.jpg")
    wanted = plain_forward(state, prepare([crop], 224, 256))[0]
    found = torch.from_numpy(np.load(tmp_path / "features" / "105.npy")["pool5"][1].astype(float))
    # The cache is in half precision.
    assert relative_error(found, wanted) < 1e-3
    about = json.loads((tmp_path / "features" / "105.json").read_text())["weights"]
    assert about == {
        "backbone": "resnet50",
        "name": "ferplus",
        "sha256": hashlib.sha256(ferplus_file.read_bytes()).hexdigest(),
        "form": "caffe",
        "input_size": 224,
        "resize": 256,
        "precision": "float32",
    }
