"""Kinds of values that options of several commands take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import CoercionError, Parameter, Token

#: Longest time that anything may be smoothed over.
MAX_SECONDS = 10


def _path(kind: type, tokens: Sequence[Token]) -> Path:
    """Read a path; an empty one comes of a shell's variable that is not set, and would mean this folder."""
    if not tokens[0].value:
        raise CoercionError("expected a path, found ''")
    return Path(tokens[0].value)


def _count(kind: type, tokens: Sequence[Token]) -> int:
    """Read a whole number from 1 on."""
    text = tokens[0].value
    if not text.isdecimal() or int(text) < 1:
        raise CoercionError(f"expected a whole number from 1 on, found {text!r}")
    return int(text)


def _seconds(kind: type, tokens: Sequence[Token]) -> float:
    """Read a number of seconds from 0 on."""
    text = tokens[0].value
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    # Comparisons are false for what is not a number.
    if not 0 <= seconds <= MAX_SECONDS:
        raise CoercionError(f"expected seconds from 0 to {MAX_SECONDS}, found {text!r}")
    return seconds


def _seconds_or_match(kind: type, tokens: Sequence[Token]) -> float | Literal["match"]:
    """Read a number of seconds from 0 on, or the word match."""
    if tokens[0].value == "match":
        return "match"
    try:
        return _seconds(float, tokens)
    except CoercionError as error:
        raise CoercionError(error.msg.replace(", found", ", or match, found")) from None


def _names(kind: type, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(tokens[0].value.split(","))


def _named_folders(kind: type, tokens: Sequence[Token]) -> tuple[tuple[str, Path], ...]:
    """Read names with their folders, as name=folder."""
    found = []
    for token in tokens:
        name, equals, folder = token.value.partition("=")
        if not (name and equals and folder):
            raise CoercionError(f"expected STREAM=FOLDER, found {token.value!r}")
        found.append((name, Path(folder)))
    return tuple(found)


#: A file or a folder, and files of a certain kind.
Place = Annotated[Path, Parameter(converter=_path)]
File = Annotated[Place, Parameter(metavar="FILE")]
Csv = Annotated[Place, Parameter(metavar="CSV")]
Json = Annotated[Place, Parameter(metavar="JSON")]
#: At least one, as a shell makes of ``fold*/model.pt``.
Models = Annotated[tuple[Place, ...], Parameter(consume_multiple=1, metavar="MODEL...")]
Yamls = Annotated[tuple[Place, ...], Parameter(consume_multiple=1, metavar="YAML...", show_default=False)]
Places = Annotated[tuple[Place, ...], Parameter(consume_multiple=1, metavar="FOLDER...")]
#: At least one.
Videos = Annotated[Path, Parameter(converter=_path, name="VIDEO", required=True, negative=())]
Sources = Annotated[Path, Parameter(converter=_path, name="SOURCE", required=True, negative=())]
Folder = Annotated[Place, Parameter(metavar="FOLDER")]
Seconds = Annotated[float, Parameter(converter=_seconds, metavar="SECONDS")]
SecondsOrMatch = Annotated[
    float | Literal["match"],
    Parameter(converter=_seconds_or_match, n_tokens=1, metavar="SECONDS|match"),
]
Count = Annotated[int, Parameter(converter=_count)]
#: Each name=folder.
NamedFolders = Annotated[
    tuple[tuple[str, Path], ...],
    Parameter(converter=_named_folders, metavar="STREAM=FOLDER", n_tokens=1, show_default=False),
]
Names = Annotated[
    tuple[str, ...],
    Parameter(converter=_names, n_tokens=1, metavar="NAMES", show_default=lambda names: ",".join(names)),
]
Flag = Annotated[bool, Parameter(show_default=False, allow_repeating=True)]
