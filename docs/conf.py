"""Configuration of the documentation: make docs."""

import sys
from pathlib import Path
from types import GenericAlias

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "workflow"), str(HERE)]

from made import fill_in, formulas, pages_to_fill_in  # noqa: E402
from mimamo import __version__  # noqa: E402

project = "mimamo"
author = "The mimamo contributors"
copyright = f"{author}. MIT licence"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.apidoc", "numpydoc"]
# What a page shows of the code (options, outputs, commands, packages) is made when the page is read.
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "api/modules.rst"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3

# A page for every package, from its docstrings; the folder is not committed.
apidoc_modules = [
    {
        "path": "../workflow/mimamo",
        "destination": "api",
        "module_first": True,
        "automodule_options": {"members", "show-inheritance"},
        "max_depth": 2,
    }
]
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
# Names in single backticks lead to what they are of.
default_role = "py:obj"

# Options begin with two dashes, not with a long one.
smartquotes = False

html_theme = "furo"
html_title = f"mimamo {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}
html_copy_source = html_show_sourcelink = False
# Formulas are drawn when the site is built: a reader needs no network, and no script.
html_math_renderer = formulas.RENDERER
pygments_style, pygments_dark_style = "friendly", "github-dark"


def is_alias(app, what, name, member, skip, options) -> bool | None:
    """Leave out aliases of types such as ``dict[str, float]``, whose signature numpydoc cannot read."""
    return isinstance(member, GenericAlias) or None


def setup(app):
    """Let pages be filled in, and formulas be drawn."""
    app.connect("env-get-outdated", pages_to_fill_in)
    app.connect("source-read", fill_in)
    app.connect("autodoc-skip-member", is_alias)
    app.add_html_math_renderer(
        formulas.RENDERER,
        inline_renderers=(formulas.visit_inline, None),
        block_renderers=(formulas.visit_block, None),
    )
