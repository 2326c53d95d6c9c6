"""Output of the measurements: a JSON file, and a table in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from mimamo.bench.machine import Machine
from mimamo.bench.rows import Row
from mimamo.storage.files import atomic_write

HEADER = ("stage", "what", "measured", "against", "target")


def write_json(machine: Machine, rows: Sequence[Row], path: Path) -> None:
    """Write machine and rows to a JSON file."""
    content = {"machine": asdict(machine), "rows": [row.as_dict() for row in rows]}
    with atomic_write(path) as fresh:
        fresh.write_text(json.dumps(content, indent=2) + "\n")


def markdown(machine: Machine, rows: Sequence[Row]) -> str:
    """Return machine and rows as a table in Markdown."""
    return "\n".join([_describe(machine), "", rows_as_table(HEADER, map(_cells, rows)), ""])


def rows_as_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return titles and rows of cells as a table in Markdown."""
    lines = [header, ["-" * len(title) for title in header], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    """Return a row's cells as text, the target with whether it was missed."""
    verdict = {True: "", False: " (missed)", None: ""}[row.met]
    sign, _, bound = row.target.partition(" ")
    target = f"{'≥' if sign == '>=' else '≤'} {bound}{verdict}" if row.target else ""
    return row.stage, row.what, f"{number(row.value)} {row.unit}", row.against, target


def number(value: float) -> str:
    """Format a number with three significant digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _describe(machine: Machine) -> str:
    """Describe the machine in a line above the table."""
    hardware = f"{machine.gpu}, with {machine.processor}" if machine.gpu else machine.processor
    return (
        f"{hardware}, {machine.threads} of {machine.cores} cores used, PyTorch {machine.torch}, "
        f"Python {machine.python}:"
    )
