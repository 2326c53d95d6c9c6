"""Models that a run is given: finding them, and whether they fit its configuration."""

import pytest

from mimamo.errors import ConfigError, InputError
from mimamo.own_data.given_models import check_models, configured_record, list_models
from support.configuration import read
from support.fold import NETWORK
from support.models import SPATIAL, TRAINING, write_model
from support.paths import REPO


@pytest.fixture
def config() -> dict:
    """The configuration that the models of these tests were trained with."""
    default = read(REPO / "config.yaml")
    sizes = {key: value for key, value in NETWORK.items() if key in default["network"]}
    return {
        **default,
        "spatial": {**SPATIAL, "cache": "none"},
        "network": {**default["network"], **sizes},
        "training": {**default["training"], **TRAINING},
    }


def test_a_folder_of_folds_is_taken_in_their_order(tmp_path):
    for number in (0, 2, 10):
        (tmp_path / f"fold{number}").mkdir()
        (tmp_path / f"fold{number}" / "model.pt").touch()
    (tmp_path / "other").mkdir()
    assert [path.parent.name for path in list_models(str(tmp_path))] == ["fold0", "fold2", "fold10"]


def test_paths_are_taken_as_they_stand(tmp_path):
    paths = [tmp_path / name for name in ("b.pt", "a.pt")]
    for path in paths:
        path.touch()
    assert list_models([str(path) for path in paths]) == paths
    assert list_models(str(paths[0])) == paths[:1]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("{}", r"expected trained folds \(fold0/model.pt and so on\), found none"),
        ("{}/gone", "gone: expected a trained model, found nothing there"),
        (["{}/a.pt", "{}"], "expected a trained model, found a folder"),
        (["{}/a.pt", "{}/../" + "{name}" + "/a.pt"], "names a model twice"),
    ],
)
def test_what_is_no_model_is_refused(tmp_path, given, fault):
    (tmp_path / "a.pt").touch()

    def place(text: str) -> str:
        return text.replace("{name}", tmp_path.name).replace("{}", str(tmp_path))

    with pytest.raises(ConfigError, match=fault):
        list_models(place(given) if isinstance(given, str) else [place(path) for path in given])


def test_models_that_fit_are_taken_with_what_is_to_be_said_of_them(models, config):
    said = check_models(models, config)
    assert said.startswith("trained on an unknown corpus")


@pytest.mark.parametrize(
    ("section", "key", "value", "fault"),
    [
        ("training", "window", 64, "training.window 8 instead of 64"),
        ("training", "window", 9, "training.window 8 instead of 9"),
        ("network", "temporal_channels", [8, 8, 8], r"network.temporal_channels \[4, 4, 4\] instead of"),
        ("network", "head", "none", "network.head gru instead of none"),
        (
            "spatial",
            "input_size",
            32,
            "spatial of the configuration gives, found input_size 64",
        ),
        ("spatial", "backbone", "resnet18", "found backbone resnet50 instead of resnet18"),
    ],
)
def test_models_of_other_sizes_and_features_are_refused(models, config, section, key, value, fault):
    config[section] = {**config[section], key: value}
    with pytest.raises(InputError, match=f"fold0.pt: expected .*{fault}"):
        check_models(models, config)


def test_a_model_of_other_weights_is_refused(models, config, tmp_path):
    odd = write_model(tmp_path / "odd.pt", 0, features={"sha256": "1" * 64})
    with pytest.raises(InputError, match=r"odd.pt: expected .* found sha256 1111"):
        check_models([*models, odd], config)


def test_a_model_that_is_not_whole_is_refused(models, config, tmp_path):
    part = tmp_path / "part.pt"
    part.write_bytes(models[0].read_bytes()[:-1000])
    with pytest.raises(InputError, match=r"part\.pt"):
        check_models([part], config)


def test_of_weights_that_are_not_fetched_yet_the_settings_are_known(config, tmp_path):
    spatial = {**config["spatial"], "weights": "ferplus", "cache": str(tmp_path)}
    assert configured_record(spatial) == {
        "backbone": "resnet50", "sha256": None, "input_size": 64, "resize": 64,
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == []
