"""The pages of the documentation, and their blocks."""

from __future__ import annotations

import re
import shlex

from support.paths import REPO

#: README and all pages that somebody writes.
PAGES = {
    path.relative_to(REPO).as_posix(): path
    for path in (REPO / "README.md", *sorted((REPO / "docs").glob("*.md")))
}


def text_of(page: str) -> str:
    """Return the text of a page, by its path in the repository."""
    return PAGES[page].read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """Return the part of a page below a heading of the second level, up to the next."""
    _, found, rest = f"\n{text_of(page)}".partition(f"\n## {heading}\n")
    assert found, f"{page} has no section {heading}"
    return rest.partition("\n## ")[0]


def commands(text: str) -> list[str]:
    """Return the commands of all blocks of the shell of a text, each on one line and without comments."""
    found = re.findall(r"```(?:console|bash|sh)\n(.*?)```", text, re.DOTALL)
    lines = re.sub(r"\s*\\\n\s*", " ", "".join(found)).splitlines()
    return [command for line in lines if (command := re.sub(r"\s+#.*", "", line).strip())]


def settings(text: str, name: str) -> str:
    """Return the YAML that a text gives a file: the first block after its name, else the first."""
    blocks = [(block.start(), block[1]) for block in re.finditer(r"```yaml\n(.*?)```", text, re.DOTALL)]
    named = text.find(name)
    return next((block for place, block in blocks if place > named), blocks[0][1])


def words(command: str) -> list[str]:
    """Return the words of a command, as a shell would make them."""
    return shlex.split(command)
