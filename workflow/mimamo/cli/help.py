"""Help with examples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from textwrap import indent
from typing import TextIO

from cyclopts import App


def print_help(app: App, tokens: Sequence[str], file: TextIO) -> None:
    """Print the help of the command that `tokens` name, or of all, and examples under it.

    An example is never broken into lines to fit the terminal, so that it can be copied.
    """
    from rich.console import Console

    console = Console(file=file)
    app.help_print(tokens, console=console)
    chain, _, _ = app.parse_commands(tokens)
    if chain:
        found = examples(app[chain[0]].default_command)
    else:
        found = [examples(function)[0] for function in commands(app)]
    console.print("\nExamples", style="bold")
    for example in found:
        console.print(indent(example, "  "), markup=False, highlight=False, soft_wrap=True)


def commands(app: App) -> list[Callable[..., int]]:
    """Return the functions of all commands, as they were registered."""
    return [app[name].default_command for name in app if not name.startswith("-")]


def examples(function: Callable[..., int]) -> list[str]:
    r"""Return the examples of a command, which are the last section of its docstring.

    An example is a line of the shell, or several with ``\\`` between them.
    """
    section = inspect.getdoc(function).partition("\nExamples\n--------\n")[2]
    return re.split(r"(?<!\\)\n", section)
