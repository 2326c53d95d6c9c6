"""The section streams: what goes together, and what is filled in."""

import copy
import re

import pytest

from mimamo.config import check_config, complete_config, convert_text
from mimamo.errors import ConfigError
from mimamo.streams import (
    AUDIO_DEFAULTS,
    PAPER,
    are_streams,
    complete_streams,
    portable,
    section_of_stage,
    spatial_of,
    stage_of,
    weights_of,
)
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
    assert [stage_of(*stream, config["spatial"], config["spatial"]) for stream in PAPER.items()] == [
        "features",
        "phase",
    ]


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
    assert stage_of("voice", config["streams"]["voice"], {}, {}) == "brought/voice"
    assert "folder" not in portable(config["streams"])["voice"]


def test_sound_has_the_fields_defaults_unless_it_is_said(config):
    config["streams"]["voice"] = {"kind": "audio", "bands": 40, "width": 32}
    complete_config(config, REPO)
    found = config["streams"]["voice"]
    assert found == {"kind": "audio", **AUDIO_DEFAULTS, "bands": 40, "width": 32}
    assert stage_of("voice", found, {}, {}) == "audio/voice" and portable({"voice": found})["voice"] == found


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
        ({"motion": {"kind": "phase", "weights": "random"}}, "streams.motion.weights is for a backbone"),
        ({"other": {"kind": "backbone", "hold": 3}}, "streams.other.hold is for features that are brought"),
        ({"other": {"kind": "backbone", "sha256": "abc"}}, "streams.other.sha256 is 'abc'"),
        ({"other": {"kind": "backbone", "input_size": 8}}, "streams.other.input_size is 8"),
        ({"level1": VOICE}, "streams.level1 is not a valid stream name"),
        ({"My voice": VOICE}, "streams.My voice is not a valid stream name"),
        ({"appearance": None, "motion": None}, "streams has none that is not null"),
    ],
)
def test_what_does_not_go_together_is_told_before_any_job(config, streams, said):
    config["streams"] |= copy.deepcopy(streams)
    with pytest.raises(ConfigError) as caught:
        complete_config(config, REPO)
    assert said in str(caught.value)


def test_a_stream_of_a_backbone_may_say_itself_what_it_is(config):
    spatial = config["spatial"] | {"sha256": "0" * 64, "weights": "a.pth", "url": "there"}
    assert spatial_of({"kind": "backbone", "batch_size": 4, "width": 8}, spatial) == {
        **spatial,
        "batch_size": 4,
    }
    # Neither the hash of one file nor the sizes that suit one network say anything of another one.
    other = spatial_of({"kind": "backbone", "backbone": "resnet18", "resize": 64}, spatial)
    nothing = dict.fromkeys(("sha256", "url", "input_size"))
    assert other == {**spatial, **nothing, "backbone": "resnet18", "resize": 64}
    assert spatial_of({"kind": "backbone", "weights": "b.pth"}, spatial)["sha256"] is None
    again = {"kind": "backbone", "backbone": spatial["backbone"], "weights": "a.pth"}
    assert spatial_of(again, spatial) == spatial


def test_equal_features_have_one_folder_whatever_their_streams_are_called(config):
    spatial = config["spatial"]

    def stage(settings, spatial=spatial):
        return stage_of("any", {"kind": "backbone", **settings}, spatial, config["spatial"])

    # How fast they come and how wide their encoder is changes nothing of them.
    assert stage({}) == stage({"batch_size": 4, "url": "x", "cache": "y", "width": 3}) == "features"
    assert stage({"weights": "random", "input_size": 112}) == "features"
    timm = stage({"backbone": "timm:a/b.c"})
    assert re.fullmatch(r"backbones/timm-a-b\.c-[0-9a-f]{8}", timm)
    assert (
        len({timm, stage({"backbone": "resnet18"}), stage({"input_size": 64}), stage({"weights": "c"})}) == 4
    )
    # A run whose section spatial says the same shares it.
    sizes = {"input_size": None, "resize": None}
    assert stage({}, {**spatial, "backbone": "timm:a/b.c", **sizes}) == timm
    assert (
        stage({"backbone": "resnet50", "input_size": 112, "resize": 112}, {**spatial, "backbone": "x"})
        == "features"
    )


def test_scores_are_shown_with_random_weights_of_any_backbone(config):
    spatial, other = {**config["spatial"], "weights": "ferplus"}, {"kind": "backbone", "weights": "random"}
    assert weights_of({}, spatial) == "" and weights_of(PAPER, spatial) == "ferplus"
    assert weights_of({**PAPER, "other": other}, spatial) == "random"


def test_the_section_of_a_stage_keeps_what_a_stream_says_of_its_speed(config):
    own = {"kind": "backbone", "backbone": "resnet18", "batch_size": 3}
    streams = {**PAPER, "other": own}
    stage = stage_of("other", own, config["spatial"], config["spatial"])
    spatial = config["spatial"]
    where, section = section_of_stage(stage, streams, spatial, spatial)
    assert where == "streams.other" and section["batch_size"] == 3 and section["backbone"] == "resnet18"
    assert section_of_stage("features", streams, spatial, spatial) == ("spatial", spatial)
    assert section_of_stage("features", {"other": own}, spatial, spatial) is None
    # Also what changes no feature is the stream's own.
    mirror = {"appearance": {"kind": "backbone", "url": "mirror"}}
    where, section = section_of_stage("features", mirror, spatial, spatial)
    assert where == "streams.appearance" and section == {**spatial, "url": "mirror"}


def test_streams_of_a_checkpoint_are_what_they_should_be():
    voice = {**VOICE, "missing": "zero", "hold": 0}
    good = portable({**PAPER, "voice": voice})
    assert are_streams(PAPER) and are_streams(good)
    own = {"kind": "backbone", "backbone": "resnet18", "sha256": None, "input_size": 64, "precision": "auto"}
    assert are_streams({**PAPER, "other": own})
    assert portable({"other": {**own, "url": "x", "cache": "y", "batch_size": 3}}) == {"other": own}
    rate = {"rate": 25.0, "offset": 0.0, "pick": "nearest", "fps": None}
    assert are_streams({"voice": {**good["voice"], "rows": rate}})
    sound = {"kind": "audio", **AUDIO_DEFAULTS}
    assert are_streams({"sound": sound})
    for bad in (
        {"sound": {"kind": "audio"}}, {"sound": {**sound, "bands": "many"}}, {"sound": {**sound, "hop": 0}},
        3, {}, {"a": 3}, {"a": {}}, {"a": {"kind": "sound"}}, {3: {"kind": "phase"}},
        {"voice": {**good["voice"], "hold": "x"}}, {"voice": {**good["voice"], "missing": "maybe"}},
        {"voice": {**good["voice"], "rows": 3}}, {"other": {**own, "backbone": 3}},
        {"other": {**own, "input_size": "x"}}, {"other": {**own, "precision": [1]}},
        {"voice": {**good["voice"], "rows": {"frame": 3, "first": 1}}},
        {"voice": {**good["voice"], "rows": {**rate, "rate": "fast"}}},
    ):  # fmt: skip
        assert not are_streams(bad), bad
