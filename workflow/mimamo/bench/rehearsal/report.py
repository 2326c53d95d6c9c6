"""What a rehearsal took as tables in Markdown: measured, per million crops, and growth against the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mimamo.bench.rehearsal.measured import Rehearsal, Taken
from mimamo.bench.table import number, rows_as_table

#: What stands in a column, by its title; megabytes and not bytes.
QUANTITIES: dict[str, Callable[[Taken], float]] = {
    "jobs": lambda taken: taken.jobs,
    "wall s": lambda taken: taken.seconds,
    "CPU s": lambda taken: taken.cpu,
    "peak MB": lambda taken: taken.peak / 1e6,
    "disk MB": lambda taken: taken.disk / 1e6,
}
UNKNOWN = "–"


def markdown(found: Rehearsal, before: Rehearsal | None) -> str:
    """Return the tables of a rehearsal.

    Parameters
    ----------
    found
        What it took.
    before
        What the size before took, for the growth, if any.
    """
    total = Taken(
        jobs=sum(taken.jobs for taken in found.rules.values()),
        seconds=sum(taken.seconds for taken in found.rules.values()),
        cpu=sum(taken.cpu for taken in found.rules.values()),
        peak=max(taken.peak for taken in found.rules.values()),
        disk=sum(taken.disk for taken in found.rules.values()),
    )
    rules = {**found.rules, "all": total}
    millions = found.crops / 1e6
    parts = [
        f"SIZE={found.size:g}: {found.names} names, {found.crops:,} crops, {found.labelled:,} labelled "
        f"frames. {found.machine}.",
        _table(rules, lambda rule, value: _number(value(rules[rule]))),
        "Per million crops:",
        _table(rules, lambda rule, value: _number(value(rules[rule]) / millions)),
    ]
    if before is not None:
        parts += [
            f"Growth from SIZE={before.size:g}, against that of the crops ({found.crops / before.crops:.3g} "
            "times as many): above 1 it grows faster than the data.",
            _table(found.rules, lambda rule, value: _growth(value, rule, found, before)),
        ]
    return "\n\n".join(parts) + "\n"


def _table(rules: Sequence[str], cell: Callable[[str, Callable[[Taken], float]], str]) -> str:
    """Return a table with a row for every rule."""
    rows = [[rule, *(cell(rule, value) for value in QUANTITIES.values())] for rule in rules]
    return rows_as_table(["stage", *QUANTITIES], rows)


def _number(value: float) -> str:
    """Format a number with three significant digits, unless it is next to nothing."""
    return "< 0.01" if 0 < value < 0.01 else number(value)


def _growth(value: Callable[[Taken], float], rule: str, found: Rehearsal, before: Rehearsal) -> str:
    """Return how much faster than the crops a quantity of a rule grew."""
    if rule not in before.rules or not value(before.rules[rule]):
        return UNKNOWN
    return f"{value(found.rules[rule]) / value(before.rules[rule]) * before.crops / found.crops:.2f}"
