import copy
import dataclasses

import pytest
import yaml

from mimamo.config import check_config
from mimamo.errors import ConfigError
from mimamo.model.sizes import NetworkConfig
from mimamo.streams import PAPER
from mimamo.training.config import TrainingConfig
from support.configuration import merged, read
from support.paths import REPO, TINY

SCHEMA = REPO / "workflow/schemas/config.schema.yaml"


@pytest.fixture
def config() -> dict:
    return read(REPO / "config.yaml")


def sentences(config: dict) -> str:
    with pytest.raises(ConfigError) as caught:
        check_config(config, SCHEMA)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def keys(tree: dict, of_schema: bool = False) -> set[str]:
    """Every key, with those above it; of a configuration or of its schema."""
    found = set()
    for key, below in (tree.get("properties", {}) if of_schema else tree).items():
        nested = isinstance(below, dict) and (not of_schema or "properties" in below)
        found |= {key} | ({f"{key}.{inner}" for inner in keys(below, of_schema)} if nested else set())
    return found


def put(config: dict, path: str, value: object) -> dict:
    changed = copy.deepcopy(config)
    *above, last = path.split(".")
    section = changed
    for key in above:
        section = section[key]
    section[last] = value
    return changed


def test_shipped_configurations_are_valid():
    assert check_config(read(REPO / "config.yaml"), SCHEMA) is None
    assert check_config(merged(REPO / "config.yaml", REPO / "presets/affwild2.yaml"), SCHEMA) is None
    assert check_config(merged(REPO / "config.yaml", TINY), SCHEMA) is None
    recommended = REPO / "presets/recommended.yaml"
    for others in ([], [REPO / "presets/affwild2.yaml"]):
        assert check_config(merged(REPO / "config.yaml", *others, recommended), SCHEMA) is None


def test_config_and_schema_have_the_same_keys(config):
    schema = read(SCHEMA)
    # Streams, and what is made of runs, have names that somebody gives them.
    assert keys({**config, "streams": {}}) == keys(schema, of_schema=True)
    assert config["streams"] == PAPER
    assert len(keys(config)) > 50
    named = [schema["$defs"][kind] for kind in ("stream", "ensemble", "program", "submission")]
    for section in [
        schema,
        *named,
        *(part for key, part in schema["properties"].items() if key != "streams" and "properties" in part),
    ]:
        assert section["additionalProperties"] is False
        if section not in named:
            assert set(section["required"]) == set(section["properties"])


def test_preset_overrides_only_keys_that_exist(config):
    assert keys(read(REPO / "presets/affwild2.yaml")) < keys(config)
    assert keys(read(REPO / "presets/recommended.yaml")) < keys(config)


@pytest.mark.parametrize("section, settings", [("network", NetworkConfig), ("training", TrainingConfig)])
def test_schema_defaults_are_those_of_the_code(section, settings):
    schema = read(SCHEMA)["properties"][section]["properties"]
    fields = {field.name: field.default for field in dataclasses.fields(settings)}
    shared = set(schema) & set(fields)
    # The width of pool5 is measured, and published checkpoints alone follow the batch.
    # Threads are for Snakemake as well.
    # The streams are a section of their own.
    assert set(fields) - shared <= {"pool5_width", "recurrence", "streams"}
    assert set(schema) - shared <= {"threads"}
    for key in shared:
        default = tuple(fields[key]) if isinstance(fields[key], tuple) else fields[key]
        told = schema[key]["default"]
        assert (tuple(told) if isinstance(told, list) else told) == default, key


def test_schema_defaults_are_valid_values():
    for section, part in read(SCHEMA)["properties"].items():
        for key, rule in part.get("properties", {}).items():
            if "default" in rule:
                config = put(read(REPO / "config.yaml"), f"{section}.{key}", rule["default"])
                assert check_config(config, SCHEMA) is None, key


def test_preset_has_the_published_values():
    """Where the report is silent these are the published code's: method.md, "Training"."""
    config = merged(REPO / "config.yaml", REPO / "presets/affwild2.yaml")
    published = {
        "window": 64, "hop": 32, "batch_size": 16, "epochs": 25, "patience": 5,
        "optimiser": "sgd", "learning_rate": 1e-3, "momentum": 0.9, "weight_decay": 5e-4,
        "schedule": "steps", "milestones": [10, 20], "gamma": 0.1,
    }  # fmt: skip
    assert {key: config["training"][key] for key in published} == published
    network = {
        "differences": 12, "spatial_width": 256, "temporal_channels": [64, 128, 256], "temporal_width": 256,
        "fusion_width": 256, "fusion": "concat", "head": "gru", "recurrent_width": 128,
        "standardise_pool5": False, "pool5_components": None, "ridge": False, "ridge_level": False,
        "dropout": 0.3, "fusion_dropout": 0.5, "map_dropout": 0.2,
    }  # fmt: skip
    assert config["network"] == network
    assert config["folds"]["count"] == 5
    spatial = {"input_size": None, "resize": None, "weights": "ferplus"}
    assert {key: config["spatial"][key] for key in spatial} == spatial
    assert config["gaps"]["policy"] == "report"


@pytest.mark.parametrize(
    "path, value, near",
    [
        ("training.epoch", 3, "training.epochs"),
        ("network.dropuot", 0.1, "network.dropout"),
        ("gaps.polcy", "report", "gaps.policy"),
        ("data.video", [], "data.videos"),
        ("stict", True, "strict"),
        ("traning", {}, "training"),
    ],
)
def test_unknown_key_is_named_with_the_near_match(config, path, value, near):
    said = sentences(put(config, path, value))
    assert f"there is no key {path};" in said
    assert f"did you mean {near}?" in said


def test_unknown_key_like_no_other_is_told_what_there_is(config):
    said = sentences(put(config, "gaps.qqqqqq", 1))
    assert "there is no key gaps.qqqqqq; known are policy." in said


@pytest.mark.parametrize(
    "path, value, expected",
    [
        ("strict", "yes", "boolean"),
        ("batch_names", 0, "at least 1"),
        ("batch_names", 2.5, "integer"),
        ("root", None, "string"),
        ("root", "", "text that matches ^[^{}]+$"),
        ("root", "/data/{x}", "text that matches ^[^{}]+$"),
        ("data.train", "{batch}", "text that matches ^[^{}]+$"),
        ("data.crops", [], "at least 1 entries"),
        ("data.crops", "cropped_aligned", "array or auto or from videos"),
        ("data.videos", None, "array or string"),
        ("data.test_list", 7, "string or null"),
        ("data.first_frame", 2, "one of auto, 0, 1"),
        (
            "data.crop_names",
            "00001.jpg",
            "auto, or a pattern such as %05d.jpg that ends in .jpg, .jpeg, .png or .bmp",
        ),
        ("demo.frames", 10, "at least 40"),
        ("spatial.sha256", "abc", "text that matches ^[0-9a-fA-F]{64}$"),
        ("spatial.input_size", 2000, "at most 1024"),
        ("spatial.cache", None, "string"),
        ("spatial.url", 3, "string or null"),
        ("spatial.precision", "float16", "one of auto, float32, bfloat16"),
        ("folds.count", 1, "at least 2"),
        ("folds.stop_fraction", -0.1, "at least 0"),
        ("network.pool5_components", 0, "at least 1"),
        ("network.temporal_channels", [64, 128], "at least 3 entries"),
        ("network.dropout", 1, "less than 1"),
        ("network.differences", 11, "a multiple of 2"),
        ("training.optimiser", "adam", "one of adamw, sgd"),
        ("training.average", "swa", "one of none, ema, epochs"),
        ("training.average_decay", 1, "less than 1"),
        ("training.learning_rate", "fast", "number"),
        ("training.epochs", "2.5", "integer"),
        ("training.epochs", "two", "integer"),
        ("training.learning_rate", 0, "more than 0"),
        ("gaps.policy", "next", "one of report, previous, interpolate"),
    ],
)
def test_wrong_value_is_told_with_key_and_expectation(config, path, value, expected):
    *section, key = path.split(".")
    default = read(SCHEMA)["properties"][section[0] if section else key]
    default = default["properties"][key] if section else default
    typed = ""
    if "default" in default:
        value_of = yaml.safe_dump(default["default"], default_flow_style=True).split("\n")[0]
        typed = f'"{section[0]}={{{key}: {value_of}}}"' if section else f"{key}={value_of}"
        typed = f", for example --config {typed}"
    expected = f"Configuration: {path} is {value!r}, expected {expected}{typed}."
    assert sentences(put(config, path, value)) == expected


def test_wrong_section_is_told_without_its_inside(config):
    assert sentences(put(config, "training", 3)) == "Configuration: training is 3, expected object."


def test_entry_of_a_list_is_told_with_its_place(config):
    said = sentences(put(config, "training.milestones", [10, 0]))
    assert said == "Configuration: training.milestones.1 is 0, expected at least 1."


def test_missing_key_is_named(config):
    del config["training"]["window"]
    assert sentences(config) == "Configuration: training.window is missing; config.yaml shows its default."


def test_every_missing_key_is_named_once(config):
    """The validator reports each of them on its own."""
    del config["training"]["window"], config["training"]["hop"]
    said = sentences(config)
    for key in ("training.window", "training.hop"):
        assert said.count(f"{key} is missing") == 1


def test_several_faults_are_several_sentences(config):
    said = sentences(put(put(put(config, "training.epoch", 3), "gaps.policy", "next"), "strict", 1))
    assert said.count("Configuration: ") == 3
    for key in ("training.epoch", "gaps.policy", "strict"):
        assert key in said


def test_components_need_standardised_features(config):
    config = put(config, "network.pool5_components", 32)
    assert check_config(config, SCHEMA) is None
    raw = put(config, "network.standardise_pool5", False)
    assert "network.standardise_pool5 to be true" in sentences(raw)


def test_the_level_of_a_regression_needs_the_regression(config):
    config = put(config, "network.ridge_level", True)
    assert "network.ridge_level is true, expected network.ridge to be true" in sentences(config)
    assert check_config(put(config, "network.ridge", True), SCHEMA) is None


def test_more_epochs_than_there_are_cannot_be_averaged(config):
    config = put(put(config, "training.epochs", 4), "training.average_epochs", 5)
    assert check_config(config, SCHEMA) is None
    said = sentences(put(config, "training.average", "epochs"))
    assert "training.average_epochs is 5, expected at most training.epochs, which is 4" in said
