"""Files of weights: which one is taken, what must be in it, and what is said where it cannot be had."""

import hashlib
import json

import numpy as np
import pytest
import torch
from torchvision.models import ResNet18_Weights, ResNet50_Weights

from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import Backbone, build_network
from mimamo.features.extract import pool5
from mimamo.features.variants import CAFFE
from mimamo.features.weights import FERPLUS_URL, current_name, find_file, load_weights, record_weights
from support.weights import FERPLUS_FILE, load, pictures, section

pytestmark = pytest.mark.usefixtures("one_thread")


def test_random_weights_are_the_same_each_time_and_leave_the_generator_alone(random_weights):
    torch.manual_seed(1)
    before = torch.get_rng_state()
    state, weights = load("random")
    assert torch.equal(torch.get_rng_state(), before)
    assert weights == random_weights[1]
    assert weights.name == "random (seed 0)"
    assert all(torch.equal(state[key], value) for key, value in random_weights[0].items())


def test_a_file_of_weights_is_known_by_name_and_hash(resnet50_file, resnet50_state):
    digest = hashlib.sha256(resnet50_file.read_bytes()).hexdigest()
    loaded, weights = load(str(resnet50_file), digest.upper())
    assert (weights.name, weights.sha256) == ("trained.pth", digest)
    assert torch.equal(loaded["layer4.2.conv3.weight"], resnet50_state["layer4.2.conv3.weight"])
    assert "fc.weight" not in loaded


def test_a_classifier_and_counts_of_batches_may_be_missing(resnet50_state, tmp_path):
    short = {key: value for key, value in resnet50_state.items() if not key.endswith("num_batches_tracked")}
    del short["fc.weight"], short["fc.bias"]
    torch.save(short, tmp_path / "short.pth")
    loaded, _ = load(str(tmp_path / "short.pth"))
    images = pictures(1)
    assert np.array_equal(
        pool5(Backbone(loaded), images),
        pool5(
            Backbone({key: value for key, value in resnet50_state.items() if not key.startswith("fc.")}),
            images,
        ),
    )


def test_another_hash_is_told(resnet50_file):
    with pytest.raises(InputError) as told:
        load(str(resnet50_file), "0" * 64)
    assert hashlib.sha256(resnet50_file.read_bytes()).hexdigest() in str(told.value)
    assert "0" * 64 in str(told.value)
    assert "trained.pth" in str(told.value)


def test_all_names_that_do_not_fit_are_told(resnet50_state, tmp_path):
    del resnet50_state["layer1.0.conv1.weight"], resnet50_state["bn1.bias"]
    resnet50_state["layer5.0.conv1.weight"] = torch.zeros(3)
    resnet50_state["conv1.weight"] = torch.zeros(64, 3, 3, 3)
    torch.save(resnet50_state, tmp_path / "wrong.pth")
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


def test_weights_that_cannot_be_fetched_are_told_with_their_place(hub):
    with pytest.raises(InputError) as told:
        load("imagenet")
    assert str(hub / "resnet50-0676ba61.pth") in str(told.value)
    assert "put the file there by hand" in str(told.value)
    assert not list(hub.iterdir())


def test_fetched_weights_must_have_the_hash_in_their_name(hub, resnet50_file):
    hub.mkdir(parents=True)
    (hub / ResNet50_Weights.IMAGENET1K_V1.url.split("/")[-1]).write_bytes(resnet50_file.read_bytes())
    with pytest.raises(InputError, match="0676ba61"):
        load("imagenet")
    # Who means another file says so by its hash.
    _, weights = load("imagenet", hashlib.sha256(resnet50_file.read_bytes()).hexdigest())
    assert weights.name == "ResNet50_Weights.IMAGENET1K_V1"


def test_random_weights_are_of_the_backbone_and_the_same_each_time():
    (first, weights), (again, _) = (load_weights(section("resnet18", "random")) for _ in range(2))
    assert weights.name == "random (seed 0)" and "fc.weight" not in first
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    assert weights.sha256 != load_weights(section("resnet50", "random"))[1].sha256


def test_imagenet_is_the_oldest_file_for_the_backbone(tmp_path, monkeypatch, trained):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    expected = ResNet18_Weights.IMAGENET1K_V1
    path = tmp_path / "hub" / "checkpoints" / expected.url.rsplit("/", 1)[1]
    path.parent.mkdir(parents=True)
    path.write_bytes(trained("resnet18")[1].read_bytes())
    spatial = section("resnet18", "imagenet")
    assert find_file(spatial) == path
    with pytest.raises(InputError, match=path.stem.split("-")[1]):
        load_weights(spatial)


def test_weights_of_another_backbone_are_told(trained):
    with pytest.raises(
        InputError, match=r"should hold a convnext_tiny .* missing: .* spatial\.backbone"
    ) as told:
        load_weights(section("convnext_tiny", trained("resnet18")[1]))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("backbone", "old"),
    [
        ("densenet121", lambda key: key.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2.")),
        (
            "vit_b_32",
            lambda key: key.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."),
        ),
    ],
)
def test_torchvisions_former_names_are_known(backbone, old):
    names = build_network(backbone).state_dict()
    assert sum(old(name) != name for name in names) > 40
    assert [current_name(old(name)) for name in names] == list(names)


def test_offline_and_not_cached_is_one_sentence(offline, spatial, tmp_path):
    with pytest.raises(InputError) as told:
        load_weights(spatial)
    said = str(told.value)
    for part in (
        str(tmp_path / "cache" / FERPLUS_FILE),
        FERPLUS_URL,
        "put the file there by hand",
        "spatial.url",
    ):
        assert part in said
    assert "\n" not in said
    assert not list((tmp_path / "cache").iterdir())


def test_a_cached_file_needs_no_network(offline, spatial, ferplus_file, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FERPLUS_FILE).write_bytes(ferplus_file.read_bytes())
    _, weights = load_weights(spatial)
    assert weights.name == "ferplus" and weights.variant is CAFFE


def test_a_copy_is_taken_into_the_cache_and_recorded(offline, spatial, ferplus_file, tmp_path):
    record_weights({**spatial, "url": str(ferplus_file)}, tmp_path / "weights.json")
    digest = hashlib.sha256(ferplus_file.read_bytes()).hexdigest()
    record = json.loads((tmp_path / "weights.json").read_text())
    assert record == {"name": "ferplus", "sha256": digest, "form": "caffe"}
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [FERPLUS_FILE]
    assert (tmp_path / "cache" / FERPLUS_FILE).read_bytes() == ferplus_file.read_bytes()
    load_weights({**spatial, "sha256": digest.upper()})
    with pytest.raises(InputError, match="0" * 64):
        load_weights({**spatial, "sha256": "0" * 64})


@pytest.mark.parametrize("size", [0, 1000, -1000])
def test_a_cut_copy_never_gets_into_the_cache(spatial, ferplus_file, tmp_path, size):
    (tmp_path / "cut.pth").write_bytes(ferplus_file.read_bytes()[:size])
    with pytest.raises(InputError, match=r"cut\.pth: expected a state dict"):
        load_weights({**spatial, "url": str(tmp_path / "cut.pth")})
    assert not list((tmp_path / "cache").iterdir())


def test_a_copy_that_is_not_there_is_told(spatial, tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.pth .*spatial\.url"):
        load_weights({**spatial, "url": str(tmp_path / "nowhere.pth")})
    assert not list((tmp_path / "cache").iterdir())


def test_an_address_for_a_file_of_ones_own_is_a_mistake(spatial, ferplus_file):
    with pytest.raises(ConfigError, match=r"spatial\.url is for the weights ferplus or imagenet"):
        load_weights({**spatial, "weights": str(ferplus_file), "url": FERPLUS_URL})
