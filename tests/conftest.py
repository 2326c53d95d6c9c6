import shutil
from collections.abc import Iterator
from compileall import compile_dir
from pathlib import Path

import pytest
from hypothesis import settings

from support.corpus import DATA, make_folders, write_pictures, write_usable_crops
from support.fold import make_fold
from support.paths import REPO
from support.shares import Shares
from support.slurm import cluster
from support.threads import single_threaded
from support.training import train_and_load
from support.weights import FERPLUS_FILE, ferplus_state
from support.whole_runs import RUNS, ClusterRuns, WholeRuns, fixtures_of_modules, place_of
from support.workflow import OwnRun, Run, copy_workflow


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=3, help="how often the whole workflow is killed")
    parser.addoption("--shared", type=Path, help="the folder of two processes that share the tests")
    parser.addoption("--share", choices=("first", "second"), help="which of the two this one is")


def pytest_configure(config):
    """Let two processes share the tests where side_by_side.py starts them, and no test fail by the clock."""
    settings.register_profile("machines are noisy", deadline=None)
    settings.load_profile("machines are noisy")
    if (folder := config.getoption("--shared")) is not None:
        config.pluginmanager.register(Shares(folder, config.getoption("--share")))


def pytest_collection_modifyitems(items):
    """Put the modules that wait for a whole run behind those that need none, in the order of the runs."""
    fixtures = fixtures_of_modules(items)
    items.sort(key=lambda item: place_of(fixtures[item.module]))


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
def real_videos(shared) -> Path:
    """The folder of videos that nobody rendered."""
    folder = shared / "real" / "videos"
    if not folder.is_dir():
        pytest.skip("no folder real/ in the folder shared/ beside the project: real video is not here")
    return folder


@pytest.fixture(scope="module")
def one_thread():
    with single_threaded():
        yield


@pytest.fixture
def root(tmp_path) -> Path:
    """A data set of empty folders, and a list with one test name."""
    return make_folders(tmp_path / "corpus")


@pytest.fixture
def batch(tmp_path) -> dict:
    """What a job is told of a batch of three names: crops with holes, without holes, and none."""
    numbers = {"105": [2, 3, 4, 6, 7, 9], "video1_left": list(range(1, 40))}
    write_pictures(tmp_path / "root" / "cropped_aligned", numbers)
    return {
        "keys": dict.fromkeys(["105", "empty", "video1_left"], "as given"),
        "audit": write_usable_crops(tmp_path / "audit", {**numbers, "empty": []}),
        "data": DATA,
        "root": str(tmp_path / "root"),
    }


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Path:
    """A copy of the workflow's files, which all runs of the tests are run from. See editable_checkout."""
    copy = copy_workflow(REPO, tmp_path_factory.mktemp("copy") / "workflow")
    # Hundreds of processes import it, perhaps with PYTHONDONTWRITEBYTECODE.
    compile_dir(copy / "workflow", quiet=1)
    return copy


@pytest.fixture(scope="session", autouse=True)
def whole_runs(request, tmp_path_factory) -> Iterator[WholeRuns | None]:
    """The long runs of the workflow, begun with the first test, as far as a test asks for them."""
    wanted = RUNS.keys() & {name for item in request.session.items for name in item.fixturenames}
    if not wanted:
        yield None
        return
    kills = request.config.getoption("--kills")
    runs = WholeRuns(wanted, request.getfixturevalue("checkout"), tmp_path_factory.mktemp("whole"), kills)
    try:
        yield runs
    finally:
        runs.close()


@pytest.fixture(scope="session", autouse=True)
def cluster_runs(request, whole_runs, tmp_path_factory) -> Iterator[ClusterRuns | None]:
    """The runs on a cluster, begun with the first test, as far as a test asks for them and SLURM is here."""
    wanted = any("slurm" in item.fixturenames for item in request.session.items)
    if not wanted or cluster.obstacle() is not None:
        yield None
        return
    folder = tmp_path_factory.mktemp("slurm")
    runs = ClusterRuns(request.getfixturevalue("checkout"), folder, whole_runs.folder / "tiny/run")
    try:
        yield runs
    finally:
        runs.close()


@pytest.fixture(scope="session")
def slurm(tiny, cluster_runs) -> ClusterRuns:
    """The runs on a cluster."""
    if cluster_runs is None:
        pytest.skip(cluster.obstacle() or "SLURM could not be used when the tests began")
    return cluster_runs


@pytest.fixture
def editable_checkout(tmp_path) -> Path:
    """A copy of the workflow's files, for a test to edit. Where it lies makes nothing anew."""
    return copy_workflow(REPO, tmp_path / "editable")


@pytest.fixture(scope="session")
def tiny(whole_runs) -> Run:
    """The whole workflow, once, on a tiny demo. Nobody may change its folder."""
    return whole_runs["tiny"]


@pytest.fixture
def finished_run(tiny, tmp_path) -> Path:
    """The folder of a copy of the tiny run, to change something in and run again."""
    return shutil.copytree(tiny.folder, tmp_path / "run")


@pytest.fixture(scope="session")
def own_run(tiny, whole_runs) -> OwnRun:
    """A run of labels, phases, doctor and folds on a data set on disk. Nobody may change its folder."""
    return whole_runs["own_run"]


@pytest.fixture
def finished_own_run(own_run, tmp_path) -> OwnRun:
    """A copy of that run and its data set, to change something in and run again."""
    return own_run.copy(tmp_path / "own")


@pytest.fixture(scope="session")
def raw_videos(whole_runs) -> Run:
    """A run on raw videos and annotations. Nobody may change its folder or the data set beside it."""
    return whole_runs["raw_videos"]


@pytest.fixture(scope="session")
def rehearsed(whole_runs) -> tuple[Path, str]:
    """A folder with a rehearsal of size 0.002, with the tiny demo's networks, and what it printed."""
    return whole_runs["rehearsed"]


@pytest.fixture(scope="session")
def ferplus_file(tmp_path_factory) -> Path:
    """A file such as that of the published ResNet-50, of random numbers."""
    import torch

    path = tmp_path_factory.mktemp("ferplus") / FERPLUS_FILE
    torch.save(ferplus_state(), path)
    return path


@pytest.fixture(scope="session")
def fold(tmp_path_factory) -> Path:
    """A fold small enough to train in seconds. Nobody may change its files."""
    root = tmp_path_factory.mktemp("fold")
    make_fold(root)
    return root


@pytest.fixture(scope="session")
def trained_fold(fold, tmp_path_factory):
    """The checkpoint and history of that fold, trained until it tells both dimensions, and their folder."""
    out = tmp_path_factory.mktemp("trained")
    with single_threaded():
        return *train_and_load(fold, out, epochs=14, patience=14), out


@pytest.fixture(scope="session")
def published_state(shared) -> dict:
    """Weights under the names of the published MIMAMO Net, half precision as they are stored."""
    import numpy as np
    import torch

    with np.load(shared / "golden" / "mimamo_net_weights.npz") as weights:
        return {name: torch.from_numpy(weights[name]) for name in weights.files}


@pytest.fixture(scope="session")
def golden_network(shared, published_state, tmp_path_factory):
    """Gives the converted network that follows time or the batch, and the golden inputs and outputs."""
    import numpy as np
    import torch

    from mimamo.model.checkpoint import load_checkpoint
    from mimamo.own_data.published import convert

    folder = tmp_path_factory.mktemp("published")
    torch.save({"state_dict": published_state, "epoch": 7}, folder / "published.pth.tar")
    with np.load(shared / "golden" / "mimamo_net_io.npz") as arrays:
        values = {key: torch.from_numpy(arrays[key]).float() for key in arrays.files}

    def get(recurrence: str):
        convert(folder / "published.pth.tar", folder / "model.pt", recurrence, ("valence", "arousal"))
        network = load_checkpoint(folder / "model.pt").network
        # Bfloat16 would not reach the golden precision where the processor has it.
        network.temporal.bfloat16 = False
        return network, values

    return get
