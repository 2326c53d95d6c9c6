"""Files that are written whole or not at all, on disks that are full, limited or read-only."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from mimamo.errors import OutputError
from mimamo.storage.files import atomic_write, check_writable, write_csv
from mimamo.storage.frame_cache import cache_writer, feature_dtype
from mimamo.storage.tensors import save_tensors
from support.paths import WORKFLOW


def write_folder(path: Path) -> None:
    """A folder of caches, as phase and features write it: one temporary folder within another."""
    with atomic_write(path) as fresh:
        fresh.mkdir()
        with cache_writer(fresh / "a.npy", feature_dtype(2048), 100) as cache:
            cache.append(np.arange(1, 101), pool5=np.zeros((100, 2048), np.float16))


def write_zeros(path: Path) -> None:
    with atomic_write(path) as fresh:
        fresh.write_bytes(bytes(400_000))


#: Every way in which the workflow writes, each with some 400 kB.
WRITERS = {
    "bytes": write_zeros,
    "table.csv": lambda path: write_csv(pd.DataFrame({"x": np.arange(60_000.0)}), path),
    "model.pt": lambda path: save_tensors({"weights": torch.zeros(100_000)}, path),
    "caches": write_folder,
}


@contextmanager
def small_files():
    """No file of this process grows beyond 100 kB. Not for a whole test: pytest's own log may be longer."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", WRITERS)
def test_a_write_that_fails_is_told_and_leaves_all_as_it_was(tmp_path, name):
    old = tmp_path / name
    old.write_text("earlier")
    with pytest.raises(OutputError) as told, small_files():
        WRITERS[name](old)
    assert str(told.value).startswith(f"{old}: expected to be able to write it, found: File too large; ")
    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == [old] and old.read_text() == "earlier"


def test_a_folder_is_replaced_only_when_the_new_one_is_whole(tmp_path):
    (tmp_path / "caches").mkdir()
    (tmp_path / "caches/old.npy").write_text("earlier")
    with pytest.raises(OutputError, match="caches: expected"), small_files():
        write_folder(tmp_path / "caches")
    assert [path.name for path in tmp_path.rglob("*")] == ["caches", "old.npy"]


@pytest.fixture
def locked_folder():
    """A folder in which this process may make nothing; root, who always may, becomes nobody for a while."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.rmdir()


def test_a_folder_without_rights_is_told(locked_folder):
    for write in (check_writable, lambda path: write_zeros(path / "new/deep")):
        with pytest.raises(
            OutputError, match="found: Permission denied; check the permissions of its folder"
        ):
            write(locked_folder)


def test_a_fault_of_reading_stays_what_it_is(tmp_path):
    """Not every error of the system in a block that writes is about writing."""
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "out/table.csv") as fresh:
        fresh.write_bytes((tmp_path / "input.csv").read_bytes())
    with pytest.raises(PermissionError), atomic_write(tmp_path / "out/table.csv"):
        raise PermissionError(13, "Permission denied", str(tmp_path / "elsewhere/input.csv"))


def hold(path: Path) -> subprocess.Popen:
    """Start a process that is in the middle of writing `path`."""
    code = (
        "import sys, time; from mimamo.storage.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as fresh:\n"
        "    fresh.write_text('half'); print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], env={"PYTHONPATH": str(WORKFLOW)}, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("name", ["a.txt", "long name " * 19 + ".txt"])
def test_what_a_killed_process_leaves_is_removed_and_what_a_living_one_has_is_not(tmp_path, name):
    path = tmp_path / name
    # As it is between the making of a temporary folder and the first byte in it.
    (tmp_path / f".{name[:40]}.abcdefgh").mkdir()
    (tmp_path / ".other.abcdefgh").mkdir()
    killed, living = hold(path), hold(path)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    write_zeros(path)
    nests = sorted(nest.name for nest in tmp_path.iterdir() if nest.is_dir())
    assert len(nests) == 2 and ".other.abcdefgh" in nests
    assert (tmp_path / nests[0] / name).is_file() or (tmp_path / nests[1] / name).is_file()
    living.kill()
    living.wait()
    write_zeros(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([name, ".other.abcdefgh"])


def test_many_who_write_the_same_file_do_not_disturb_each_other(tmp_path):
    code = (
        "import sys; from mimamo.storage.files import atomic_write\n"
        "for _ in range(200):\n"
        "    with atomic_write(sys.argv[1]) as fresh: fresh.write_text('whole')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.txt")]
    processes = [subprocess.Popen(command, env={"PYTHONPATH": str(WORKFLOW)}) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]
