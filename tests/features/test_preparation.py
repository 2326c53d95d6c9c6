"""Crops read ahead in processes are those that are read one by one, and so are the errors."""

import multiprocessing
import os
import signal

import numpy as np
import pytest

from mimamo.audit.records import read_usable
from mimamo.corpus.extraction import find_crops
from mimamo.errors import InputError
from mimamo.features import preparation as module
from mimamo.features.preparation import Preparation, block_reader


@pytest.fixture
def names(batch):
    """The crops of three names, one of them without any."""
    return find_crops(read_usable(batch["audit"], batch["keys"]), batch["data"], batch["root"])


def read_all(names, size: int, processes: int) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Read all blocks; those that lie in shared memory are copied, as the next one overwrites them."""
    with block_reader(names, Preparation(32, 36, False, size), processes) as read:
        return [(crops.name, numbers, images.copy()) for crops in names for numbers, images in read(crops)]


@pytest.mark.parametrize("size", [1, 5, 64])
def test_processes_read_the_same_blocks_in_the_same_order(names, size):
    alone, ahead = (read_all(names, size, processes) for processes in (0, 2))
    assert sum(len(numbers) for _, numbers, _ in alone) == 45
    assert len(alone) == len(ahead)
    for (name, numbers, images), (same_name, same_numbers, same_images) in zip(alone, ahead, strict=True):
        assert name == same_name and np.array_equal(numbers, same_numbers)
        assert images.any() and np.array_equal(images, same_images)


def test_the_first_crop_that_cannot_be_read_is_told_alike(names):
    said = []
    for frame in (31, 20):
        names[-1].path(frame).write_bytes(b"")
    for processes in (0, 2):
        with pytest.raises(
            InputError, match=r"00020\.jpg: expected a JPEG image, found an empty file"
        ) as error:
            read_all(names, 4, processes)
        said.append(str(error.value))
    assert said[0] == said[1]


def test_a_reader_that_is_left_early_ends_its_processes(names):
    others = multiprocessing.active_children()  # runs that other tests began
    with block_reader(names, Preparation(32, 36, False, 2), 2) as read:
        next(read(names[0]))
        assert len(multiprocessing.active_children()) == len(others) + 2
    assert len(multiprocessing.active_children()) == len(others)


def test_a_process_that_is_killed_is_told(names, monkeypatch):
    monkeypatch.setattr(module, "read_crop", lambda path: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(RuntimeError, match="a process that reads crops was killed"):
        read_all(names, 4, 1)
