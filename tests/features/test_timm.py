"""Timm's networks by name: their features, how crops are prepared, and what is said of wrong ones."""

import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone, check_backbone, feature_width, variant_of
from mimamo.features.extract import input_sizes, load_network, pool5, preparation_of
from mimamo.features.settings import check_spatial, settings_of
from mimamo.features.timm_networks import timm_name
from mimamo.features.weights import load_weights, read_state
from support.arrays import relative_error
from support.weights import SPATIAL, pictures, section, stirred

pytestmark = pytest.mark.usefixtures("one_thread")
timm = pytest.importorskip("timm")


@pytest.fixture(scope="module")
def vit(tmp_path_factory):
    """A small transformer of timm's as if it had been trained, and the file it is saved in."""
    network = stirred(timm.create_model("test_vit", pretrained=False))
    path = tmp_path_factory.mktemp("timm") / "vit.pth"
    torch.save(network.state_dict(), path)
    return network, path


def test_a_state_dict_gives_what_torchvision_makes_of_it(trained):
    _, path = trained("resnet18")
    images = torch.from_numpy(pictures(2, seed=1))
    ours, theirs = (
        Backbone(read_state(path, backbone=name)[0], name) for name in ("timm:resnet18", "resnet18")
    )
    assert ours.width == theirs.width == 512
    with torch.inference_mode():
        expected = theirs(images)
        assert relative_error(expected[:1], expected[1:]) > 1e-3
        assert relative_error(ours(images), expected) < 1e-5
        low = ours.lower_precision()(images)
    assert low.dtype == torch.float32 and 1e-4 < relative_error(low, expected) < 0.2


def test_features_are_what_timm_hands_to_its_last_layer(vit):
    network, path = vit
    ours, record = load_network(section("timm:test_vit", path, size=None))
    images = pictures(2, 160, seed=1)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(network.default_cfg[key]).view(3, 1, 1) for key in ("mean", "std"))
    with torch.inference_mode():
        maps = network.forward_features((pixels - mean) / std)
        expected = network.forward_head(maps, pre_logits=True)
    found = pool5(ours, images).astype(np.float32)
    assert found.shape == (2, 64) == (2, feature_width("timm:test_vit"))
    assert relative_error(found, expected.numpy()) < 1e-3
    assert record["form"] == "timm" and record["name"] == "vit.pth"
    assert (record["input_size"], record["resize"]) == (160, 168)


def test_values_that_are_in_no_state_dict_are_there():
    ours, _ = load_network(section("timm:swin_tiny_patch4_window7_224", "random", size=None))
    assert not any(value.is_meta for value in ours.body.buffers())
    values = pool5(ours, pictures(1, 224))
    assert values.shape == (1, 768) and np.isfinite(values).all()


def test_preprocessing_is_that_of_timms_data_config_unless_it_is_set():
    variant = variant_of("timm:vit_base_patch16_clip_224.openai")
    preset = timm.data.resolve_data_config(
        {}, pretrained_cfg=timm.get_pretrained_cfg("vit_base_patch16_clip_224.openai").to_dict()
    )
    assert (variant.mean, variant.std) == (preset["mean"], preset["std"]) != ((0.5,) * 3,) * 2
    assert variant.bicubic and not variant_of("timm:vgg11").bicubic
    assert input_sizes({"input_size": None, "resize": None}, variant) == (224, int(224 / 0.9))
    assert input_sizes({"input_size": 64, "resize": 80}, variant_of("timm:resnet18")) == (64, 80)
    prepared = preparation_of(load_network(section("timm:resnet18", "random", 32))[0], SPATIAL)
    assert (prepared.size, prepared.resize, prepared.bicubic) == (32, 32, True)


def test_random_weights_are_the_same_each_time():
    (first, weights), (again, _) = (load_weights(section("timm:test_vit", "random")) for _ in range(2))
    assert weights.name == "random (seed 0)" and not any(key.startswith("head.") for key in first)
    assert all(torch.equal(value, again[key]) for key, value in first.items())


def test_safetensors_are_read_as_they_are_published(vit, tmp_path):
    network, path = vit
    save_file(network.state_dict(), tmp_path / "vit.safetensors")
    found, wanted = (
        read_state(file, backbone="timm:test_vit")[0] for file in (tmp_path / "vit.safetensors", path)
    )
    assert found.keys() == wanted.keys() and all(torch.equal(found[key], wanted[key]) for key in wanted)
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "vit.safetensors").read_bytes()[:-9])
    with pytest.raises(InputError, match=r"cut\.safetensors: expected a state dict, found a damaged file"):
        read_state(tmp_path / "cut.safetensors", backbone="timm:test_vit")


def test_a_state_dict_of_another_network_is_told_with_its_keys(trained):
    with pytest.raises(InputError, match=r"hold a timm:test_vit .* missing: .*blocks\.0.* left over: .*bn1"):
        read_state(trained("resnet18")[1], backbone="timm:test_vit")


@pytest.mark.parametrize(
    ("backbone", "said"),
    [
        ("timm:resnet81", r"is timm:resnet81: set it to another one, such as timm:resnet\d"),
        ("timm:resnet18.nosuch", r"is timm:resnet18\.nosuch: .* such as timm:resnet18\.\w+"),
        ("timm:hf-hub:somebody/something", "name of one of timm's networks"),
        ("timm:", "name of one of timm's networks"),
    ],
)
def test_unknown_names_are_told_with_near_ones(backbone, said):
    with pytest.raises(ConfigError, match=said):
        check_backbone(backbone, None)


def test_a_size_that_a_network_does_not_take_is_told():
    with pytest.raises(
        ConfigError, match=r"spatial\.input_size .* timm:vit_tiny_patch16_224 takes and .* 224"
    ):
        check_backbone("timm:vit_tiny_patch16_224", 112)


def test_without_timm_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ConfigError, match=r"not installed: run pip install '\.\[timm\]'"):
        timm_name("timm:resnet18")


def test_nothing_of_timm_is_fetched():
    with pytest.raises(ConfigError, match="imagenet is for torchvision's networks"):
        check_spatial(section("timm:resnet18", "imagenet"))


def test_what_is_wrong_is_said_of_the_place_where_it_is_set(tmp_path):
    said = r"streams\.other\.weights imagenet .* streams\.other\.backbone is"
    with pytest.raises(ConfigError, match=said), settings_of("streams.other"):
        check_spatial(section("timm:resnet18", "imagenet"))
    # Paths stay what they are.
    said = rf"^{tmp_path}/spatial\.weights should .* set streams\.b\.weights"
    with pytest.raises(ConfigError, match=said), settings_of("streams.b"):
        check_spatial(section("resnet18", tmp_path / "spatial.weights"))
