"""A training that is saved and goes on in another process, against one that is not interrupted.

Each runs in a process of its own: ``python -m mimamo.bench.resumption FOLDER WIDTHS FIRST LAST`` takes the
steps from FIRST to LAST of a generated fold, from the state that is saved for FIRST, and saves that of LAST.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from torch import Tensor

from mimamo.bench.rows import Row
from mimamo.bench.training import BATCH, WINDOW, generated_fold, published_batches, small_sizes
from mimamo.distributed import SINGLE_PROCESS
from mimamo.model.sizes import NetworkConfig
from mimamo.training.saved_state import SavedStates
from mimamo.training.trainer import Training

#: The step that is saved, and the last one.
SAVED, LAST = 6, 12


def measure(folder: Path, widths: str) -> Iterator[Row]:
    """Compare the two, at the ``paper`` 's widths or at ``small`` ones."""
    states = {}
    for name, spans in (("whole", [(0, LAST)]), ("resumed", [(0, SAVED), (SAVED, LAST)])):
        for first, last in spans:
            states[name] = digest_of(folder / name, widths, first, last)
    yield Row(
        "training",
        f"{widths} widths: a training resumed after {SAVED} of {LAST} steps ends with the same bytes",
        float(states["whole"] == states["resumed"]),
        "(1: yes)",
        target=">= 1",
    )


def digest_of(folder: Path, widths: str, first: int, last: int) -> str:
    """Take steps in a process of its own; return the digest of the state that they end with."""
    command = [sys.executable, "-m", "mimamo.bench.resumption", str(folder), widths, str(first), str(last)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise RuntimeError(f"steps {first} to {last} failed: {process.stderr.strip()[-600:]}")
    return process.stdout.split()[-1]


def take(folder: Path, widths: str, first: int, last: int) -> str:
    """Take the steps, and return the digest of the state that they end with."""
    data = generated_fold(folder, "resumption", frames=BATCH * WINDOW * 2)
    sizes = NetworkConfig() if widths == "paper" else small_sizes()
    training, states = (
        Training(0, data, sizes, published_batches("auto")),
        SavedStates(folder / "state", "benchmark"),
    )
    if first:
        training.restore(states.load())
    order = np.random.default_rng(0).integers(0, len(training.windows), (last, BATCH)).tolist()
    for batch in training.load_batches(order[first:]):
        training.take_step(batch, SINGLE_PROCESS.shard(BATCH))
    states.save(training.step, training.state())
    return digest(training.state())


def digest(value: object) -> str:
    """Return a digest of nested values and tensors."""
    hashed = hashlib.sha256()
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += [part[key] for key in part] + [str(list(part))]
        elif isinstance(part, list | tuple):
            pending += [*part, str(len(part))]
        elif isinstance(part, Tensor):
            hashed.update(part.detach().cpu().contiguous().numpy().tobytes())
        else:
            hashed.update(repr(part).encode())
    return hashed.hexdigest()


if __name__ == "__main__":
    place, chosen, begin, end = sys.argv[1:]
    print(take(Path(place), chosen, int(begin), int(end)))
