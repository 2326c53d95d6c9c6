"""Which models may predict together, and on which features."""

import json
import os

import pandas as pd
import pytest
import torch
from torchvision.models import get_model

from mimamo.cli import main
from mimamo.features.extract import load_network
from support.commands import sentence
from support.models import SPATIAL, predict, write_model
from support.weights import stirred

pytestmark = pytest.mark.usefixtures("one_thread")


def test_models_of_other_features_are_refused(own, models, tmp_path, capsys):
    other = write_model(tmp_path / "other.pt", 2, input_size=32)
    assert predict(own, [*models, other], tmp_path / "out.csv") == 1
    said = sentence(capsys)
    assert f"{other}: expected a model trained on the same features as {models[0]}" in said
    assert "found input_size 32 instead of 64" in said


def test_models_of_other_weights_at_the_same_path_are_told_apart(own, tmp_path, capsys):
    path = tmp_path / "weights.pth"
    files = []
    for seed in (1, 2):
        torch.save(stirred(get_model("resnet18", weights=None), seed).state_dict(), path)
        spatial = {"backbone": "resnet18", "weights": str(path)}
        _, record = load_network({**SPATIAL, **spatial})
        files.append(write_model(tmp_path / f"{seed}.pt", seed, features=record, width=512, **spatial))
    one, two = files
    assert predict(own / "105", [one, two], tmp_path / "out.csv") == 1
    said = sentence(capsys)
    assert f"{two}: expected a model trained on the same features as {one}, found sha256" in said
    # The weights that are there now are those of the second model alone.
    assert predict(own / "105", [one], tmp_path / "out.csv") == 1
    said = sentence(capsys)
    assert (
        f"{one}: expected a model trained on the same features as the weights that are there now give" in said
    )
    assert not (tmp_path / "out.csv").exists()
    assert predict(own / "105", [two], tmp_path / "out.csv") == 0
    os.rename(path, tmp_path / "elsewhere.pth")
    three = write_model(
        tmp_path / "3.pt",
        3,
        features=record,
        width=512,
        backbone="resnet18",
        weights=str(tmp_path / "elsewhere.pth"),
    )
    assert predict(own / "105", [three, two], tmp_path / "out.csv") == 0


def test_where_weights_were_fetched_from_makes_no_other_features(own, models, tmp_path):
    other = write_model(tmp_path / "other.pt", 2, cache="elsewhere", url=None)
    assert predict(own / "105", [*models, other], tmp_path / "out.csv") == 0


def test_features_are_those_the_models_were_trained_on(own, tmp_path):
    tables = []
    for size in (32, 64):
        model = write_model(tmp_path / f"{size}.pt", 0, input_size=size, resize=size)
        assert predict(own / "105", [model], tmp_path / f"{size}.csv") == 0
        tables.append(pd.read_csv(tmp_path / f"{size}.csv"))
    assert (tables[0]["valence"] - tables[1]["valence"]).abs().max() > 1e-3


def test_missing_weights_are_told_with_the_model_that_wants_them(own, tmp_path, capsys):
    model = write_model(tmp_path / "model.pt", 0, weights=str(tmp_path / "gone.pth"))
    assert predict(own, [model], tmp_path / "out.csv") == 1
    assert "model.pt was trained on features that are not available" in (said := sentence(capsys))
    assert "gone.pth" in said


def test_a_model_given_twice_counts_once(own, models, tmp_path):
    predict(own / "105", models, tmp_path / "once.csv")
    predict(own / "105", [models[0], *models], tmp_path / "twice.csv")
    assert (tmp_path / "once.csv").read_bytes() == (tmp_path / "twice.csv").read_bytes()


def test_a_model_that_predicts_no_numbers_is_named(own, models, tmp_path, capsys):
    broken = write_model(tmp_path / "broken.pt", 2, bias=float("nan"))
    assert predict(own / "105", [models[0], broken], tmp_path / "out.csv") == 1
    assert "broken.pt: expected the weights of its own network, found values that are no" in sentence(capsys)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("demo", [True, None])
def test_what_the_models_were_trained_on_is_said_on_the_terminal_and_in_the_record(
    own, tmp_path, capsys, demo
):
    model = write_model(tmp_path / "model.pt", 1, demo=demo)
    assert predict(own / "105", [model], tmp_path / "out.csv") == 0
    caveat = {
        True: "trained on the rendered demo corpus: says nothing about real faces; ",
        None: "trained on an unknown corpus, which checkpoints of earlier versions do not record; ",
    }[demo] + "spatial features from random weights"
    assert f"What these models predict: {caveat}" in capsys.readouterr().err
    assert json.loads((tmp_path / "out.csv.json").read_text())["caveat"] == caveat
    assert main(["provenance", str(tmp_path / "out.csv")]) == 0
    assert f"Caveat: {caveat}\n" in capsys.readouterr().out
