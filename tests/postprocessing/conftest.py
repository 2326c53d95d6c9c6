import pytest

from mimamo.evidence.variants import FittedRun
from support.predictions import fit, make_run


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> FittedRun:
    """A run whose postprocessing is fitted. Nobody may change its files."""
    fitted = make_run(tmp_path_factory.mktemp("run"))
    fit(fitted)
    return fitted
