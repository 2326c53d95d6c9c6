"""What pages show of the code, made from it when the documentation is built, so that it cannot differ.

A page has a line ``<!-- made: NAME -->`` where the Markdown of the module ``made.NAME`` is put.
"""

import re
from importlib import import_module
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def fill_in(app, docname: str, source: list[str]) -> None:
    """Put in place of every marker of a page what its module makes; Sphinx calls this as a page is read."""
    source[0] = filled_in(source[0])


def filled_in(text: str) -> str:
    """Return the text of a page with what is made for it."""
    return re.sub(r"^<!-- made: (\w+) -->$", lambda match: made(match[1]), text, flags=re.MULTILINE)


def made(name: str) -> str:
    """Return the Markdown that a module of this package makes."""
    return import_module(f"made.{name}").markdown()


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown.

    Parameters
    ----------
    header, rows
        Markdown of the cells.
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
