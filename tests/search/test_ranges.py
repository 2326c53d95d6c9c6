"""What may be searched, and what is said of anything else."""

import copy
from functools import partial

import pytest

from mimamo.config import complete_config
from mimamo.dataset.limits import check_longest
from mimamo.errors import ConfigError
from mimamo.runs import changed_config
from mimamo.search.ranges import (
    as_changes,
    check_search,
    complete_ranges,
    configured,
    contains,
    value_of,
)
from support.configuration import read
from support.paths import REPO

SCHEMA = REPO / "workflow/schemas/config.schema.yaml"


def completed(ranges: dict, **sections: dict) -> dict:
    """Return a configuration with these ranges, complete as the workflow has it."""
    config = read(REPO / "config.yaml")
    for name, changes in sections.items():
        config[name] |= changes
    config["search"]["ranges"] = copy.deepcopy(ranges)
    complete_config(config, REPO)
    complete_ranges(config, SCHEMA)
    return config


def any_window(window: int) -> None:
    """What the corpus says of windows where it has long videos."""


def refusal(ranges: dict, **sections: dict) -> str:
    with pytest.raises(ConfigError) as caught:
        completed(ranges, **sections)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_default_searches_nothing_and_says_so():
    config = completed({})
    assert config["search"]["ranges"] == {}
    with pytest.raises(ConfigError, match=r"search\.ranges is empty, expected .* for example --config"):
        check_search(config, any_window)


def test_ranges_get_the_types_of_their_keys_also_from_the_command_line():
    found = completed({
        "training.learning_rate": {"low": "1e-4", "high": "3e-2", "log": "true"},
        "network.fusion_width": {"low": "64", "high": 512.0, "step": "64"},
        "network.recurrent_width": {"low": 2, "high": 8, "step": 2},
        "network.dropout": {"low": 0, "high": 0.5},
        "network.pool5_components": ["null", "32"],
        "network.temporal_channels": [[8, 16, 32], ["4", "8", "16"]],
        "training.flip": ["true", False],
        "streams.appearance.width": ["128", 256],
        "network.head": None,
    })["search"]["ranges"]  # fmt: skip
    assert list(found) == sorted(found) and "network.head" not in found
    rate, width = found["training.learning_rate"], found["network.fusion_width"]
    assert rate == {"low": 1e-4, "high": 3e-2, "log": True, "step": None, "integer": False}
    assert width == {"low": 64, "high": 512, "log": False, "step": 64, "integer": True}
    assert all(isinstance(width[key], int) for key in ("low", "high", "step"))
    assert isinstance(found["network.dropout"]["low"], float)
    assert found["network.pool5_components"]["choices"] == [None, 32]
    assert found["network.temporal_channels"]["choices"] == [[8, 16, 32], [4, 8, 16]]
    assert found["training.flip"]["choices"] == [True, False]
    assert found["streams.appearance.width"]["choices"] == [128, 256]


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({"network.dropot": [0.1, 0.2]}, "has network.dropot, which cannot be searched; did you mean"),
        ({"root": ["a", "b"]}, "has root, which cannot be searched; expected settings of network"),
        ({"spatial.precision": ["auto", "float32"]}, "spatial.precision, which cannot be searched"),
        ({"streams.sound.width": [8, 16]}, "streams.sound.width, which cannot be searched; did"),
        ({"streams.appearance.kind": ["phase", "backbone"]}, "appearance.kind, which cannot be searched"),
        ({"training.seed": [0, 1]}, "training.seed, which is not searched: the best of many seeds is luck"),
        ({"training.threads": [1, 2]}, "training.threads, which is not searched: it changes how fast"),
        ({"network.dropout": {"low": 0.1, "high": 1.5}}, "allows network.dropout of 1.5: network.dropout is"),
        ({"network.dropout": {"low": -0.1, "high": 0.5}}, "allows network.dropout of -0.1: network.dropout"),
        ({"network.dropout": {"low": 0.5, "high": 0.1}}, "from 0.5 to 0.1, expected low to be less than"),
        ({"network.dropout": {"low": 0, "high": 0.5, "log": True}}, "expected low to be more than 0"),
        ({"network.dropout": {"low": 0.1, "high": 0.5, "step": 0.15}}, "steps of 0.15, expected whole steps"),
        (
            {"network.fusion_width": {"low": 8, "high": 64, "log": True, "step": 8}},
            "with both log and step, expected one of them",
        ),
        ({"network.fusion_width": {"low": 8.5, "high": 64}}, "from 8.5 to 64, expected whole numbers"),
        (
            {"network.recurrent_width": {"low": 64, "high": 128}},
            "allows network.recurrent_width of 65: network.recurrent_width is 65, expected a multiple of 2. "
            "Give the range a step.",
        ),
        ({"network.head": ["gru", "lstm"]}, "of lstm: network.head is 'lstm', expected one of gru, tcn"),
        ({"network.head": ["gru", "gru"]}, "has network.head twice as 'gru', expected different values"),
        ({"network.head": {"low": 1, "high": 2}}, "network.head is not a number, expected search.ranges to"),
        ({"streams.motion.components": [8, 16]}, "components is for features, and the kind is phase"),
        ({"network.dropout": {"low": 0.1, "hi": 0.5}}, "no key search.ranges.network.dropout.hi; did"),
        ({"network.dropout": 0.1}, "search.ranges.network.dropout is 0.1, expected object or array or null"),
        ({"network.dropout": [0.1]}, "search.ranges.network.dropout is [0.1], expected at least 2 entries"),
        ({"training.hop": [16, 128]}, "allows training.hop of 128: training.hop is 128, expected at most"),
        (
            {"training.hop": [16, 64], "training.window": [32, 128]},
            "allows training.hop of 64 and training.window of 32: training.hop is 64, expected at most",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused_in_a_sentence(ranges, said):
    assert said in refusal(ranges)
    assert "--config" not in refusal(ranges)


def test_without_stop_names_there_is_nothing_to_choose_by():
    config = completed({"network.dropout": [0.1, 0.2]}, folds={"stop_fraction": 0})
    with pytest.raises(ConfigError, match=r"folds\.stop_fraction is 0, .* never by names that are scored"):
        check_search(config, any_window)
    check_search(completed({"network.dropout": [0.1, 0.2]}), any_window)


def test_windows_must_fit_the_corpus():
    config = completed({"training.window": {"low": 32, "high": 96, "step": 32}})
    check_search(config, partial(check_longest, longest=96))
    said = r"search\.ranges allows training\.window of 96: training\.window is 96, expected at most 95: no"
    with pytest.raises(ConfigError, match=said):
        check_search(config, partial(check_longest, longest=95))


def test_configured_values_are_those_within_the_ranges(ranges):
    config = completed({
        "network.dropout": {"low": 0.1, "high": 0.5},
        "network.fusion_width": {"low": 64, "high": 160, "step": 32},
        "network.head": ["gru", "tcn"],
        "network.temporal_width": {"low": 200, "high": 300, "step": 50},
        "streams.appearance.width": [8, 16],
    })  # fmt: skip
    found = configured(config, config["search"]["ranges"])
    # The width is beyond its range, another between two steps, and the stream has none of its own.
    assert found == {"network.dropout": 0.2, "network.head": "gru"}
    assert contains(ranges["network.fusion_width"], 16) and not contains(ranges["network.fusion_width"], 17)


def test_parameters_become_changes_of_the_configuration():
    parameters = {"network.dropout": 0.3, "network.head": "tcn", "streams.motion.width": 8}
    changes = as_changes(parameters)
    assert changes == {"network": {"dropout": 0.3, "head": "tcn"}, "streams": {"motion": {"width": 8}}}
    config = read(REPO / "config.yaml")
    changed = changed_config(config, changes)
    assert value_of(changed, "network.head") == "tcn" and value_of(config, "network.head") == "gru"
    assert changed["streams"]["motion"] == {"kind": "phase", "width": 8}
    assert changed["training"] == config["training"]
