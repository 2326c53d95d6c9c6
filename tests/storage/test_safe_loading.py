"""No file that is read may run code: each reader is given one that would."""

import pickle
import zipfile

import numpy as np
import pytest
import torch

from mimamo.errors import InputError
from mimamo.features.weights import load_weights
from mimamo.model.checkpoint import load_checkpoint
from mimamo.own_data.published import read_published
from mimamo.phase.steerable_pyramid import load_filters
from mimamo.storage.frame_cache import feature_dtype, open_cache
from mimamo.training.saved_state import SavedStates
from support.pickles import Payload
from support.weights import SPATIAL


@pytest.fixture
def trap(tmp_path):
    return tmp_path / "executed"


def zipped(content, path):
    torch.save(content, path)


def legacy(content, path):
    torch.save(content, path, _use_new_zipfile_serialization=False)


def bare(content, path):
    path.write_bytes(pickle.dumps(content, protocol=2))


def from_a_published_address(path):
    load_weights({**SPATIAL, "weights": "ferplus", "url": str(path), "cache": str(path.parent / "cache")})


# By reader of tensors: what else stands in the file, so that it gets as far as it can.
TENSORS = {
    "weights": (
        lambda path: load_weights({**SPATIAL, "weights": str(path)}),
        {"conv1.weight": torch.zeros(1)},
    ),
    "fetched weights": (from_a_published_address, {"conv1_7x7_s2.weight": torch.zeros(1)}),
    "published checkpoint": (read_published, {"state_dict": {"rnns.a": torch.zeros(1)}, "epoch": 3}),
    "checkpoint": (load_checkpoint, {"format": 2, "weights": {"fuse.bias": torch.zeros(1)}}),
}


@pytest.mark.parametrize("save", [zipped, legacy, bare], ids=lambda save: save.__name__)
@pytest.mark.parametrize("reader", TENSORS)
def test_a_file_of_tensors_runs_nothing(tmp_path, trap, reader, save):
    read, content = TENSORS[reader]
    path = tmp_path / "harmful.pth"
    save({**content, "extra": Payload(trap)}, path)
    with pytest.raises(InputError, match=r"harmful\.pth: .*nothing in it was executed") as told:
        read(path)
    assert "\n" not in str(told.value) and not trap.exists()
    assert not list((tmp_path / "cache").glob("*"))
    # Who reads it without care runs it.
    load = pickle.loads(path.read_bytes()) if save is bare else torch.load(path, weights_only=False)
    assert load and trap.exists()


@pytest.mark.parametrize("save", [zipped, legacy, bare], ids=lambda save: save.__name__)
def test_the_state_of_a_training_runs_nothing_and_is_passed_over(tmp_path, trap, save, caplog):
    states = SavedStates(tmp_path / "state", "mine")
    states.save(3, {"step": 3})
    save({"fingerprint": "mine", "state": Payload(trap)}, tmp_path / "state" / "000000006.pt")
    with caplog.at_level("WARNING", "mimamo"):
        assert states.load() == {"step": 3}
    assert not trap.exists()
    assert [record.message.count("000000006.pt") for record in caplog.records] == [1]


def pickled_array(path, trap):
    np.save(path, np.array([Payload(trap)], dtype=object), allow_pickle=True)


def pickled_field(path, trap):
    """A cache whose header says objects."""
    rows = np.empty(1, [("frame", object), ("pool5", object)])
    rows["pool5"][0] = Payload(trap)
    np.save(path, rows, allow_pickle=True)


@pytest.mark.parametrize("save", [pickled_array, pickled_field], ids=lambda save: save.__name__)
def test_a_cache_runs_nothing(tmp_path, trap, save):
    save(tmp_path / "105.npy", trap)
    with pytest.raises(InputError, match=r"105\.npy should be a cache") as told:
        open_cache(tmp_path / "105.npy")
    assert "\n" not in str(told.value) and not trap.exists()
    np.load(tmp_path / "105.npy", allow_pickle=True)
    assert trap.exists()


def test_the_header_of_a_cache_is_no_code(tmp_path, trap):
    """NumPy's header is a text that Python parses."""
    with open(tmp_path / "105.npy", "wb") as handle:
        header = f"open({str(trap)!r}, 'w')".ljust(117) + "\n"
        handle.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        handle.write(np.zeros(1, feature_dtype(1)).tobytes())
    with pytest.raises(InputError, match="should be a cache"):
        open_cache(tmp_path / "105.npy")
    assert not trap.exists()


def test_filters_run_nothing(tmp_path, trap):
    path = tmp_path / "filters.npz"
    np.savez(path, level1=np.array([Payload(trap)], dtype=object), level2=np.zeros((24, 24)))
    with pytest.raises(InputError, match=r"filters\.npz should be a file of filters") as told:
        load_filters(path)
    assert "\n" not in str(told.value) and not trap.exists()
    # Nor as a pickle in an archive's place.
    path.write_bytes(pickle.dumps(Payload(trap)))
    with pytest.raises(InputError, match="should be a file of filters"):
        load_filters(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("level1", pickle.dumps(Payload(trap)))
    with pytest.raises(InputError, match="should be a file of filters"):
        load_filters(path)
    assert not trap.exists()


def test_nothing_else_in_the_package_reads_pickles(repo):
    """Each of these may run what it reads; those that are there are told not to."""
    risky = (
        "torch.load(",
        "np.load(",
        "import pickle",
        "joblib",
        "read_pickle(",
        "allow_pickle=True",
        "yaml.load(",
    )
    found = {
        (path.name, line.strip())
        for path in (repo / "workflow").rglob("*.py")
        for line in path.read_text().splitlines()
        if any(word in line for word in risky)
    }
    assert found == {
        ("tensors.py", "return torch.load(path, map_location=device, weights_only=True)"),
        ("steerable_pyramid.py", "with np.load(path, allow_pickle=False) as archive:"),
        ("brought.py", 'return {"values": np.load(path, allow_pickle=False)}'),
        ("brought.py", "with np.load(path, allow_pickle=False) as archive:"),
    }
