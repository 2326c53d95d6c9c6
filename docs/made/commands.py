"""The help of every command, as the terminal shows it."""

import io
import os
from unittest.mock import patch

from mimamo.cli import app
from mimamo.cli.help import commands, print_help

#: Columns of the terminal.
WIDTH = "86"


def help_of(*tokens: str) -> str:
    """Return a page of help."""
    page = io.StringIO()
    with patch.dict(os.environ, {"COLUMNS": WIDTH}):
        print_help(app, list(tokens), page)
    return page.getvalue().strip()


def markdown() -> str:
    """Return a section for every command."""
    names = [function.__name__.rstrip("_") for function in commands(app)]
    sections = [f"## mimamo {name}\n\n```text\n{help_of(name)}\n```" for name in names]
    return "\n\n".join([f"```text\n{help_of()}\n```", *sections])
