"""Reads files with little memory, as a process of its own: bounded.py FILE, which names functions and paths.

Prints for each what was raised and said, and by how many bytes the process has grown at most.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mimamo.bench.process import peak_memory, reset_peak

#: What the process may ask for in all beyond what it has when everything is imported.
ROOM = 1024**3


@dataclass(frozen=True)
class Outcome:
    """How a read went: the exception's name ("" for none), its message or the result, growth in bytes."""

    raised: str
    said: str
    grown: int


def read_bounded(reads: dict[str, tuple], folder: Path) -> dict[str, Outcome]:
    """Call ``(function, path, *arguments)`` for each of `reads` in one process, within `folder`."""
    # Not from support.paths: this file is also run as a script, which has no such package.
    package = Path(__file__).resolve().parents[2] / "workflow"
    order = folder / "reads.json"
    order.write_text(json.dumps({name: [str(part) for part in read] for name, read in reads.items()}))
    done = subprocess.run(
        [sys.executable, __file__, str(order)],
        cwd=folder,
        env={"PYTHONPATH": str(package), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {name: Outcome(*found) for name, found in json.loads(done.stdout.splitlines()[-1]).items()}


def _attempt(function, path: str, arguments: list[str]) -> tuple[str, str, int]:
    # What an earlier read or the process that started this one took must not hide what this one takes.
    reset_peak()
    before = peak_memory()
    try:
        raised, said = "", str(function(Path(path), *map(json.loads, arguments)))
    except Exception as error:
        raised, said = type(error).__name__, str(error)
    return raised, said[:2000], peak_memory() - before


def main() -> None:
    """Read what the file on the command line says."""
    order = json.loads(Path(sys.argv[1]).read_text())
    functions = {
        dotted: getattr(importlib.import_module(dotted.rpartition(".")[0]), dotted.rpartition(".")[2])
        for dotted, *_ in order.values()
    }
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))
    found = {name: _attempt(functions[read[0]], read[1], read[2:]) for name, read in order.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
