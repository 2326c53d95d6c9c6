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
#: The folder of a run in the paths of what is made of every run.
RUN = "{run}"
#: Stands for a rule where all leave such an output.
EVERY = "every rule"
#: The beginning of a rule, its section of outputs, and a path in that.
_RULE = re.compile(r"^ *rule (\w+):\n", re.MULTILINE)
_OUTPUT = re.compile(r"^( +)output:\n(.*?)(?=^\1\w|\Z)", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"""["']results/([^"']+)["']""")


def rule_outputs() -> dict[str, str]:
    """Return the rule of every output, by its path below results/ as the rule writes it.

    A rule that makes an output of every run has its folder, ``{run}``, in the path.
    """
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

    What a plain run does not make has a key ``only``, which says when it is made. An entry that is no rule's
    output, but is left by one all the same, has a key ``rule``, perhaps `EVERY`.
    """
    return yaml.safe_load(TEXTS.read_text(encoding="utf-8"))


def without_run(path: str) -> str:
    """Return the path of an output of the configured run, by which the output is described."""
    return path.removeprefix(RUN)


def section(path: str, rule: str, of_runs: bool, text: dict) -> str:
    """Return what is told of an output."""
    maker = EVERY.capitalize() if rule == EVERY else f"Rule `{rule}`"
    when = f", {text['only']} only" if "only" in text else ""
    parts = [f"### `{path}`", f"{maker}{', for every run' if of_runs else ''}{when}. {text['holds']}"]
    if "columns" in text:
        rows = [[f"`{key}`", meaning] for key, meaning in text["columns"].items()]
        parts.append(table(["Column", "What it is"], rows))
    return "\n\n".join(parts)


def markdown() -> str:
    """Return a section for every output, in the order of the texts."""
    rules = rule_outputs()
    found = {without_run(path): (rule, path.startswith(RUN)) for path, rule in rules.items()}
    parts = []
    for group, entries in texts().items():
        parts.append(f"## {group}")
        for path, text in entries.items():
            parts.append(section(path, *found.get(path, (text.get("rule"), False)), text))
    return "\n\n".join(parts)
