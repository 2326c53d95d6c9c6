"""The layout that newcomers rely on: packages by stage, tests that mirror them, a docstring on everything."""

import ast

import pytest

from mimamo.provenance.source_code import PACKAGE
from support.paths import REPO

TESTS = REPO / "tests"
PACKAGES = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
MODULES = sorted(PACKAGE.rglob("*.py"))


def undocumented(tree: ast.AST, prefix: str = "") -> list[str]:
    """Return functions, methods and classes without a docstring; special methods need none."""
    names = []
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}.{node.name}"
            if ast.get_docstring(node) is None and not node.name.startswith("__"):
                names.append(name)
        names += undocumented(node, name)
    return names


def test_what_lacks_a_docstring_is_found():
    special = "    def __init__(self):\n        pass\n"
    source = f"class A:\n    'a'\n{special}    def b(self):\n        def c():\n            'c'\n"
    assert undocumented(ast.parse(source)) == [".A.b"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_everything_has_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert undocumented(tree) == []


def test_few_modules_stand_outside_of_packages():
    assert len(list(PACKAGE.glob("*.py"))) <= 10
    assert len(PACKAGES) > 15


def test_tests_mirror_the_packages():
    """But for the command line, whose tests stand beside each other at the root."""
    folders = {path.parent.name for path in TESTS.glob("*/test_*.py")}
    assert folders - {"workflow", "robustness", "docs"} == PACKAGES - {"cli"}
    assert len(list(TESTS.glob("test_cli*.py"))) > 0


def test_no_test_file_is_long():
    lengths = {
        path.relative_to(TESTS).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in TESTS.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 300} == {}
