"""Rates of the configured networks that are measured here, with all their streams."""

import json

import numpy as np
import pytest
import torch

from mimamo.config import complete_config
from mimamo.estimate import probe
from mimamo.estimate.shipped import card_rate
from mimamo.estimate.widths import stream_widths
from mimamo.model.inference import predict_recording
from support.configuration import read
from support.paths import REPO, TINY

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def config(tmp_path):
    """The tiny demo's configuration with streams of every kind, and the phase by another name."""
    config = read(REPO / "config.yaml")
    for section, values in read(TINY).items():
        config[section] = {**config[section], **values} if isinstance(values, dict) else values
    np.save(tmp_path / "105.npy", np.ones((60, 7)))
    config["streams"] |= {
        "motion": None,
        "moved": {"kind": "phase"},
        "other": {"kind": "backbone", "backbone": "resnet18", "input_size": 32, "resize": 32},
        "voice": {"kind": "features", "folder": str(tmp_path), "rows": "frames"},
        "sound": {"kind": "audio"},
    }
    complete_config(config, REPO)
    return config


def test_every_stream_is_trained_and_predicted_with(config, monkeypatch):
    assert stream_widths(config) == {"appearance": 2048, "other": 512, "voice": 7, "sound": 64}
    seen = []

    def watched(network, recording, window, hop):
        seen.append({stream.name for stream in network.config.streams})
        return predict_recording(network, recording, window, hop)

    monkeypatch.setattr(probe, "predict_recording", watched)
    for rule in ("train", "predict"):
        assert probe.measure(rule, config).frames_a_second > 0
    assert seen and seen[0] == {"appearance", "moved", "other", "voice", "sound"}


def test_crops_go_through_every_backbone_once(config, monkeypatch):
    one = json.loads(json.dumps(config))
    del one["streams"]["other"]
    # The same features by another name cost nothing.
    one["streams"]["again"] = {"kind": "backbone"}
    device = torch.device("cpu")
    assert probe._seconds_a_crop(config["spatial"], device) > 0
    sections = []
    monkeypatch.setattr(
        probe, "_seconds_a_crop", lambda section, on: sections.append(section["backbone"]) or 1.0
    )
    assert probe.features_rate(one, device) == 1.0 and sections == ["resnet50"]
    assert probe.features_rate(config, device) == 0.5 and sections[1:] == ["resnet50", "resnet18"]


def test_a_rate_of_a_card_says_that_it_is_of_one_backbone(config):
    source = card_rate("h200", "features", config).source
    assert "not of this configuration, which has" in source and "backbones/resnet18-" in source
