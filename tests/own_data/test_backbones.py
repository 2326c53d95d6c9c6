"""Crops of one's own for models of several backbones."""

import json

import numpy as np
import pytest

from mimamo.cli import main
from mimamo.corpus.crops import read_crop
from mimamo.errors import InputError
from mimamo.features.extract import load_network, pool5, preparation_of
from mimamo.features.preparation import prepare
from mimamo.own_data.given_models import check_models
from mimamo.storage.files import read_csv
from mimamo.streams import spatial_of
from support.brought import BY_FRAMES, write_file
from support.commands import sentence
from support.configuration import read
from support.fold import NETWORK
from support.models import NUMBERS, SPATIAL, TRAINING, predict, write_model
from support.paths import REPO

pytestmark = pytest.mark.usefixtures("one_thread")

#: Beside the section spatial of the models.
OWN = {"kind": "backbone", "backbone": "resnet18", "input_size": 48, "resize": 56}
SECTION = spatial_of(OWN, SPATIAL)


@pytest.fixture(scope="module")
def network():
    return load_network(SECTION)


@pytest.fixture(scope="module")
def model(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.pt"
    return write_model(path, 0, brought={"other": (512, OWN)}, records={"other": network[1]})


def test_features_of_every_backbone_are_computed_as_if_they_were_brought(own, model, network, tmp_path):
    assert predict(own, [model], tmp_path / "out.csv") == 0
    preparation = preparation_of(network[0], SECTION)
    for name, numbers in NUMBERS.items():
        values = np.zeros((max(numbers), 512))
        for number in numbers:
            crop = read_crop(next((own / name).glob(f"{number:05d}.*")))
            images = prepare([crop], preparation.size, preparation.resize, preparation.bicubic)
            values[number - 1] = pool5(network[0], images)[0]
        write_file(tmp_path / "files" / f"{name}.npy", values)
    brought = write_model(tmp_path / "brought.pt", 0, brought={"other": (512, BY_FRAMES)})
    assert predict(own, [brought], tmp_path / "as.csv", "--features", f"other={tmp_path / 'files'}") == 0
    ours, theirs = (
        read_csv(tmp_path / file).query("source == 'predicted'") for file in ("out.csv", "as.csv")
    )
    assert ours[["valence", "arousal"]].std().max() > 0.01
    for dimension in ("valence", "arousal"):
        np.testing.assert_allclose(ours[dimension], theirs[dimension], atol=1e-3)


def test_the_record_names_the_weights_of_every_backbone(own, model, network, tmp_path, capsys):
    assert predict(own / "105", [model], tmp_path / "out.csv") == 0
    weights = json.loads((tmp_path / "out.csv.json").read_text())["weights"]
    assert weights["streams"]["other"] == network[1] and set(weights["streams"]) == {"appearance", "other"}
    assert main(["provenance", str(tmp_path / "out.csv")]) == 0
    assert f"Weights of other: random (seed 0), SHA-256 {network[1]['sha256']}" in capsys.readouterr().out


def test_weights_that_are_other_ones_now_are_told_with_their_stream(own, network, tmp_path, capsys):
    record = {**network[1], "sha256": "2" * 64}
    odd = write_model(tmp_path / "odd.pt", 0, brought={"other": (512, OWN)}, records={"other": record})
    assert predict(own, [odd], tmp_path / "out.csv") == 1
    assert "in the stream other" in (said := sentence(capsys)) and "odd.pt: expected a model" in said


def test_given_models_have_the_configured_backbones(model, network):
    default = read(REPO / "config.yaml")
    sizes = {key: value for key, value in NETWORK.items() if key in default["network"]}
    config = {
        **default,
        "spatial": SPATIAL,
        "network": {**default["network"], **sizes},
        "training": {**default["training"], **TRAINING},
        "streams": {**default["streams"], "other": OWN},
    }
    assert "spatial features from random weights" in check_models([model], config)
    config["streams"]["other"] = {**OWN, "input_size": 56}
    with pytest.raises(InputError, match="found input_size 48 instead of 56 in the stream other"):
        check_models([model], config)
