"""The messages that the documentation quotes are those of the code."""

import ast
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from mimamo.provenance.source_code import PACKAGE
from support.documentation import text_of

PAGE = "docs/troubleshooting.md"
QUOTED = re.findall(r"^> (.+)$", text_of(PAGE), flags=re.MULTILINE)
#: Where Snakemake writes its own.
SNAKEMAKE = Path(find_spec("snakemake").origin).with_name("exceptions.py")


def texts(source: str) -> list[str]:
    """Every text of a module, with "…" for what an f-string puts in."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            found.append(re.sub("…+", "…", "".join(parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(node.value)
    return found


@cache
def known() -> str:
    """All texts of the project and of Snakemake's errors."""
    modules = [*sorted(PACKAGE.rglob("*.py")), SNAKEMAKE]
    return "\n".join(text for path in modules for text in texts(path.read_text(encoding="utf-8")))


def fragments(sentence: str) -> list[str]:
    """What a quoted sentence has between the values; a word or two are in every program."""
    return [part for part in sentence.split("…") if len(part.split()) > 2]


def test_what_an_f_string_puts_in_is_left_out():
    assert "…: expected …, found none" in texts("f'{path}: expected {what}{more}, found ' 'none'")


@pytest.mark.parametrize("sentence", QUOTED)
def test_a_quoted_sentence_is_in_the_code(sentence):
    if sentence.rstrip("…") in known():
        return
    assert fragments(sentence)
    assert [part for part in fragments(sentence) if part.strip() not in known()] == []


def test_many_sentences_are_explained():
    assert len(QUOTED) > 25
