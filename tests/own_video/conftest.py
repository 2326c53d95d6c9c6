"""A film with sound of a person who leaves, two models, and their prediction with everything kept."""

from pathlib import Path

import pytest

from support.films import Prediction, predict, write_example
from support.models import write_model


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    return write_example(tmp_path_factory.mktemp("film") / "my film.mp4")


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    return [write_model(folder / f"fold{seed}.pt", seed, bias) for seed, bias in ((0, 0.1), (1, -0.2))]


@pytest.fixture(scope="session")
def predicted(film, models, tmp_path_factory) -> Prediction:
    """What is nowhere changed by a test."""
    out = tmp_path_factory.mktemp("predicted")
    options = ["--film", str(out / "shown.mp4"), "--crops", str(out / "crops")]
    assert predict([film], models, out / "table.csv", *options) == 0
    return Prediction(film, out)
