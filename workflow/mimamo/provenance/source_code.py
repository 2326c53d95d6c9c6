"""The source files that a script depends on, and digests of them."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

import mimamo

PACKAGE = Path(mimamo.__file__).resolve().parent

#: Modules and packages that word messages, log or report progress, or start jobs: no result depends on them.
NO_RESULTS = (
    "errors.py",
    "findings.py",
    "jobs",
    "audit/progress.py",
    "training/progress.py",
    "training/tensorboard.py",
)


def imported_modules(script: Path) -> list[Path]:
    """Return `script` and all modules of this package that it imports, directly or through others, sorted.

    Imports inside functions count; the files are parsed, not executed. `NO_RESULTS` are left out, with what
    only they import.
    """
    visited: set[Path] = set()
    # However its path is spelt: as a file of the package it would count twice otherwise.
    pending = [Path(script).resolve()]
    while pending:
        path = pending.pop()
        if path not in visited:
            visited.add(path)
            pending.extend(path for path in _imports(path) if _has_results(path))
    return sorted(visited)


def _has_results(path: Path) -> bool:
    """Return whether results depend on a module of this package."""
    inside = path.relative_to(PACKAGE)
    return not any(inside.is_relative_to(other) for other in NO_RESULTS)


@cache
def code_digest(script: Path, *others: Path) -> str:
    """Return a digest of `script`, all modules of this package that it imports, and other files."""
    return _digest([*imported_modules(script), *(Path(other).resolve() for other in others)])


def package_digest() -> str:
    """Return a digest of all of the package's modules."""
    return _digest(sorted(PACKAGE.rglob("*.py")))


def _name(path: Path) -> str:
    """Return the name under which a file is digested: within the package, or its own."""
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name


def _digest(paths: list[Path]) -> str:
    """Return the SHA-256 of the names and contents of files."""
    digest = hashlib.sha256()
    # In the order of these names: that of the paths depends on where the files are and how that is spelt.
    for name, path in sorted((_name(path), path) for path in paths):
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    """Return the files of this package that one file imports directly."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
    # Importing a.b.c runs the __init__.py of a and of a.b as well.
    modules.update(
        ".".join(name.split(".")[:end]) for name in list(modules) for end in range(1, name.count(".") + 1)
    )
    return tuple(file for module in sorted(modules) if (file := _file(module)) is not None)


def _file(module: str) -> Path | None:
    """Return the file of a module of this package; None for other packages and for names inside a module."""
    first, *rest = module.split(".")
    if first != PACKAGE.name:
        return None
    path = PACKAGE.joinpath(*rest)
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
