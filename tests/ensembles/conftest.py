import pytest

from mimamo.evidence.variants import FittedRun
from support.predictions import fit, make_run


@pytest.fixture(scope="session")
def official_run(tmp_path_factory) -> FittedRun:
    """A run with a held-out validation set, whose postprocessing is fitted. Nobody may change its files."""
    run = make_run(tmp_path_factory.mktemp("official"))
    fit(run)
    return run
