"""Validation of the configuration against its JSON schema, before any job runs.

Values from the command line arrive as text: Snakemake reads ``--config "training={epochs: 2}"`` without
types, and ``strict=true`` as a word. `convert_text` gives them the types that the schema asks for.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from mimamo.errors import ConfigError
from mimamo.runs import CONFIGURED, changed_config
from mimamo.streams import complete_streams, stream_faults

#: What YAML takes for no value.
_NULL = {"", "~", "null"}
_BOOLEANS = {"true": True, "false": False}


def complete_config(config: dict, workflow: Path) -> None:
    """Complete a configuration in place, give its values their types, and validate it.

    Parameters
    ----------
    config
        The configuration, merged from all files and the command line.
    workflow
        The workflow's folder.

    Raises
    ------
    ConfigError
        As `check_config`.
    """
    schema = workflow / "workflow/schemas/config.schema.yaml"
    expand_data(config, workflow / "config.yaml")
    convert_text(config, schema)
    check_config(config, schema)
    config["streams"] = complete_streams(config["streams"])
    config["runs"] = {name: changes for name, changes in config["runs"].items() if changes is not None}
    check_runs(config, schema)


def expand_data(config: dict, defaults: Path) -> None:
    """Take ``data: auto`` for the workflow's own section ``data``, in place: there the layout is to be found.

    Parameters
    ----------
    config
        The configuration, merged from all files and the command line.
    defaults
        The workflow's own configuration, a YAML file.
    """
    if config.get("data") == "auto":
        import yaml

        config["data"] = yaml.safe_load(defaults.read_text(encoding="utf-8"))["data"]


def convert_text(config: dict, schema: Path) -> None:
    """Give every text of a configuration the type that the schema asks for, in place.

    A text becomes null, a boolean, an integer or a number where the schema allows that and the text is one;
    anything else is left for `check_config`. Where the schema allows null, the text ``null`` is taken as
    that, also in place of a path: a folder of this name is ``./null``. Keys are put into the schema's order:
    Snakemake begins with those of the command line, and would take another order for other settings.

    Parameters
    ----------
    config
        The configuration, merged from all files and the command line.
    schema
        The JSON schema, a YAML file.
    """
    rules = _read_schema(schema)
    _convert(config, rules, rules.get("$defs", {}))
    runs = config.get("runs")
    for changes in runs.values() if isinstance(runs, dict) else ():
        if isinstance(changes, dict):
            _convert(changes, rules, rules.get("$defs", {}))


@cache
def _read_schema(path: Path) -> dict:
    """Read a JSON schema from a YAML file."""
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _convert(value: object, rule: Mapping, definitions: Mapping) -> object:
    """Return `value` with its texts converted by `rule`; sections and lists are changed in place."""
    rule = _resolved(rule, definitions)
    if isinstance(value, dict):
        properties, rest = rule.get("properties", {}), rule.get("additionalProperties")
        converted = {
            key: _convert(value[key], properties[key], definitions) for key in properties if key in value
        }
        others = {key: value[key] for key in value if key not in properties}
        if isinstance(rest, Mapping):
            others = {key: _convert(other, rest, definitions) for key, other in others.items()}
        value.clear()
        value |= converted | others
    elif isinstance(value, list) and "items" in rule:
        value[:] = [_convert(entry, rule["items"], definitions) for entry in value]
    elif isinstance(value, str):
        return _typed(value, rule)
    return value


def schema_rule(schema: Path, path: Sequence[str]) -> Mapping:
    """Return the rule of the schema for the key at a path of sections; empty where there is none."""
    rule: Mapping = _read_schema(schema)
    definitions = rule.get("$defs", {})
    for key in path:
        rest = rule.get("additionalProperties")
        inner = rule.get("properties", {}).get(key, rest if isinstance(rest, Mapping) else {})
        rule = _resolved(inner, definitions)
    return rule


def _resolved(rule: Mapping, definitions: Mapping) -> Mapping:
    """Return a rule of the schema together with the definition that it refers to."""
    reference = rule.get("$ref", "").rpartition("/")[2]
    return {**definitions[reference], **rule} if reference else rule


def _typed(text: str, rule: Mapping) -> object:
    """Return a text as the type that a rule of the schema asks for, or as it is."""
    choices = {str(choice): choice for choice in rule.get("enum", ())}
    if text.strip() in choices:
        return choices[text.strip()]
    kinds = rule.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    word = text.strip().lower()
    if "null" in kinds and word in _NULL:
        return None
    if "string" in kinds:
        return text
    if "boolean" in kinds and word in _BOOLEANS:
        return _BOOLEANS[word]
    if kinds & {"integer", "number"} and re.fullmatch(r"[+-]?\d+", word, re.ASCII):
        return int(word)
    if "number" in kinds and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", word, re.ASCII):
        return float(word) if math.isfinite(float(word)) else text
    return text


def check_config(config: dict, schema: Path) -> None:
    """Validate a configuration against the schema.

    Parameters
    ----------
    config
        The configuration, merged from all files and the command line.
    schema
        The JSON schema, a YAML file.

    Raises
    ------
    ConfigError
        With one sentence per fault, each of which names the key, what was expected and what was found.
    """
    import jsonschema

    rules = _read_schema(schema)
    validator = jsonschema.Draft202012Validator(rules)
    faults = [
        sentence
        for error in sorted(
            validator.iter_errors(config), key=lambda error: list(map(str, error.absolute_path))
        )
        for sentence in _sentences(error, rules)
    ]
    faults = faults or contradictions(config)
    if faults:
        # The validator reports each missing key of a section on its own, and each time we name all of them.
        raise ConfigError(" ".join(dict.fromkeys(faults)))


def check_runs(config: dict, schema: Path) -> None:
    """Validate the runs of a configuration, each as a configuration of its own.

    Parameters
    ----------
    config
        The configuration, valid and with complete streams.
    schema
        The JSON schema, a YAML file.

    Raises
    ------
    ConfigError
        With one sentence per fault.
    """
    runs, faults = config["runs"], []
    if CONFIGURED in runs:
        faults.append(
            f"Configuration: runs.{CONFIGURED} is the name of the run without changes, expected another."
        )
    if config["run"] not in (None, CONFIGURED, *runs):
        faults.append(
            f"Configuration: run is {config['run']}, expected a name in the section runs, which has "
            f"{', '.join(runs) or 'none'}; or {CONFIGURED}, the run without changes."
        )
    for name, changes in runs.items():
        try:
            # The runs themselves are left out, so that a fault of one is not found in each.
            check_config(changed_config({**config, "runs": {}}, changes), schema)
        except ConfigError as error:
            faults.append(f"Run {name}: {error}")
    if faults:
        raise ConfigError(" ".join(faults))


def contradictions(config: Mapping) -> list[str]:
    """Describe the values of a valid configuration that do not go together."""
    training = config["training"]
    relations = [
        ("hop", "window", "the frames between two windows would be neither trained on nor predicted"),
        ("gpus", "batch_size", "every GPU needs a window of each batch"),
    ]
    faults = [
        f"Configuration: training.{key} is {training[key]}, expected at most training.{limit}, which is "
        f"{training[limit]}: {reason}."
        for key, limit, reason in relations
        if training[key] > training[limit]
    ]
    if training["average"] == "epochs" and training["average_epochs"] > training["epochs"]:
        faults.append(
            f"Configuration: training.average_epochs is {training['average_epochs']}, expected at most "
            f"training.epochs, which is {training['epochs']}: there are no more epochs to average."
        )
    network = config["network"]
    if network["pool5_components"] is not None and not network["standardise_pool5"]:
        faults.append(
            f"Configuration: network.pool5_components is {network['pool5_components']}, expected "
            "network.standardise_pool5 to be true with it: components are computed of standardised features."
        )
    if network["ridge_level"] and not network["ridge"]:
        faults.append(
            "Configuration: network.ridge_level is true, expected network.ridge to be true with it: there is "
            "no regression to take a video's mean from."
        )
    return faults + stream_faults(config["streams"], network)


def _sentences(error, schema: Mapping) -> list[str]:
    """Describe one violation of the schema, in one sentence per key."""
    path = [str(part) for part in error.absolute_path]
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        return [_unknown_key([*path, key], known) for key in sorted(set(error.instance) - set(known))]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return [
            f"Configuration: {'.'.join([*path, key])} is missing; config.yaml shows its default."
            for key in missing
        ]
    if error.validator == "not":
        expected = error.schema.get("description", "another value")
    else:
        expected = _expectation(error)
    return [
        f"Configuration: {'.'.join(path)} is {error.instance!r}, expected {expected}{_how(path, schema)}."
    ]


def _how(path: list[str], schema: Mapping) -> str:
    """Describe how a value is typed on the command line, by the example of its default; empty without one."""
    rule: Mapping = schema
    for key in path:
        rule = rule.get("properties", {}).get(key, {})
    if "default" not in rule:
        return ""
    *sections, key = path
    default = rule["default"]
    value = default if isinstance(default, str) else json.dumps(default)
    return (
        f', for example --config "{sections[0]}={{{key}: {value}}}"'
        if sections
        else f", for example --config {key}={value}"
    )


def _unknown_key(path: list[str], known: dict) -> str:
    """Describe an unknown key, and suggest the one that may be meant."""
    close = difflib.get_close_matches(path[-1], known, n=1)
    hint = (
        f"did you mean {'.'.join([*path[:-1], close[0]])}?"
        if close
        else f"known are {', '.join(sorted(known))}."
    )
    return f"Configuration: there is no key {'.'.join(path)}; {hint}"


def _containers(rule: Mapping) -> list[str]:
    """Return the kinds of values, other than a single one, that a rule of the schema allows."""
    return [kind for kind in ("array", "object") if kind in rule.get("type", ())]


def _matching_text(pattern: str) -> str:
    """Describe the text that matches a pattern."""
    words = re.fullmatch(r"\^\(?([\w |]+)\)?\$", pattern)
    return " or ".join(words[1].split("|")) if words else f"text that matches {pattern}"


def _expectation(error) -> str:
    """Describe what the violated rule of the schema expects."""
    value = error.validator_value
    expectations = {
        "type": lambda: " or ".join(value) if isinstance(value, list) else str(value),
        "enum": lambda: "one of " + ", ".join(map(str, value)),
        "minimum": lambda: f"at least {value}",
        "maximum": lambda: f"at most {value}",
        "exclusiveMinimum": lambda: f"more than {value}",
        "exclusiveMaximum": lambda: f"less than {value}",
        "minItems": lambda: f"at least {value} entries",
        "maxItems": lambda: f"at most {value} entries",
        "minLength": lambda: f"at least {value} characters",
        "multipleOf": lambda: f"a multiple of {value}",
        "pattern": lambda: " or ".join([*_containers(error.schema), _matching_text(value)]),
    }
    return expectations[error.validator]() if error.validator in expectations else error.message
