"""Whether the data set's files are still those that a run read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from mimamo.corpus.inventory import Entry, read_entries
from mimamo.findings import Findings

#: The folder of records beside a chain.
FOLDER = "inventory"


def check_data(folder: Path, full: bool = False) -> tuple[str, Findings]:
    """Compare the data set's files with the records of what was read.

    Parameters
    ----------
    folder
        The folder of records, see `mimamo.corpus.inventory`.
    full
        Whether to compare every byte, and not only size and times.

    Returns
    -------
    line : str
        How many names were compared, and with what result; empty where nothing is recorded.
    findings : Findings
        Every changed file or folder is a problem; one that is not there is none.
    """
    states, findings = Counter(), Findings()
    for path in sorted(folder.glob("*.json")):
        parts = {part: _state(entry, full) for part, entry in read_entries(path).items()}
        states[next((state for state in ("changed", "gone") if state in parts.values()), "same")] += 1
        for part in (part for part, state in parts.items() if state == "changed"):
            findings.add_problem(
                f"{path.stem}: expected the {part} that the audit read, found changed ones; run the workflow"
                " again"
            )
    if not states:
        return "", findings
    how = "every byte" if full else "size and times"
    return (
        f"Data set: {states.total()} names by {how}, {states['changed']} changed, {states['gone']} not found",
        findings,
    )


def _state(entry: Entry, full: bool) -> str:
    """Return the state of what is recorded of a part; one without files is the same as ever."""
    return entry.state(full) if entry.paths else "same"
