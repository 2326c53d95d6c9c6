"""Where the pages' templates lie.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

from pathlib import Path

#: The folder of the templates that all pages share.
SHARED = Path(__file__).parent / "template"


def template_files(folder: Path) -> list[Path]:
    """Return all files that a page with templates in `folder` is made from."""
    return sorted([*folder.iterdir(), *SHARED.iterdir()])
