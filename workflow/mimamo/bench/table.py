"""The measurements as a JSON file and as a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mimamo.bench.machine import Machine
from mimamo.bench.rows import Row
from mimamo.storage.files import written_whole

HEADER = ("stage", "what", "measured", "against", "target")


def write_json(machine: Machine, rows: Sequence[Row], path: Path) -> None:
    """Write machine and rows to a JSON file."""
    content = {"machine": asdict(machine), "rows": [row.as_dict() for row in rows]}
    with written_whole(path) as fresh:
        fresh.write_text(json.dumps(content, indent=2) + "\n")


def markdown(machine: Machine, rows: Sequence[Row]) -> str:
    """Return machine and rows as a table in Markdown."""
    cells = [HEADER, tuple("-" * len(title) for title in HEADER), *map(_cells, rows)]
    lines = ["| " + " | ".join(line) + " |" for line in cells]
    return "\n".join([_sentence(machine), "", *lines, ""])


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "", False: " (missed)", None: ""}[row.met]
    sign, _, bound = row.target.partition(" ")
    target = f"{'≥' if sign == '>=' else '≤'} {bound}{verdict}" if row.target else ""
    return row.stage, row.what, f"{_number(row.value)} {row.unit}", row.against, target


def _number(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _sentence(machine: Machine) -> str:
    where = f"{machine.gpu}, with {machine.processor}" if machine.gpu else machine.processor
    return (
        f"{where}, {machine.threads} of {machine.cores} cores used, PyTorch {machine.torch}, "
        f"Python {machine.python}:"
    )
