"""What pages show of the code: options, outputs, commands, packages and formulas."""

import csv
import re
from types import SimpleNamespace

import pytest

from made import filled_in, formulas, made, options, outputs, packages, pages_to_fill_in
from mimamo.cli import GROUPS
from support.documentation import PAGES, text_of
from support.paths import REPO

ENTRIES = {path: text for group in outputs.texts().values() for path, text in group.items()}
#: Tables of a plain run.
TABLES = [path for path, text in ENTRIES.items() if "columns" in text and "only" not in text]


def test_every_marker_is_filled_in():
    marked = {name for page in PAGES for name in re.findall(r"<!-- made: (\w+) -->", text_of(page))}
    assert marked == {"options", "outputs", "commands", "packages"}
    assert filled_in("a\n<!-- made: packages -->\nb").startswith("a\n<div><svg")


def test_pages_that_are_made_from_the_code_are_read_in_every_build():
    names = {page.stem for page in (REPO / "docs").glob("*.md")}
    env = SimpleNamespace(found_docs=names, doc2path=lambda name: REPO / "docs" / f"{name}.md")
    found = pages_to_fill_in(None, env, set(), set(), set())
    assert {"options", "outputs", "commands", "architecture"} <= set(found) < names


def test_every_option_is_described_with_its_values_and_default():
    schema = options.read(options.SCHEMA)
    found = dict(options.options(schema, schema["$defs"]))
    assert {"training.epochs", "streams.<name>.rows.rate"} <= found.keys()
    assert [key for key, rule in found.items() if not rule.get("description")] == []
    text = made("options")
    shown = re.findall(r"^\| `([\w.<>]+)` \|", text, flags=re.MULTILINE)
    assert set(shown) == {key for key, rule in found.items() if not options.is_section(key, rule)}
    row = (
        "| `training.epochs` | Maximum number of epochs. | whole number, at least 1 | `14`; `25` in affwild2"
    )
    assert row in text


def test_every_output_of_a_rule_has_an_entry():
    rules = outputs.rule_outputs()
    assert rules["{run}scores.csv"] == "scores"
    assert len(rules) > 40 and set(map(outputs.without_run, rules)) - ENTRIES.keys() == set()


def test_every_entry_is_an_output_of_a_rule_or_names_the_rule_that_leaves_it():
    rules = outputs.rule_outputs()
    named = {path: text["rule"] for path, text in ENTRIES.items() if "rule" in text}
    assert set(named.values()) <= {*rules.values(), outputs.EVERY}
    assert ENTRIES.keys() - set(map(outputs.without_run, rules)) == named.keys()


def columns_of(path: str, *results) -> list[str]:
    """The header of the first table that a path of an entry stands for."""
    pattern = re.sub(r"\{\w+\}", "*", path)
    pattern = pattern if pattern.endswith(".csv") else f"{pattern}/*.csv"
    table = next(found for folder in results for found in sorted(folder.glob(pattern)))
    with table.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("path", TABLES)
def test_the_columns_are_those_of_a_run(tiny, raw_videos, path):
    assert columns_of(path, tiny.results, raw_videos.results) == list(ENTRIES[path]["columns"])


def test_every_command_has_its_help():
    text = made("commands")
    names = [function.__name__.rstrip("_") for functions in GROUPS.values() for function in functions]
    assert re.findall(r"^## mimamo (\w+)$", text, flags=re.MULTILINE) == names
    assert "--range" in text and "\x1b" not in text


def test_the_picture_has_every_package_and_no_arrow_that_points_up():
    rows = [name for layer in packages.layers() for name in layer]
    found = packages.imports()
    assert found.keys() <= set(rows)
    assert all(rows.index(name) < rows.index(other) for name in found for other in found[name])
    assert packages.reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
    assert "<title>phase imports audit</title>" in made("packages")


def test_a_formula_is_a_picture_that_can_be_read_aloud():
    picture = formulas.picture(r"\dfrac{a < b}{c}")
    assert 'aria-label="\\dfrac{a &lt; b}{c}"' in picture and 'fill="currentColor" d="M' in picture
    assert "http" not in picture
    assert formulas.picture(r"\Bigl(\dfrac{a}{b}\Bigr)").count("M") == formulas.picture(
        r"(\dfrac{a}{b})"
    ).count("M")
    with pytest.raises(ValueError, match="Unknown symbol"):
        formulas.picture(r"\nosuchsymbol")


def targets(page: str) -> list[str]:
    """The files that a page links to or shows, by their paths in it."""
    found = re.findall(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)", text_of(page))
    return [target for target in found if "://" not in target]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_that_are_there(page):
    made_anew = re.compile(r"api/mimamo[\w.]*\.rst")
    missing = [target for target in targets(page) if not (PAGES[page].parent / target).exists()]
    assert [target for target in missing if not made_anew.fullmatch(target)] == []


def test_the_readme_is_short_begins_with_a_picture_and_names_every_page():
    readme = text_of("README.md")
    assert readme.count("\n") <= 150
    assert readme.splitlines()[2].startswith("![")
    filled = {page for page in PAGES if "<!-- made: " in text_of(page) and page != "docs/architecture.md"}
    pages = set(PAGES) - {"README.md"} - filled
    assert {page for page in pages if f"({page}" not in readme} == set()
    assert (REPO / "CITATION.cff").is_file()
