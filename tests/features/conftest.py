"""Weights as those of trained networks, and a machine that reaches no server."""

from pathlib import Path

import pytest
import torch
import torchvision

from mimamo.storage import download
from support.weights import SPATIAL, load, stirred


@pytest.fixture(scope="session")
def random_weights():
    return load("random")


@pytest.fixture(scope="session")
def resnet50():
    """A network whose batch norms do something, as those of a trained one do."""
    return stirred(torchvision.models.resnet50(weights=None))


@pytest.fixture(scope="session")
def resnet50_file(resnet50, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "trained.pth"
    torch.save(resnet50.state_dict(), path)
    return path


@pytest.fixture
def resnet50_state(resnet50):
    return dict(resnet50.state_dict())


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Gives a network of torchvision's as if it had been trained, and the file it is saved in."""
    folder, made = tmp_path_factory.mktemp("backbones"), {}

    def get(backbone: str):
        if backbone not in made:
            options = {"transform_input": True, "init_weights": True} if backbone == "googlenet" else {}
            network = stirred(torchvision.models.get_model(backbone, weights=None, **options))
            torch.save(network.state_dict(), folder / f"{backbone}.pth")
            made[backbone] = network, folder / f"{backbone}.pth"
        return made[backbone]

    return get


@pytest.fixture
def spatial(tmp_path):
    """The published setting, with a cache of its own."""
    sizes = {"input_size": None, "resize": None}
    return {**SPATIAL, "weights": "ferplus", "cache": str(tmp_path / "cache"), **sizes}


@pytest.fixture
def offline(monkeypatch):
    """No server is reached, and nobody waits for one."""
    monkeypatch.setattr(download, "FIRST_RETRY_DELAY", 0.0)
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def hub(offline, tmp_path, monkeypatch) -> Path:
    """Torch hub's folder."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path / "hub" / "checkpoints"
