"""The picture of packages: which package imports which, from the imports in their modules."""

from __future__ import annotations

import tomllib
from functools import cache

import grimp

from made import REPO

ROOT = "mimamo"
#: Pixels: height of a row, width of a name's box, and how far the widest arc reaches out per row it spans.
ROW, BOX, REACH = 26, 150, 9
SIZE = 13


def layers() -> list[list[str]]:
    """Return the packages by layer, the lowest last, as the contract in pyproject.toml orders them."""
    settings = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    lines = settings["contracts"][0]["layers"]
    return [[name.strip() for name in line.split("|")] for line in lines]


@cache
def imports() -> dict[str, set[str]]:
    """Return the packages that each package imports."""
    graph = grimp.build_graph(ROOT)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        package = package_of(module)
        others = {package_of(other) for other in graph.find_modules_directly_imported_by(module)}
        found.setdefault(package, set()).update(others - {package, ""})
    del found[""]
    return found


def package_of(module: str) -> str:
    """Return the package, or the module beside the packages, that a module belongs to; "" is the root."""
    return module.partition(".")[2].partition(".")[0]


def reduced(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return imports without those that follow from others: of a to c, where a imports b and b imports c."""

    def reach(package: str) -> set[str]:
        """Return all that a package imports, also by way of others."""
        return found[package].union(*map(reach, found[package]))

    return {
        package: {
            other for other in others if not any(other in reach(between) for between in others - {other})
        }
        for package, others in found.items()
    }


def arc(start: int, end: int) -> str:
    """Return the path of an import: from the row of the importing package to that of the imported."""
    top, bottom = (ROW * (row + 0.5) for row in (start, end))
    out = BOX + 14 + REACH * (end - start)
    return f"M{BOX} {top}C{out} {top} {out} {bottom} {BOX + 4} {bottom}"


def markdown() -> str:
    """Return the picture as SVG in the colour of the text."""
    rows = [name for layer in layers() for name in layer]
    place = {name: row for row, name in enumerate(rows)}
    arcs = [
        f'<path d="{arc(place[package], place[other])}"><title>{package} imports {other}</title></path>'
        for package, others in reduced(imports()).items()
        for other in sorted(others)
    ]
    names = [
        f'<text x="{BOX - 8}" y="{ROW * (row + 0.5) + SIZE / 3:.1f}">{name}</text>'
        for name, row in place.items()
    ]
    width, height = BOX + 14 + REACH * len(rows), ROW * len(rows)
    return (
        f'<div><svg class="packages" role="img" aria-label="Packages and what each imports" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" '
        'orient="auto"><path d="M0 0L6 3L0 6z" fill="currentColor"/></marker></defs>'
        f'<g class="imports" fill="none" stroke="currentColor" stroke-opacity="0.55">{"".join(arcs)}</g>'
        f'<g fill="currentColor" font-size="{SIZE}" text-anchor="end">{"".join(names)}</g></svg></div>'
    )
