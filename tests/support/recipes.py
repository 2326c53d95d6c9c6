"""The recipes of the documentation: changes of files, as they are written there."""

from __future__ import annotations

import re
from pathlib import Path

from support.documentation import section


def follow(page: str, heading: str, folder: Path) -> None:
    """Make the changes of a section of a page in a copy of the workflow.

    Raises
    ------
    AssertionError
        Where the lines that a change begins with are not in the file, or more than once.
    """
    for change in re.findall(r"```diff\n(.*?)```", section(page, heading), re.DOTALL):
        old, new = change.splitlines()[:2]
        lines = change.splitlines()[3:]
        path = folder / new.removeprefix("+++ b/")
        before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        if old == "--- /dev/null":
            assert not path.exists()
            path.write_text(after)
            continue
        text = path.read_text()
        # A line of the recipe may be the part of a long one that changes.
        assert text.count(before.strip("\n")) == 1, before
        path.write_text(text.replace(before.strip("\n"), after.strip("\n")))
