from pathlib import Path

import pytest
from small_corpus import DATA, write_frames, write_pictures
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


@pytest.fixture(scope="module")
def one_thread():
    """Small products wait for each other when many tests run side by side."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def batch(tmp_path) -> dict:
    """What a job is told of a batch of three names: crops with holes, without holes, and none."""
    numbers = {"105": [2, 3, 4, 6, 7, 9], "video1_left": list(range(1, 40))}
    write_pictures(tmp_path / "root" / "cropped_aligned", numbers)
    return {
        "names": ["105", "empty", "video1_left"],
        "frames_csv": write_frames(tmp_path / "frames.csv", numbers),
        "data": DATA,
        "root": str(tmp_path / "root"),
    }


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
