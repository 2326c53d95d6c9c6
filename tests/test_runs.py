import pytest
import yaml

from mimamo.errors import ConfigError
from mimamo.runs import (
    CONFIGURED,
    OFFICIAL,
    ablations,
    all_runs,
    backbone_of,
    changed_config,
    describe_changes,
    folders_of_no_run,
    protocols,
    run_config,
    shared_streams,
    variants,
)
from mimamo.streams import backbone_stage, brought_streams, complete_streams
from support.paths import REPO

WIDE = {"network": {"fusion_width": 512}}
#: What is not said of another network than that of the section spatial.
OTHER_NETWORK = dict.fromkeys(("sha256", "url", "input_size", "resize"))


@pytest.fixture
def config() -> dict:
    found = yaml.safe_load((REPO / "config.yaml").read_text())
    return {**found, "streams": complete_streams(found["streams"])}


def differing(changed: dict, config: dict) -> dict:
    sections = ("network", "training")
    return {
        f"{section}.{key}": value
        for section in sections
        for key, value in changed[section].items()
        if config[section][key] != value
    } | {f"no {name}": True for name in config["streams"].keys() - changed["streams"].keys()}


def test_every_ablation_differs_from_the_configured_run_in_one_thing(config):
    runs = ablations(config)
    assert runs.pop("all").folder == ""
    assert {name: differing(run_config(config, run), config) for name, run in runs.items()} == {
        "appearance_alone": {"no motion": True},
        "motion_alone": {"no appearance": True},
        "flip_off": {"training.flip": False},
        "head_none": {"network.head": "none"},
        "head_tcn": {"network.head": "tcn"},
        "head_transformer": {"network.head": "transformer"},
    }
    assert runs["motion_alone"].folder == "ablations/motion_alone/"


def test_an_ablation_that_is_configured_is_no_run_of_its_own(config):
    config["network"]["head"] = "tcn"
    config["training"].update(flip=False)
    runs = ablations(config)
    assert {"flip_on", "head_gru"} < set(runs)
    assert not {"flip_off", "head_tcn"} & set(runs)


def test_every_stream_is_tried_alone_and_left_out_whatever_they_are(config):
    del config["streams"]["motion"]
    config["streams"] |= {
        name: {"kind": "features", "folder": name, "missing": "zero", "hold": 0} for name in ("gaze", "voice")
    }
    tried = {
        name: list(run_config(config, run)["streams"])
        for name, run in ablations(config).items()
        if "head" not in name
    }
    assert tried == {
        "all": ["appearance", "gaze", "voice"],
        "appearance_alone": ["appearance"], "gaze_alone": ["gaze"], "voice_alone": ["voice"],
        "without_appearance": ["gaze", "voice"], "without_gaze": ["appearance", "voice"],
        "without_voice": ["appearance", "gaze"],
    }  # fmt: skip
    del config["streams"]["voice"], config["streams"]["gaze"]
    assert "appearance_alone" not in ablations(config)


@pytest.mark.parametrize(
    "protocol, expected",
    [
        ("merged", {"": "merged"}),
        ("official", {"": "official"}),
        ("both", {"": "merged", OFFICIAL: "official"}),
    ],
)
def test_protocols_have_runs_of_their_own(config, protocol, expected):
    config["protocol"] = protocol
    assert protocols(config) == expected
    # What is compared with the configured run scores the same frames.
    config["runs"] = {"wide": WIDE}
    compared = [run for runs in variants(config).values() for run in runs]
    assert {run_config(config, run)["protocol"] for run in compared} == {expected[""]}


def test_every_variant_is_trained_with_every_seed(config):
    config |= {"runs": {"wide": WIDE}, "seeds": 2}
    config["training"]["seed"] = 5
    found = {
        run.folder: (run.name, run_config(config, run)["training"]["seed"])
        for runs in variants(config).values()
        for run in runs
    }
    assert found == {
        "": (CONFIGURED, 5), "runs/configured/seed1/": (CONFIGURED, 6),
        "runs/wide/": ("wide", 5), "runs/wide/seed1/": ("wide", 6),
    }  # fmt: skip
    assert run_config(config, all_runs(config)["runs/wide/seed1/"])["network"]["fusion_width"] == 512
    assert config["network"]["fusion_width"] == 256


def test_a_run_computes_its_features_as_it_says_also_where_that_changes_none(config):
    config["spatial"] |= {"weights": "ferplus", "url": "mirror"}
    config["runs"] = {
        "drawn": {"spatial": {"weights": "random", "url": None}},
        "small": {"spatial": {"backbone": "resnet18", "weights": "imagenet", "url": "copy", "batch_size": 3}},
    }
    for name, changes in {CONFIGURED: {}, **config["runs"]}.items():
        expected = {**config["spatial"], **changes.get("spatial", {})}
        stage = backbone_stage(expected, config["spatial"])
        run, where, section = backbone_of(config, stage)
        assert (run.name, where, section) == (name, "spatial", expected)
    # The configuration's weights are recorded also where no stream sees their features.
    config["streams"] = complete_streams({**config["streams"], "appearance": None})
    run, where, section = backbone_of(config, "features")
    assert (run.name, where, section) == (CONFIGURED, "spatial", config["spatial"])


def test_a_stream_of_a_run_has_a_backbone_of_its_own(config):
    config["runs"] = {"both": {"streams": {"other": {"kind": "backbone", "backbone": "resnet34"}}}}
    stage = backbone_stage({**config["spatial"], **OTHER_NETWORK, "backbone": "resnet34"}, config["spatial"])
    run, where, section = backbone_of(config, stage)
    assert (run.name, where, section["backbone"]) == ("both", "streams.other", "resnet34")


def test_changes_of_streams_are_those_of_their_settings(config):
    mine = {"kind": "features", "folder": "mine", "rows": "frames", "width": 8}
    changed = changed_config(config, {"streams": {"motion": None, "mine": mine}})
    assert changed["streams"] == {
        "appearance": {"kind": "backbone"},
        "mine": {**mine, "missing": "zero", "hold": 0},
    }  # fmt: skip
    wider = changed_config(changed, {"streams": {"mine": {"width": 16}}})
    assert wider["streams"]["mine"] == {**changed["streams"]["mine"], "width": 16}
    other = changed_config(changed, {"streams": {"mine": {"kind": "phase"}}})
    assert other["streams"]["mine"] == {"kind": "phase"}


def brought(**settings) -> dict:
    return {"kind": "features", "folder": "mine", "rows": "frames", **settings}


def test_features_of_all_runs_are_known_together_and_each_name_means_one(config):
    config["runs"] = {"gaze": {"streams": {"gaze": brought()}}}
    assert list(shared_streams(config, brought_streams)) == ["gaze"]
    config["runs"]["small"] = {"streams": {"gaze": brought(width=8)}}
    assert list(shared_streams(config, brought_streams)) == ["gaze"]
    config["runs"]["other"] = {"streams": {"gaze": brought(folder="elsewhere")}}
    with pytest.raises(ConfigError, match=r"streams\.gaze of run other has other features"):
        shared_streams(config, brought_streams)


def test_a_run_that_leaves_out_other_frames_is_refused(config):
    config["runs"] = {"gaze": {"streams": {"gaze": brought(missing="drop")}}}
    with pytest.raises(ConfigError, match=r"run gaze leaves out frames without a row of gaze"):
        shared_streams(config, brought_streams)
    # One that needs fewer of them is none.
    config["runs"] = {"fewer": {"streams": {"gaze": None}}}
    config["streams"]["gaze"] = {**brought(missing="drop"), "hold": 0}
    assert list(shared_streams(config, brought_streams)) == ["gaze"]


def test_changes_are_described_as_they_are_written():
    changes = {
        "network": {"head": "tcn", "temporal_channels": [4, 8, 8]},
        "training": {"epochs": 3, "flip": True},
    }
    expected = (
        "network.head: tcn, network.temporal_channels: [4, 8, 8], training.epochs: 3, training.flip: true"
    )
    assert describe_changes({"runs": {"x": changes}}, "x") == expected
    assert describe_changes({"runs": {"x": changes}}, CONFIGURED) == ""


def test_folders_of_runs_that_are_gone_are_named_once(config, tmp_path):
    config |= {"runs": {"wide": WIDE}, "seeds": 2}
    for folder in ("wide/seed1", "wide/seed2", "configured/seed1", "old/seed1"):
        (tmp_path / "runs" / folder).mkdir(parents=True)
    (tmp_path / "runs/note.txt").touch()
    found = [str(path.relative_to(tmp_path)) for path in folders_of_no_run(config, tmp_path)]
    assert found == ["runs/old", "runs/wide/seed2"]
