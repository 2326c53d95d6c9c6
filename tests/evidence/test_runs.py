import pytest
import yaml

from mimamo.evidence.runs import OFFICIAL, ablation_runs, ablations, protocols, run_sections
from support.paths import REPO


@pytest.fixture
def config() -> dict:
    return yaml.safe_load((REPO / "config.yaml").read_text())


def differing(sections: dict, other: dict) -> dict:
    return {
        f"{section}.{key}": value
        for section, values in sections.items()
        for key, value in values.items()
        if other[section][key] != value
    }


def test_every_variant_differs_from_the_whole_in_one_thing(config):
    variants = ablations(config)
    reference = variants.pop("both")
    assert reference == {name: config[name] for name in ("network", "training")}
    assert {name: differing(sections, reference) for name, sections in variants.items()} == {
        "spatial": {"training.streams": "spatial"},
        "temporal": {"training.streams": "temporal"},
        "flip_off": {"training.flip": False},
        "head_none": {"network.head": "none"},
        "head_tcn": {"network.head": "tcn"},
        "head_transformer": {"network.head": "transformer"},
    }


def test_configured_run_serves_as_the_variant_that_it_is(config):
    runs = ablation_runs(config)
    assert runs["both"] == "" and runs["spatial"] == "ablations/spatial/"
    config["network"]["head"] = "tcn"
    config["training"].update(streams="spatial", flip=False)
    runs = ablation_runs(config)
    assert runs["both"] == "ablations/both/" and runs["spatial"] == ""
    assert {"flip_on", "head_gru"} < set(runs) and not {"flip_off", "head_tcn"} & set(runs)
    assert ablations(config)["head_gru"]["training"] == {**config["training"], "streams": "both"}


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
