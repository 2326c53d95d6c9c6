"""The section streams: what goes together, and what is filled in."""

import copy

import pytest

from mimamo.config import check_config, complete_config, convert_text
from mimamo.errors import ConfigError
from mimamo.streams import AUDIO_DEFAULTS, PAPER, are_streams, complete_streams, portable, stage_of
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


def test_sound_has_the_fields_defaults_unless_it_is_said(config):
    config["streams"]["voice"] = {"kind": "audio", "bands": 40, "width": 32}
    complete_config(config, REPO)
    found = config["streams"]["voice"]
    assert found == {"kind": "audio", **AUDIO_DEFAULTS, "bands": 40, "width": 32}
    assert stage_of("voice", found) == "audio/voice" and portable({"voice": found})["voice"] == found


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
        ({"voice": {**VOICE, "kind": "sound"}}, "expected one of phase, backbone, features, audio"),
        ({"voice": {**VOICE, "speed": 1}}, "there is no key streams.voice.speed; known are"),
        ({"voice": {"kind": "features", "rows": "frames"}}, "streams.voice.folder is missing"),
        ({"voice": {"kind": "features", "folder": "x"}}, "streams.voice.rows is missing, expected how rows"),
        ({"voice": {**VOICE, "rows": "seconds"}}, "streams.voice.rows is 'seconds', expected"),
        ({"voice": {**VOICE, "rows": {"frame": "n"}}}, "streams.voice.rows has frame, expected frames,"),
        ({"voice": {**VOICE, "rows": {"rate": 0, "offset": 0, "pick": "linear"}}}, "more than 0"),
        ({"voice": {**VOICE, "rows": {"frame": "n", "first": 2}}}, "expected one of 0, 1"),
        ({"motion": {"kind": "phase", "hold": 3}}, "streams.motion.hold is for features that are brought"),
        ({"sound": {"kind": "audio", "hold": 3}}, "streams.sound.hold is for features that are brought"),
        ({"voice": {**VOICE, "bands": 3}}, "streams.voice.bands is for sound, and the kind is features"),
        ({"sound": {"kind": "audio", "bands": 1}}, "streams.sound.bands"),
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
    sound = {"kind": "audio", **AUDIO_DEFAULTS}
    assert are_streams({"sound": sound})
    for bad in (
        {"sound": {"kind": "audio"}}, {"sound": {**sound, "bands": "many"}}, {"sound": {**sound, "hop": 0}},
        3, {}, {"a": 3}, {"a": {}}, {"a": {"kind": "sound"}}, {3: {"kind": "phase"}},
        {"voice": {**good["voice"], "hold": "x"}}, {"voice": {**good["voice"], "missing": "maybe"}},
        {"voice": {**good["voice"], "rows": 3}},
        {"voice": {**good["voice"], "rows": {"frame": 3, "first": 1}}},
        {"voice": {**good["voice"], "rows": {**rate, "rate": "fast"}}},
    ):  # fmt: skip
        assert not are_streams(bad), bad
