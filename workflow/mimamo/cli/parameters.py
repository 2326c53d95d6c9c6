"""Kinds of values that options of several commands take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import CoercionError, Parameter, Token


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


def _names(kind: type, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read names with commas between them."""
    return tuple(tokens[0].value.split(","))


#: A file or a folder, and files of a certain kind.
Place = Annotated[Path, Parameter(converter=_path)]
File = Annotated[Place, Parameter(metavar="FILE")]
Csv = Annotated[Place, Parameter(metavar="CSV")]
Json = Annotated[Place, Parameter(metavar="JSON")]
#: At least one, as a shell makes of ``fold*/model.pt``.
Models = Annotated[tuple[Place, ...], Parameter(consume_multiple=1, metavar="MODEL...")]
Yamls = Annotated[tuple[Place, ...], Parameter(consume_multiple=1, metavar="YAML...", show_default=False)]
Count = Annotated[int, Parameter(converter=_count)]
Names = Annotated[
    tuple[str, ...],
    Parameter(converter=_names, n_tokens=1, metavar="NAMES", show_default=lambda names: ",".join(names)),
]
Flag = Annotated[bool, Parameter(show_default=False, allow_repeating=True)]
