from pathlib import Path

import pytest
from workflow_runs import TINY, Run, copy_workflow, snakemake

REPO = Path(__file__).resolve().parents[1]


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=3, help="how often the whole workflow is killed")


@pytest.fixture
def kills(request) -> int:
    return request.config.getoption("--kills")


@pytest.fixture(scope="session")
def repo() -> Path:
    return REPO


@pytest.fixture(scope="session")
def shared() -> Path:
    """Golden numbers and real video, which are kept beside the project and not in it."""
    folder = REPO.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder.name}/ beside the project: golden data and real video are not here")
    return folder


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Path:
    """A copy of the workflow's files, which all runs of the tests are run from."""
    return copy_workflow(REPO, tmp_path_factory.mktemp("copy") / "workflow")


@pytest.fixture(scope="session")
def tiny(checkout, tmp_path_factory) -> Run:
    """The whole workflow, once, on a tiny demo. Nobody may change its folder."""
    run = snakemake(checkout, tmp_path_factory.mktemp("tiny") / "run", "--configfile", TINY)
    assert run.status == 0, run.text[-4000:]
    return run
