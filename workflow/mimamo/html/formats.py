"""How pages and the terminal write numbers."""

from __future__ import annotations

from collections.abc import Mapping

from mimamo import DIMENSIONS


def number(value: object, places: int = 3) -> str:
    """Format a score; a dash where there is none."""
    return "–" if is_missing(value) else f"{value:.{places}f}".replace("-", "−")


def count(value: object) -> str:
    """Format a whole number, with commas between thousands; a dash where there is none."""
    return "–" if is_missing(value) else f"{int(value):,}"


def pair(row: Mapping, prefix: str = "", signed: bool = False) -> str:
    """Format the values of the two dimensions, with a sign also where they are above 0 if that is wanted."""
    values = [row[f"{prefix}{dimension}"] for dimension in DIMENSIONS]
    return " / ".join(("+" if signed and value > 0 else "") + number(value) for value in values)


def interval(row: Mapping, column: str) -> str:
    """Format the ends of an interval; empty where there is none."""
    low, high = row.get(f"{column}_low"), row.get(f"{column}_high")
    return "" if is_missing(low) or is_missing(high) else f"{number(low)} to {number(high)}"


def capitalised(sentence: str) -> str:
    """Return a sentence with a capital letter at its beginning; the other letters stay as they are."""
    return sentence[:1].upper() + sentence[1:]


def is_missing(value: object) -> bool:
    """Return whether a table has no value here: None, NaN, or the NA of pandas, which equals nothing."""
    return value is None or str(value) == "<NA>" or value != value
