"""Windows in the memory of a device are those that are read from disk."""

import numpy as np
import pytest
import torch

from mimamo.dataset.fold_data import read_fold, training_windows
from mimamo.dataset.labels import Labels
from mimamo.dataset.recordings import WindowDataset
from mimamo.dataset.resident import ResidentWindows, resident_bytes, resident_windows
from mimamo.dataset.windows import Window
from mimamo.errors import InputError
from support.fold import caches

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(fold):
    return read_fold(0, fold / "folds.csv", fold / "labels", caches(fold))


@pytest.mark.parametrize("bridge", [0, 12])
def test_batches_are_those_read_from_disk_to_the_bit(data, bridge):
    """Windows with holes around them, or in them, and padded ones included."""
    windows = training_windows(data, window=16, hop=8, differences=4, bridge=bridge)
    resident = ResidentWindows(windows, CPU)
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(0)).tolist()
    batches = [order[start : start + 5] for start in range(0, len(order), 5)]
    padded = bridged = 0
    for numbers in batches:
        found, wanted = resident.batch(numbers), windows.batch(numbers)
        assert found.keys() == wanted.keys()
        for field, values in wanted.items():
            assert found[field].dtype == values.dtype and torch.equal(found[field], values), field
        padded += int((~wanted["valid"]).any())
        bridged += int((wanted["valid"] & ~wanted["labelled"]).sum())
    assert bool(bridged) == bool(bridge) != bool(padded)


def test_the_memory_that_windows_take_is_known_before(data):
    windows = training_windows(data, window=16, hop=8, differences=4)
    resident = ResidentWindows(windows, CPU)
    tensors = [*resident._stores.values(), resident._frames, resident._maps, resident._targets]
    taken = sum(tensor.nbytes for tensor in tensors)
    assert resident_bytes(windows) == pytest.approx(taken, rel=0.02)


def test_a_labelled_frame_without_features_is_told_as_when_it_is_read(data):
    windows = [Window("a", 6, 16), Window("a", 30, 16)]
    labels = {"a": Labels(np.arange(6, 46), np.zeros((40, 2), np.float32))}
    dataset = WindowDataset(windows, data.recordings, labels, length=16, differences=4)
    with pytest.raises(InputError) as read:
        dataset[1]
    with pytest.raises(InputError) as resident:
        ResidentWindows(dataset, CPU)
    assert str(resident.value) == str(read.value)
    assert "should hold all frames from 30 to 45 and does not" in str(read.value)


def test_on_the_cpu_batches_are_read_from_disk(data):
    assert resident_windows(training_windows(data, 16, 8, 4), CPU) is None
