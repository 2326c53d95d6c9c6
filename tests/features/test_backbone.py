"""Torchvision's networks by name, against what torchvision itself hands to their last layer."""

import json

import numpy as np
import pytest
import torch
from torchvision.transforms.functional import InterpolationMode

from mimamo.errors import ConfigError
from mimamo.features.backbone import Backbone, build_network, torchvision_variant, torchvision_weights
from mimamo.features.extract import features_batch, input_sizes, load_network, pool5
from mimamo.features.preparation import prepare
from mimamo.features.weights import load_weights, read_state
from support.arrays import relative_error
from support.weights import SPATIAL, pictures, section

pytestmark = pytest.mark.usefixtures("one_thread")

# The last layer and the values it reads. They pool and normalise in different ways and places.
FAMILIES = {
    "resnet18": ("fc", 512), "convnext_tiny": ("classifier.2", 768), "swin_t": ("head", 768),
    "mobilenet_v3_small": ("classifier.3", 1024), "shufflenet_v2_x0_5": ("fc", 1024),
    "googlenet": ("fc", 1024),
}  # fmt: skip


def plain(network: torch.nn.Module, layer: str, backbone: str, images: np.ndarray) -> np.ndarray:
    """What torchvision's network hands to a layer, for pictures normalised by its weights' own transforms."""
    seen = []
    handle = network.get_submodule(layer).register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    preset = torchvision_weights(backbone).transforms(crop_size=images.shape[1], resize_size=images.shape[1])
    with torch.inference_mode():
        network(preset(torch.from_numpy(images).permute(0, 3, 1, 2)))
    handle.remove()
    return seen[0].numpy()


@pytest.mark.parametrize("backbone", FAMILIES)
def test_features_are_what_torchvision_hands_to_its_last_layer(trained, backbone):
    layer, width = FAMILIES[backbone]
    network, path = trained(backbone)
    images = pictures(2, seed=1)
    expected = plain(network, layer, backbone, images)
    assert expected.shape == (2, width) and relative_error(expected[:1], expected[1:]) > 1e-3
    state, form = read_state(path, backbone=backbone)
    ours = Backbone(state, backbone, form)
    assert ours.width == width
    with torch.inference_mode():
        assert relative_error(ours(torch.from_numpy(images)).numpy(), expected) < 1e-5
        low = ours.lower_precision()(torch.from_numpy(images))
    # Eight bits in every product: far off would be a part that was left out or converted twice.
    assert low.dtype == torch.float32 and 1e-4 < relative_error(low.numpy(), expected) < 0.2


@pytest.mark.parametrize(
    ("backbone", "left"), [("resnet18", 0), ("mobilenet_v3_small", 0), ("densenet121", 62)]
)
def test_every_batch_norm_behind_a_convolution_is_folded_into_it(backbone, left):
    norms = [part for part in build_network(backbone).modules() if isinstance(part, torch.nn.BatchNorm2d)]
    ours = Backbone(load_weights(section(backbone, "random"))[0], backbone)
    kept = [part for part in ours.body.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert len(kept) == left < len(norms)


def test_pooling_and_what_follows_it_stay_in_single_precision(trained):
    ours = Backbone(read_state(trained("convnext_tiny")[1], backbone="convnext_tiny")[0], "convnext_tiny")
    before = ours.body.state_dict()["classifier.0.weight"].clone()
    after = ours.lower_precision().body.state_dict()
    assert torch.equal(after["classifier.0.weight"], before)
    assert {str(value.dtype) for key, value in after.items() if key.startswith("features")} == {
        "torch.bfloat16"
    }


def test_preprocessing_is_that_of_the_weights_transforms():
    for backbone, size, resize in (
        ("resnet18", 224, 256),
        ("convnext_tiny", 224, 236),
        ("inception_v3", 299, 342),
    ):
        preset, form = torchvision_weights(backbone).transforms(), torchvision_variant(backbone)
        assert input_sizes({"input_size": None, "resize": None}, form) == (size, resize)
        assert (list(form.mean), list(form.std)) == (preset.mean, preset.std)
        assert (size, resize) == (preset.crop_size[0], preset.resize_size[0])
    assert torchvision_weights("swin_t").transforms().interpolation is InterpolationMode.BICUBIC
    assert torchvision_variant("swin_t").bicubic and not torchvision_variant("resnet18").bicubic


def test_crops_are_enlarged_as_the_weights_want():
    crops = pictures(1, 16, seed=1)
    bicubic, linear = prepare(crops, 64, 64, bicubic=True), prepare(crops, 64, 64)
    wanted = torch.nn.functional.interpolate(
        torch.from_numpy(crops).permute(0, 3, 1, 2).float(), size=64, mode="bicubic", align_corners=False
    )
    off = [
        np.abs(wanted.permute(0, 2, 3, 1).clamp(0, 255).numpy() - found).mean() for found in (bicubic, linear)
    ]
    assert off[0] < 2 < off[1]


def test_the_width_follows_into_cache_and_record(trained, batch, tmp_path):
    _, path = trained("resnet18")
    features_batch(**batch, spatial=section("resnet18", path), folder=tmp_path / "features")
    cache = np.load(tmp_path / "features" / "105.npy")
    assert cache["pool5"].shape == (6, 512) and cache["pool5"].any(1).all()
    about = json.loads((tmp_path / "features" / "105.json").read_text())["weights"]
    assert (about["backbone"], about["name"], about["form"]) == ("resnet18", "resnet18.pth", "torchvision")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"backbone": "resnet5"}, r"spatial\.backbone should be .* and is resnet5: .* such as resnet50"),
        (
            {"backbone": "fasterrcnn_resnet50_fpn"},
            "spatial.backbone should be the name of one of torchvision's",
        ),
        ({"backbone": "squeezenet1_0"}, "squeezenet1_0 does not"),
        (
            {"backbone": "resnet18", "weights": "ferplus"},
            "ferplus is for resnet50, and spatial.backbone is resnet18",
        ),
        (
            {"backbone": "vit_b_32", "input_size": 64, "resize": 64},
            r"vit_b_32 takes and is 64 .* null, which is 224",
        ),
        ({"backbone": "mnasnet0_5"}, None),
    ],
)
def test_what_a_backbone_cannot_do_is_one_sentence(settings, told):
    if told is None:
        network, _ = load_network({**SPATIAL, **settings})
        assert network.width == 1280 and pool5(network, pictures(1, 32, seed=1)).shape == (1, 1280)
        return
    with pytest.raises(ConfigError, match=told) as error:
        load_network({**SPATIAL, **settings})
    assert "\n" not in str(error.value)
