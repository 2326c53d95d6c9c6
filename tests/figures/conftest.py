from pathlib import Path

import pytest

from support.figures import make_results


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Path:
    """All that the figures read. Nobody may change its folder."""
    return make_results(tmp_path_factory.mktemp("results"))
