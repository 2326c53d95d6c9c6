import base64
import gzip

import pytest

from mimamo.html.libraries import library


@pytest.mark.parametrize(
    ("name", "begins"),
    [("plotly", b"plotly.js v"), ("datatables", b"DataTables"), ("datatables-style", b"dataTable")],
)
def test_a_library_is_the_installed_file_compressed(name, begins):
    packed = base64.b64decode(library(name))
    content = gzip.decompress(packed)
    assert begins in content and len(packed) < 0.4 * len(content)
