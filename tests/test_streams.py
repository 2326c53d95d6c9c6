"""The section streams: what goes together, and what is filled in."""

import copy

import pytest

from mimamo.config import check_config, complete_config, convert_text
from mimamo.errors import ConfigError
from mimamo.streams import PAPER, are_streams, complete_streams, portable, stage_of
from support.configuration import read
from support.paths import REPO

SCHEMA = REPO / "workflow/schemas/config.schema.yaml"
VOICE = {"kind": "features", "folder": "voice", "rows": "frames"}


@pytest.fixture
def config() -> dict:
    return read(REPO / "config.yaml")


def test_the_default_is_the_papers_pair(config):
    complete_config(config, REPO)
    assert config["streams"] == PAPER
    assert [stage_of(*stream) for stream in PAPER.items()] == ["features", "phase"]


def test_streams_are_taken_out_and_sorted_and_defaults_filled_in(config):
    config["streams"] |= {
        "voice": dict(VOICE),
        "motion": None,
        "eyes": {**VOICE, "hold": 3, "missing": "drop"},
    }
    complete_config(config, REPO)
    assert list(config["streams"]) == ["appearance", "eyes", "voice"]
    assert config["streams"]["voice"] == {**VOICE, "missing": "zero", "hold": 0}
    assert config["streams"]["eyes"]["hold"] == 3 and config["streams"]["eyes"]["missing"] == "drop"
    assert stage_of("voice", config["streams"]["voice"]) == "brought/voice"
    assert "folder" not in portable(config["streams"])["voice"]


def test_text_of_the_command_line_gets_types_inside_streams(config):
    rows = {"rate": "25", "offset": "-0.5", "pick": "linear", "fps": "null"}
    config["streams"]["voice"] = {**VOICE, "rows": rows, "hold": "4", "dropout": "0.1", "width": "32"}
    config["streams"]["motion"] = "null"
    convert_text(config, SCHEMA)
    assert check_config(config, SCHEMA) is None
    found = config["streams"]["voice"]
    assert found["rows"] == {"rate": 25, "offset": -0.5, "pick": "linear", "fps": None}
    assert (found["hold"], found["dropout"], found["width"]) == (4, 0.1, 32)
    assert list(complete_streams(config["streams"])) == ["appearance", "voice"]


@pytest.mark.parametrize(
    ("streams", "said"),
    [
        ({"voice": {"folder": "x", "rows": "frames"}}, "streams.voice.kind is missing"),
        ({"voice": {**VOICE, "kind": "sound"}}, "expected one of phase, backbone, features"),
        ({"voice": {**VOICE, "speed": 1}}, "there is no key streams.voice.speed; known are"),
        ({"voice": {"kind": "features", "rows": "frames"}}, "streams.voice.folder is missing"),
        ({"voice": {"kind": "features", "folder": "x"}}, "streams.voice.rows is missing, expected how rows"),
        ({"voice": {**VOICE, "rows": "seconds"}}, "streams.voice.rows is 'seconds', expected"),
        ({"voice": {**VOICE, "rows": {"frame": "n"}}}, "streams.voice.rows has frame, expected frames,"),
        ({"voice": {**VOICE, "rows": {"rate": 0, "offset": 0, "pick": "linear"}}}, "more than 0"),
        ({"voice": {**VOICE, "rows": {"frame": "n", "first": 2}}}, "expected one of 0, 1"),
        ({"motion": {"kind": "phase", "hold": 3}}, "streams.motion.hold is for features that are brought"),
        ({"motion": {"kind": "phase", "components": 3}}, "streams.motion.components is for features"),
        ({"other": {"kind": "phase"}}, "streams motion and other are both of kind phase"),
        ({"level1": VOICE}, "streams.level1 is a name of no stream"),
        ({"My voice": VOICE}, "streams.My voice is a name of no stream"),
        ({"appearance": None, "motion": None}, "streams has none that is not null"),
    ],
)
def test_what_does_not_go_together_is_told_before_any_job(config, streams, said):
    config["streams"] |= copy.deepcopy(streams)
    with pytest.raises(ConfigError) as caught:
        complete_config(config, REPO)
    assert said in str(caught.value)


def test_streams_of_a_checkpoint_are_what_they_should_be():
    voice = {**VOICE, "missing": "zero", "hold": 0}
    good = portable({**PAPER, "voice": voice})
    assert are_streams(PAPER) and are_streams(good)
    rate = {"rate": 25.0, "offset": 0.0, "pick": "nearest", "fps": None}
    assert are_streams({"voice": {**good["voice"], "rows": rate}})
    for bad in (
        3, {}, {"a": 3}, {"a": {}}, {"a": {"kind": "sound"}}, {3: {"kind": "phase"}},
        {"voice": {**good["voice"], "hold": "x"}}, {"voice": {**good["voice"], "missing": "maybe"}},
        {"voice": {**good["voice"], "rows": 3}},
        {"voice": {**good["voice"], "rows": {"frame": 3, "first": 1}}},
        {"voice": {**good["voice"], "rows": {**rate, "rate": "fast"}}},
    ):  # fmt: skip
        assert not are_streams(bad), bad
