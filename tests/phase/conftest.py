"""The modules of both precisions, and golden pictures with what they give."""

import numpy as np
import pytest
import torch

from mimamo.phase.differences import PhaseDifference
from mimamo.phase.steerable_pyramid import Filters, build_filters


@pytest.fixture(scope="session")
def filters() -> Filters:
    return build_filters()


@pytest.fixture(scope="session")
def single(filters) -> PhaseDifference:
    return PhaseDifference(filters)


@pytest.fixture(scope="session")
def double(filters) -> PhaseDifference:
    return PhaseDifference(filters, torch.float64)


@pytest.fixture(scope="session")
def golden(shared) -> dict[str, np.ndarray]:
    path = shared / "golden" / "phase_pyramid.npz"
    if not path.exists():
        pytest.skip(f"no {path.name} in the folder {path.parent.name} beside the project")
    with np.load(path) as archive:
        return dict(archive)


@pytest.fixture(scope="session")
def faces(golden) -> torch.Tensor:
    return torch.from_numpy(golden["frames_48"]).double() / 255
