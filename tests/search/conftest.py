import pytest

#: Complete ranges of every form.
RANGES = {
    "network.dropout": {"low": 0.0, "high": 0.5, "log": False, "step": None, "integer": False},
    "network.fusion_width": {"low": 8, "high": 32, "log": False, "step": 8, "integer": True},
    "network.temporal_channels": {"choices": [[4, 4, 4], [4, 4, 8]]},
    "network.head": {"choices": ["gru", "none"]},
    "training.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True, "step": None, "integer": False},
}


@pytest.fixture
def ranges() -> dict[str, dict]:
    return RANGES
