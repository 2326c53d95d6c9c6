"""The options of the workflow, from the schema that they are checked by and the files that set them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import yaml

from made import REPO, table

SCHEMA = REPO / "workflow/schemas/config.schema.yaml"
DEFAULTS = REPO / "config.yaml"
#: The presets whose values stand beside the defaults.
PRESETS = ("affwild2", "own_annotations", "recommended")
#: Stands for a key that somebody chooses.
CHOSEN = "<name>"
#: What JSON's names for types are called.
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "array": "list",
    "object": "section",
    "null": "`null`",
}
#: JSON's names for limits, in words.
_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
}


def read(path) -> dict:
    """Read a file of settings, or the schema."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def resolved(rule: Mapping, definitions: Mapping) -> dict:
    """Return a rule of the schema with the definition that it refers to."""
    reference = rule.get("$ref", "").rpartition("/")[2]
    return {**definitions[reference], **rule} if reference else dict(rule)


def options(rule: Mapping, definitions: Mapping, prefix: str = "") -> Iterator[tuple[str, dict]]:
    """Give every option below a rule of the schema: its key, with those above it, and its rule.

    A key that somebody chooses, such as the name of a stream, is `CHOSEN`.
    """
    below = dict(rule.get("properties", {}))
    if isinstance(rule.get("additionalProperties"), Mapping):
        below[CHOSEN] = rule["additionalProperties"]
    for key, inner in below.items():
        inner = resolved(inner, definitions)
        if key == CHOSEN:
            inner.setdefault("description", "One of them, under a name that you choose.")
        yield f"{prefix}{key}", inner
        yield from options(inner, definitions, f"{prefix}{key}.")


def is_section(key: str, rule: Mapping) -> bool:
    """Return whether an option is a section of the configuration, which has a table of its own."""
    return "." not in key and ("properties" in rule or isinstance(rule.get("additionalProperties"), Mapping))


def values(rule: Mapping, definitions: Mapping) -> str:
    """Return in words which values a rule allows."""
    if "enum" in rule:
        return ", ".join(f"`{json.dumps(value).strip(chr(34))}`" for value in rule["enum"])
    kinds = rule.get("type", [])
    words = [_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    if "array" in kinds and "items" in rule:
        words[words.index("list")] = f"list of {values(resolved(rule['items'], definitions), definitions)}"
    limits = [words_of.format(f"{rule[key]:g}") for key, words_of in _LIMITS.items() if key in rule]
    return ", ".join([" or ".join(words), *limits])


def value_of(config: Mapping, key: str) -> str:
    """Return the Markdown of a configuration's value of an option; nothing where it does not set it."""
    for part in key.split("."):
        if not isinstance(config, Mapping) or part not in config:
            return ""
        config = config[part]
    return f"`{json.dumps(config, ensure_ascii=False).strip(chr(34))}`"


def row(key: str, rule: Mapping, definitions: Mapping, defaults: Mapping, presets: Mapping) -> list[str]:
    """Return the cells of an option's row."""
    default = value_of(defaults, key)
    others = [
        f"{value} in {name}"
        for name, preset in presets.items()
        if (value := value_of(preset, key)) not in ("", default)
    ]
    return [
        f"`{key}`",
        rule.get("description", ""),
        values(rule, definitions),
        "; ".join(filter(None, [default, *others])),
    ]


def markdown() -> str:
    """Return tables of all options, one for each section of the configuration."""
    schema, defaults = read(SCHEMA), read(DEFAULTS)
    definitions, presets = schema["$defs"], {name: read(REPO / f"presets/{name}.yaml") for name in PRESETS}
    sections: dict[str, list[list[str]]] = {"The run": []}
    titles = {}
    for key, rule in options(schema, definitions):
        top = key.partition(".")[0]
        if is_section(key, rule):
            titles[top] = rule.get("description", "")
            sections[top] = []
        elif "properties" not in rule or "." in key:
            line = row(key, rule, definitions, defaults, presets)
            sections[top if top in titles else "The run"].append(line)
    header = ["Option", "What it is", "Values", "Default"]
    return "\n\n".join(
        f"## {f'`{title}`' if title in titles else title}\n\n{titles.get(title, '')}\n\n{table(header, rows)}"
        for title, rows in sections.items()
    )
