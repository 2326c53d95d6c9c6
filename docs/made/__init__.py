"""What pages show of the code, made from it when the documentation is built, so that it cannot differ.

A page has a line ``<!-- made: NAME -->`` where the Markdown of the module ``made.NAME`` is put.
"""

import re
from importlib import import_module
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
MARKER = re.compile(r"^<!-- made: (\w+) -->$", flags=re.MULTILINE)


def pages_to_fill_in(app, env, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Return the pages with markers: Sphinx reads these in every build, as the code may have changed."""
    texts = {page: Path(env.doc2path(page)).read_text(encoding="utf-8") for page in env.found_docs}
    return [page for page, text in texts.items() if MARKER.search(text)]


def fill_in(app, docname: str, source: list[str]) -> None:
    """Put in place of every marker of a page what its module makes; Sphinx calls this as a page is read."""
    source[0] = filled_in(source[0])


def filled_in(text: str) -> str:
    """Return the text of a page with what is made for it."""
    return MARKER.sub(lambda match: made(match[1]), text)


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
