import pytest
import yaml

from mimamo.evidence.runs import OFFICIAL, ablation_runs, ablations, protocols, run_sections
from mimamo.streams import complete_streams
from support.paths import REPO


@pytest.fixture
def config() -> dict:
    found = yaml.safe_load((REPO / "config.yaml").read_text())
    return {**found, "streams": complete_streams(found["streams"])}


def differing(sections: dict, other: dict) -> dict:
    return {
        f"{section}.{key}": value
        for section, values in sections.items()
        for key, value in values.items()
        if other[section][key] != value
    } | {f"no {name}": True for name in other["streams"].keys() - sections["streams"].keys()}


def test_every_variant_differs_from_the_whole_in_one_thing(config):
    variants = ablations(config)
    reference = variants.pop("all")
    assert reference == {name: config[name] for name in ("network", "training", "streams")}
    assert {name: differing(sections, reference) for name, sections in variants.items()} == {
        "appearance_alone": {"no motion": True},
        "motion_alone": {"no appearance": True},
        "flip_off": {"training.flip": False},
        "head_none": {"network.head": "none"},
        "head_tcn": {"network.head": "tcn"},
        "head_transformer": {"network.head": "transformer"},
    }


def test_configured_run_serves_as_the_reference(config):
    runs = ablation_runs(config)
    assert runs["all"] == "" and runs["motion_alone"] == "ablations/motion_alone/"
    config["network"]["head"] = "tcn"
    config["training"].update(flip=False)
    runs = ablation_runs(config)
    assert runs["all"] == "" and {"flip_on", "head_gru"} < set(runs)
    assert not {"flip_off", "head_tcn"} & set(runs)


def test_every_stream_is_tried_alone_and_left_out_whatever_they_are(config):
    del config["streams"]["motion"]
    config["streams"] |= {name: {"kind": "features", "folder": name} for name in ("gaze", "voice")}
    variants = ablations(config)
    tried = {name: list(sections["streams"]) for name, sections in variants.items() if "head" not in name}
    assert tried == {
        "all": ["appearance", "gaze", "voice"],
        "appearance_alone": ["appearance"], "gaze_alone": ["gaze"], "voice_alone": ["voice"],
        "without_appearance": ["gaze", "voice"], "without_gaze": ["appearance", "voice"],
        "without_voice": ["appearance", "gaze"],
    }  # fmt: skip
    del config["streams"]["voice"], config["streams"]["gaze"]
    assert "appearance_alone" not in ablations(config)


def test_sections_of_a_run_are_those_of_its_variant_or_the_configured_ones(config):
    assert (
        run_sections(config, "")["training"]
        == run_sections(config, OFFICIAL)["training"]
        == config["training"]
    )
    assert run_sections(config, "ablations/head_none/")["network"]["head"] == "none"


@pytest.mark.parametrize(
    "protocol, runs",
    [
        ("merged", {"": "merged"}),
        ("official", {"": "official"}),
        ("both", {"": "merged", OFFICIAL: "official"}),
    ],
)
def test_protocols_have_runs_of_their_own(config, protocol, runs):
    assert protocols({**config, "protocol": protocol}) == runs
