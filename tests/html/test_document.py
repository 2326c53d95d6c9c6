import pytest
from jinja2 import UndefinedError

from mimamo.html.document import in_script, render, write_page
from mimamo.html.templates import SHARED, template_files


def test_text_is_escaped_and_what_is_not_given_is_an_error(tmp_path):
    template = tmp_path / "t.html"
    template.write_text('{% from "macros.html" import counted %}{{ text }}|{{ counted(1234) }}')
    assert render(template, {"text": "<b>"}) == '&lt;b&gt;|<td class="number" data-order="1234">1,234</td>\n'
    with pytest.raises(UndefinedError):
        render(template, {})


def test_a_page_is_written_whole_or_not_at_all(tmp_path):
    template, out = tmp_path / "t.html", tmp_path / "page.html"
    template.write_text("{{ text }}")
    write_page(template, {"text": "one"}, out)
    with pytest.raises(UndefinedError):
        write_page(template, {}, out)
    assert out.read_text() == "one" and sorted(path.name for path in tmp_path.iterdir()) == [
        "page.html",
        "t.html",
    ]


def test_a_page_depends_on_its_own_and_the_shared_templates(tmp_path):
    (tmp_path / "t.html").write_text("")
    files = template_files(tmp_path)
    assert tmp_path / "t.html" in files and set(SHARED.iterdir()) < set(files)


def test_json_ends_no_script():
    assert "</" not in in_script('{"a": "</script>"}')
