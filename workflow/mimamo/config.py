"""Validation of the configuration against its JSON schema, before any job runs."""

from __future__ import annotations

import difflib
from pathlib import Path

from mimamo.errors import ConfigError


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
    import yaml

    validator = jsonschema.Draft202012Validator(yaml.safe_load(schema.read_text(encoding="utf-8")))
    faults = [
        sentence
        for error in sorted(
            validator.iter_errors(config), key=lambda error: list(map(str, error.absolute_path))
        )
        for sentence in _sentences(error)
    ]
    if faults:
        # The validator reports each missing key of a section on its own, and each time we name all of them.
        raise ConfigError(" ".join(dict.fromkeys(faults)))


def _sentences(error) -> list[str]:
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
    return [f"Configuration: {'.'.join(path)} is {error.instance!r}, expected {expected}."]


def _unknown_key(path: list[str], known: dict) -> str:
    """Describe an unknown key, and suggest the one that may be meant."""
    close = difflib.get_close_matches(path[-1], known, n=1)
    hint = (
        f"did you mean {'.'.join([*path[:-1], close[0]])}?"
        if close
        else f"known are {', '.join(sorted(known))}."
    )
    return f"Configuration: there is no key {'.'.join(path)}; {hint}"


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
        "pattern": lambda: f"text that matches {value}",
    }
    return expectations[error.validator]() if error.validator in expectations else error.message
