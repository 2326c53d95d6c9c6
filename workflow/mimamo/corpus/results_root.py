"""The data set that a folder of results belongs to: results of two data sets never overwrite each other.

A data set is known by its folder; settings may change from run to run. One that was moved or copied is known
by its files, since nothing is made anew for another path.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import re
from pathlib import Path

from mimamo.corpus.inventory import Inventory, read_entries
from mimamo.errors import InputError
from mimamo.storage.files import atomic_write

#: Beside the inventory's records; no record of a name ends like this.
FILE = "root.txt"
#: The demo corpus, wherever its results are.
DEMO = "demo"
#: Names that are compared where the path is another one.
SAMPLE = 20


def data_set(root: str) -> str:
    """Return what is recorded of a data set: its absolute path, or `DEMO`."""
    return DEMO if root == DEMO else str(Path(root).expanduser().resolve())


def record_root(folder: Path, root: str) -> None:
    """Record the data set of the results that have their inventory in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / FILE) as fresh:
        fresh.write_text(f"{data_set(root)}\n", encoding="utf-8", errors="surrogateescape")


def check_root(inventory: Inventory, root: str) -> None:
    """Make sure that results are of no other data set than the one that is asked for.

    Parameters
    ----------
    inventory
        Of the data set that is asked for, with the records of the results.
    root
        The configured folder of the data set, or `DEMO`.

    Raises
    ------
    InputError
        Where the results are of another data set.
    """
    path = inventory.folder / FILE
    try:
        found = path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except FileNotFoundError:
        return
    asked = data_set(root)
    if found in ("", asked) or (DEMO not in (found, asked) and is_moved(inventory)):
        return
    folder = Path("runs", re.sub(r"[^\w.-]+", "_", Path(asked).name, flags=re.ASCII).strip(".") or "other")
    relative = asked != DEMO and not Path(root).expanduser().is_absolute()
    raise InputError(
        f"{inventory.folder.parent.absolute()}: expected results of {described(asked)}, found those of "
        f"{described(found)}, which would be overwritten; give this run a folder of its own: the same "
        f"command with --directory {folder}"
        + (f" and root={asked}" if relative else "")
        + ("" if DEMO in (found, asked) else f". If it is the same data set, delete {path.absolute()} first")
    )


def described(name: str) -> str:
    """Return a data set in words."""
    return "the demo corpus" if name == DEMO else name


def is_moved(inventory: Inventory) -> bool:
    """Return whether most of what was read lies in the present folder as well, with the same content.

    A sample of the names is compared, as an inventory can have millions of files.
    """
    records = sorted(inventory.folder.glob("*.json"))
    sample = records[:: max(1, len(records) // SAMPLE)]
    return 2 * sum(_is_there(inventory, path) for path in sample) > len(sample)


def _is_there(inventory: Inventory, record: Path) -> bool:
    """Return whether all that was read in full of a name is in the present folder."""
    read = {part: entry for part, entry in read_entries(record).items() if entry.paths and entry.content}
    versions = inventory.versions(record.stem)
    return bool(read) and all(versions[part] == entry.version for part, entry in read.items())
