"""Every output of every rule: which rule makes it, what it holds, and its columns.

The outputs and their rules are read from ``rules/``; what they hold stands in ``outputs.yaml``.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from made import REPO, table

RULES = REPO / "rules"
TEXTS = Path(__file__).with_name("outputs.yaml")
#: Stands for a rule where all leave such an output.
EVERY = "every rule"
#: The beginning of a rule, its section of outputs, and a path in that.
_RULE = re.compile(r"^ *rule (\w+):\n", re.MULTILINE)
_OUTPUT = re.compile(r"^( +)output:\n(.*?)(?=^\1\w|\Z)", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"""["']results/([^"']+)["']""")


def rule_outputs() -> dict[str, str]:
    """Return the rule of every output, by its path below results/ as the rule writes it."""
    found = {}
    for path in sorted(RULES.glob("*.smk")):
        _, *parts = _RULE.split(path.read_text(encoding="utf-8"))
        for rule, text in zip(parts[::2], parts[1::2], strict=True):
            for _, section in _OUTPUT.findall(text):
                # Doubled braces stand for single ones in a path that is filled in twice.
                paths = (name.replace("{{", "{").replace("}}", "}") for name in _PATH.findall(section))
                found |= dict.fromkeys(paths, rule)
    return found


def texts() -> dict[str, dict[str, dict]]:
    """Return what is written of every output: ``{group: {path: {holds, columns}}}``.

    An entry that is no rule's output, but is left by one all the same, has a key ``rule``, perhaps `EVERY`.
    """
    return yaml.safe_load(TEXTS.read_text(encoding="utf-8"))


def section(path: str, rule: str, text: dict) -> str:
    """Return what is told of an output."""
    maker = EVERY.capitalize() if rule == EVERY else f"Rule `{rule}`"
    parts = [f"### `{path}`", f"{maker}. {text['holds']}"]
    if "columns" in text:
        rows = [[f"`{key}`", meaning] for key, meaning in text["columns"].items()]
        parts.append(table(["Column", "What it is"], rows))
    return "\n\n".join(parts)


def markdown() -> str:
    """Return a section for every output, in the order of the texts."""
    rules = rule_outputs()
    parts = []
    for group, entries in texts().items():
        parts.append(f"## {group}")
        parts += [section(path, text.get("rule") or rules[path], text) for path, text in entries.items()]
    return "\n\n".join(parts)
