"""The published ResNet-50 against a forward pass written from the facts about it, without torchvision."""

import hashlib
import json

import numpy as np
import pytest
import torch
from small_weights import BLOCKS, SPATIAL
from torch.nn import functional
from workflow_runs import TINY, inputs, snakemake

from mimamo.corpus.crops import read_crop
from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import CAFFE, Backbone, torchvision_form
from mimamo.features.extract import features_batch, input_sizes, load_network, prepare
from mimamo.features.weights import FERPLUS_URL, load_weights, read_state, record_weights
from mimamo.storage import download

MEAN = (131.0912, 103.8827, 91.4953)
FILE = "resnet50_ferplus_dag.pth"


pytestmark = pytest.mark.usefixtures("one_thread")


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
def file(ferplus_file):
    return ferplus_file


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(2)
    return rng.integers(0, 256, (2, 224, 224, 3), np.uint8)


@pytest.fixture(scope="module")
def expected(state, faces):
    return plain_forward(state, faces)


@pytest.fixture
def spatial(tmp_path):
    """The published setting, with a cache of its own."""
    sizes = {"input_size": None, "resize": None}
    return {**SPATIAL, "weights": "ferplus", "cache": str(tmp_path / "cache"), **sizes}


def relative(found, wanted):
    return float((found - wanted).norm() / wanted.norm())


# The network ----------------------------------------------------------------------------------------------


def test_features_are_those_of_a_plain_forward_pass(file, faces, expected):
    state, form = read_state(file)
    network = Backbone(state, "resnet50", form)
    assert network.form is CAFFE
    with torch.inference_mode():
        found = network(torch.from_numpy(faces)).double()
    assert found.shape == (2, 2048)
    # Features that do not tell the faces apart would agree with anything.
    assert relative(expected[0], expected[1]) > 0.01 and 0.01 < expected.std() < 1000
    error = relative(found, expected)
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
    assert relative(plain_forward(state, faces, **fault), expected) > 1e-3


def test_torchvisions_form_gives_other_features(file, faces, expected):
    with torch.inference_mode():
        found = Backbone(read_state(file)[0])(torch.from_numpy(faces)).double()
    assert relative(found, expected) > 0.1


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


def test_counts_of_batches_may_be_there_and_the_classifier_may_be_missing(state, file, tmp_path):
    other = {name: value for name, value in state.items() if not name.startswith("classifier")}
    for name in [name for name in other if name.endswith("running_mean")]:
        other[name.replace("running_mean", "num_batches_tracked")] = torch.tensor(7)
    torch.save(other, tmp_path / "other.pth")
    with_counts, form = read_state(tmp_path / "other.pth")
    without, _ = read_state(file)
    assert form is CAFFE and with_counts.keys() == without.keys()
    assert all(
        torch.equal(value, without[key]) for key, value in with_counts.items() if "num_batches" not in key
    )


def test_the_older_format_of_files_is_read(state, tmp_path, file):
    """The published file is from before torch's zip format."""
    torch.save(state, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    found, form = read_state(tmp_path / "old.pth")
    assert form is CAFFE
    assert torch.equal(found["layer3.0.conv2.weight"], state["conv4_1_3x3.weight"])
    assert torch.equal(found["layer1.2.bn3.bias"], state["conv2_3_1x1_increase_bn.bias"])


# Preprocessing --------------------------------------------------------------------------------------------


def test_preprocessing_follows_the_weights(file, spatial):
    for weights, form in ((str(file), "caffe"), ("random", "torchvision")):
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
    for form in (CAFFE, torchvision_form("resnet50")):
        assert input_sizes({"input_size": size, "resize": resize}, form) == found


def test_a_resize_below_the_weights_input_size_is_told():
    with pytest.raises(ConfigError, match=r"spatial\.resize should be at least .* 224, and is 112"):
        input_sizes({"input_size": None, "resize": 112}, CAFFE)


def test_a_batch_of_crops_gets_the_published_networks_features(state, file, spatial, batch, tmp_path):
    batch |= {"names": ["105"], "spatial": {**spatial, "url": str(file)}}
    features_batch(**batch, folder=tmp_path / "features")
    crop = read_crop(tmp_path / "root" / "cropped_aligned" / "105" / "00003.jpg")
    wanted = plain_forward(state, prepare([crop], 224, 256))[0]
    found = torch.from_numpy(np.load(tmp_path / "features" / "105.npy")["pool5"][1].astype(float))
    # The cache is in half precision.
    assert relative(found, wanted) < 1e-3
    about = json.loads((tmp_path / "features" / "weights.json").read_text())
    assert about == {
        "backbone": "resnet50",
        "name": "ferplus",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "form": "caffe",
        "input_size": 224,
        "resize": 256,
        "precision": "float32",
    }


# The cache ------------------------------------------------------------------------------------------------


@pytest.fixture
def offline(monkeypatch):
    """No server is reached, and nobody waits for one."""
    monkeypatch.setattr(download, "FIRST_WAIT", 0.0)
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)


def test_offline_and_not_cached_is_one_sentence(offline, spatial, tmp_path):
    with pytest.raises(InputError) as told:
        load_weights(spatial)
    said = str(told.value)
    for part in (str(tmp_path / "cache" / FILE), FERPLUS_URL, "put the file there by hand", "spatial.url"):
        assert part in said
    assert "\n" not in said
    assert not list((tmp_path / "cache").iterdir())


def test_a_cached_file_needs_no_network(offline, spatial, file, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / FILE).write_bytes(file.read_bytes())
    _, weights = load_weights(spatial)
    assert weights.name == "ferplus" and weights.form is CAFFE


def test_a_copy_is_taken_into_the_cache_and_recorded(offline, spatial, file, tmp_path):
    record_weights({**spatial, "url": str(file)}, tmp_path / "weights.json")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    record = json.loads((tmp_path / "weights.json").read_text())
    assert record == {"name": "ferplus", "sha256": digest, "form": "caffe"}
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [FILE]
    assert (tmp_path / "cache" / FILE).read_bytes() == file.read_bytes()
    load_weights({**spatial, "sha256": digest.upper()})
    with pytest.raises(InputError, match="0" * 64):
        load_weights({**spatial, "sha256": "0" * 64})


@pytest.mark.parametrize("size", [0, 1000, -1000])
def test_a_cut_copy_never_gets_into_the_cache(spatial, file, tmp_path, size):
    (tmp_path / "cut.pth").write_bytes(file.read_bytes()[:size])
    with pytest.raises(InputError, match=r"cut\.pth: expected a state dict"):
        load_weights({**spatial, "url": str(tmp_path / "cut.pth")})
    assert not list((tmp_path / "cache").iterdir())


def test_a_copy_that_is_not_there_is_told(spatial, tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.pth .*spatial\.url"):
        load_weights({**spatial, "url": str(tmp_path / "nowhere.pth")})
    assert not list((tmp_path / "cache").iterdir())


def test_an_address_for_a_file_of_ones_own_is_a_mistake(spatial, file):
    with pytest.raises(ConfigError, match=r"spatial\.url is for the weights ferplus or imagenet"):
        load_weights({**spatial, "weights": str(file), "url": FERPLUS_URL})


# The rule -------------------------------------------------------------------------------------------------


def settings(tmp_path, url):
    return f"spatial={{weights: ferplus, cache: {tmp_path / 'cache'}, url: {url}}}"


def test_the_rule_fetches_checks_and_records(checkout, file, tmp_path):
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    run = snakemake(
        checkout, tmp_path / "run", "results/weights.json", "--configfile", TINY,
        "--config", settings(tmp_path, file),
    )  # fmt: skip
    assert run.status == 0, run.text[-4000:]
    assert json.loads((run.results / "weights.json").read_text())["sha256"] == digest
    assert digest in (run.results / "logs/weights.log").read_text()
    assert (tmp_path / "cache" / FILE).exists()


def test_the_rule_tells_what_is_missing_in_a_sentence(checkout, tmp_path):
    run = snakemake(
        checkout, tmp_path / "run", "results/weights.json", "--configfile", TINY,
        "--config", settings(tmp_path, tmp_path / "nowhere.pth"),
    )  # fmt: skip
    assert run.status != 0 and not (run.results / "weights.json").exists()
    assert f"ERROR {tmp_path / 'nowhere.pth'} should be a copy of the weights" in run.text
    assert "Traceback" not in run.text


def test_features_stand_on_the_record(checkout, tmp_path):
    run = snakemake(
        checkout, tmp_path / "run", "--configfile", TINY, "--config", settings(tmp_path, "null"), "--dry-run"
    )
    assert run.status == 0 and "results/weights.json" in inputs(run)["features"], run.text[-4000:]
    # Nobody draws random numbers twice.
    run = snakemake(checkout, tmp_path / "run", "--configfile", TINY, "--dry-run")
    assert run.status == 0 and "results/weights.json" not in inputs(run)["features"]
