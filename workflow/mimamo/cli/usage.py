"""Sentences about wrong usage."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import pairwise, takewhile
from typing import Literal, get_args, get_origin

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
    ValidationError,
)


def explain(app: App, error: CycloptsError) -> str:
    """Return the usage of the command that was called, and a sentence that says what is wrong."""
    from cyclopts.help import format_usage

    chain = tuple(error.command_chain or ())
    usage = error.app.usage or format_usage(app, chain).plain.strip()
    return f"usage: {usage}\n{' '.join((*app.name, *chain))}: {_sentence(error)}"


def _sentence(error: CycloptsError) -> str:
    """Say what was expected and what was found; the parser's own words are for what is not met here."""
    match error:
        case UnknownCommandError(unused_tokens=[token, *_]):
            return _unknown(token, error.app)
        case UnknownOptionError(token=token):
            return _surplus(token.keyword or token.value, _options(error.app))
        case UnusedCliTokensError(unused_tokens=[token, *_]):
            return _surplus(token, _options(error.app))
        case RepeatArgumentError(token=token):
            return f"{token.keyword}: expected once, found again"
        case MissingArgumentError(keyword=str()):
            return _without_value(error)
        case MissingArgumentError():
            return _misspelt(error) or f"expected {error.argument.name}, found nothing"
        case ValidationError():
            return _misspelt(error) or error.exception_message
        case CoercionError(token=token) if get_origin(error.target_type) is Literal:
            choices = ", ".join(map(str, get_args(error.target_type)))
            return f"{error.argument.name}: expected one of {choices}, found {token.value!r}"
        case CoercionError(msg=str()):
            return f"{error.argument.name}: {error.msg}"
    return str(error)


def _surplus(token: str, options: list[str]) -> str:
    """Say that an argument is one too many; a known option is where it stands behind a ``--``."""
    if token.startswith("-") and token not in options:
        return _unknown(token, options)
    return f"expected nothing more, found {token!r}"


def _without_value(error: MissingArgumentError) -> str:
    """Say that an option has no value, and how to write one that looks like an option."""
    name, others = error.keyword, (*_options(error.app), "--")
    for token, following in pairwise(error.root_input_tokens):
        if token == name and following.startswith("-") and following not in others:
            hint = f"if it is the value, write {name}={following}"
            return f"{name}: expected a value, found {following!r}; {hint}"
    return f"{name}: expected a value, found nothing"


def _misspelt(error: CycloptsError) -> str | None:
    """Say that an option is not known, which may be why another one is missing."""
    options = _options(error.app)
    for token in takewhile(lambda token: token != "--", error.root_input_tokens):
        if token.startswith("--") and token.partition("=")[0] not in options:
            return _unknown(token, options)
    return None


def _options(command: App) -> list[str]:
    """Return the options of a command."""
    names = [name for argument in command.assemble_argument_collection() for name in argument.positives]
    return [name for name in (*names, *command.help_flags) if name.startswith("-")]


def _unknown(token: str, known: Iterable[str]) -> str:
    """Say that a command or an option is not known, and which one may be meant, or which ones there are."""
    name = token.partition("=")[0]
    kind = "option" if name.startswith("-") else "command"
    names = [other for other in known if other.startswith("-") == name.startswith("-")]
    nearest = [other for other in names if other.startswith(name)] or get_close_matches(name, names, n=1)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"expected one of {', '.join(names)}"
    return f"unknown {kind} {name!r}; {hint}"
