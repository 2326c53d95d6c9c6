"""Crops of two names, and two models."""

from pathlib import Path

import pytest

from support.corpus import write_pictures
from support.models import NUMBERS, write_model


@pytest.fixture(scope="session")
def own(tmp_path_factory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("own") / "crops", NUMBERS)


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("models")
    return [write_model(folder / f"fold{seed}.pt", seed, bias) for seed, bias in ((0, 0.3), (1, 0.9))]
