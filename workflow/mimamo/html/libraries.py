"""JavaScript libraries that pages embed, compressed; the browser unpacks them (template/libraries.js)."""

from __future__ import annotations

import base64
import gzip
from functools import cache
from importlib.metadata import distribution

#: By its name in the pages: the installed package that brings the library, and the library's file there.
_FILES = {
    "plotly": ("plotly", "plotly/package_data/plotly.min.js"),
    # DataTables with jQuery and DataTables' own extensions, in one module.
    "datatables": ("itables", "itables/html/dt_bundle.js"),
    "datatables-style": ("itables", "itables/html/dt_bundle.css"),
}


@cache
def library(name: str) -> str:
    """Return a library's text as gzip in base64.

    Plotly takes 2 MB like this, and 4.8 MB as it is.

    Parameters
    ----------
    name
        ``plotly``, ``datatables`` or ``datatables-style``.

    Returns
    -------
    str
        The same for the same version of the library.
    """
    package, path = _FILES[name]
    content = distribution(package).locate_file(path).read_bytes()
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
