"""Rendering of a page's template, among the templates that all pages share."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from mimamo.html import formats
from mimamo.html.libraries import library
from mimamo.html.templates import SHARED
from mimamo.storage.files import atomic_write


def render(template: Path, context: Mapping[str, object]) -> str:
    """Fill a template.

    Parameters
    ----------
    template
        Its path. It may include its neighbours, and the files of `SHARED`.
    context
        Its variables. Text in them is escaped. The functions of `mimamo.html.formats` and `library` are there
        as well.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (template.parent, SHARED)]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    functions = (formats.number, formats.count, formats.capitalised, formats.is_missing, library)
    environment.globals |= {function.__name__: function for function in functions}
    return environment.get_template(template.name).render(**context)


def write_page(template: Path, context: Mapping[str, object], out: str | PathLike) -> None:
    """Fill a template, see `render`, and write the page."""
    with atomic_write(out) as fresh:
        fresh.write_text(render(template, context), encoding="utf-8", newline="\n")


def in_script(text: str) -> str:
    """Make JSON safe inside a script element, which ends at the first ``</script`` anywhere in it."""
    return text.replace("<", "\\u003c")
