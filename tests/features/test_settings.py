import pytest

from mimamo.errors import ConfigError, InputError
from mimamo.features.backbone import check_backbone
from mimamo.features.settings import FERPLUS_BACKBONE, check_backbones, check_spatial
from mimamo.features.weights import check_network
from mimamo.streams import spatial_of
from support.configuration import read
from support.paths import REPO

SPATIAL = read(REPO / "config.yaml")["spatial"]


def test_the_default_and_the_preset_are_fine():
    assert check_spatial(SPATIAL) is None
    assert check_spatial(SPATIAL | read(REPO / "presets/affwild2.yaml")["spatial"]) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sha256": "0" * 64}, "spatial.sha256 is for weights in a file, and spatial.weights is random"),
        (
            {"weights": "ferplus", "backbone": "resnet18"},
            "ferplus is for resnet50, and .* is resnet18",
        ),
        (
            {"url": "/a/copy.pth"},
            "spatial.url is for the weights ferplus or imagenet, and .* is random",
        ),
        ({"weights": "/no/such.pth"}, "^/no/such.pth should be a file of weights, found nothing there: "),
        ({"weights": "/"}, "^/ should be a file of weights, found a folder there: "),
        (
            {"input_size": 224, "resize": 112},
            "spatial.resize should be at least .*, 224, and is 112",
        ),
    ],
)
def test_settings_that_no_network_can_have_are_refused(changes, said):
    with pytest.raises(ConfigError, match=said):
        check_spatial(SPATIAL | changes)


def test_a_file_of_weights_is_taken(tmp_path):
    (tmp_path / "weights.pth").write_bytes(b"anything")
    assert check_spatial(SPATIAL | {"weights": str(tmp_path / "weights.pth")}) is None


@pytest.mark.parametrize(("backbone", "size"), [(FERPLUS_BACKBONE, 32), ("resnet18", 32), ("vit_b_16", None)])
def test_backbones_with_features_are_taken(backbone, size):
    assert check_backbone(backbone, size) is None


@pytest.mark.parametrize(
    ("backbone", "size", "said"),
    [
        ("nosuch", None, "one of torchvision's classifiers and is nosuch"),
        ("squeezenet1_1", None, "pools its features before it classifies, and squeezenet1_1 does not"),
        (
            "vit_b_16",
            112,
            "spatial.input_size should be one that vit_b_16 takes .* null, which is 224",
        ),
        ("inception_v3", 32, "spatial.input_size should be one that inception_v3 takes and is 32"),
    ],
)
def test_backbones_without_features_are_refused(backbone, size, said):
    with pytest.raises(ConfigError, match=said):
        check_backbone(backbone, size)


def test_settings_of_a_stream_are_checked_as_those_of_the_section():
    def check(**own):
        streams = {"appearance": {"kind": "backbone"}, "other": {"kind": "backbone", **own}}
        check_backbones(streams, SPATIAL)
        check_network(spatial_of(streams["other"], SPATIAL), "streams.other")

    check(backbone="resnet18", input_size=32, resize=32)
    for own, said in (
        ({"backbone": "resnet18", "weights": "ferplus"}, r"streams\.other\.weights ferplus is for resnet50"),
        ({"weights": "/no/such.pth"}, r"found nothing there: set streams\.other\.weights to"),
        ({"backbone": "resnet5"}, r"^streams\.other\.backbone should be .* and is resnet5"),
        (
            {"backbone": "vit_b_16", "input_size": 112},
            r"^streams\.other\.input_size should be one that",
        ),
    ):
        with pytest.raises(ConfigError, match=said):
            check(**own)


def test_a_state_dict_that_fits_no_network_is_told_before_any_job(trained):
    section = {**SPATIAL, "backbone": "resnet34", "weights": str(trained("resnet18")[1])}
    with pytest.raises(
        InputError, match=r"hold a resnet34 .*missing: layer1\.2\..* set streams\.other\.weights"
    ):
        check_network(section, "streams.other")
