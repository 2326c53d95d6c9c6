"""The ranges that a search looks in, as the section ``search`` of the configuration.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library and the schema.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from itertools import combinations, product
from pathlib import Path

from mimamo.config import check_config, contradictions, convert_text, schema_rule
from mimamo.errors import ConfigError
from mimamo.runs import changed_config

#: A setting by its dotted key, such as ``network.dropout``, and its value in a trial.
Parameters = Mapping[str, object]
#: The settings of streams that may be searched; of the other sections all but those of `_FIXED`.
_STREAM_KEYS = ("width", "dropout", "components")
_SECTIONS = ("network", "training")
#: Settings that are not searched, and why.
_FIXED = {
    "training.seed": "the best of many seeds is luck",
    **dict.fromkeys(
        ("training.gpus", "training.threads", "training.save_every"), "it changes how fast a result comes"
    ),
}
_FORMS = "{low: ..., high: ...}, with log: true or step: ..., or a list of values"


def complete_ranges(config: dict, schema: Path) -> None:
    """Complete the ranges of a valid configuration in place, and check them.

    Afterwards a range is ``{"low", "high", "log", "step", "integer"}`` or ``{"choices"}``, and those that are
    null are gone.

    Parameters
    ----------
    config
        The configuration, see `mimamo.config.complete_config`.
    schema
        The JSON schema, a YAML file.

    Raises
    ------
    ConfigError
        Where a range is of a key that is not searched, or has a value that the key must not have: by itself,
        or together with the other ranges.
    """
    given = {key: form for key, form in config["search"]["ranges"].items() if form is not None}
    ranges = {key: _complete_range(key, given[key], config, schema) for key in sorted(given)}
    for first, second in combinations(ranges, 2):
        # What does not go together is of two settings; where both are at their ends, it is seen if at all.
        for values in product(_tried(ranges[first]), _tried(ranges[second])):
            together = dict(zip((first, second), values, strict=True))
            if faults := contradictions(changed_config(config, as_changes(together))):
                raise ConfigError(f"{_about(together)}{_without_title(faults[0])}")
    config["search"]["ranges"] = ranges


def _complete_range(key: str, form: list | Mapping, config: dict, schema: Path) -> dict:
    """Return the complete range of a key, after a check of its values."""
    _check_key(key, config, schema)
    if isinstance(form, list):
        completed = {"choices": [_typed(key, value, config, schema) for value in form]}
        if repeated := [value for value in completed["choices"] if completed["choices"].count(value) > 1]:
            raise ConfigError(
                f"Configuration: search.ranges has {key} twice as {repeated[0]!r}, expected different values."
            )
    else:
        completed = _complete_interval(key, form, schema)
    for value in _tried(completed):
        changed = changed_config(config, as_changes({key: value}))
        try:
            check_config(changed, schema)
        except ConfigError as error:
            next_to_low = completed.get("step") == 1 and value == completed["low"] + 1
            hint = " Give the range a step." if next_to_low else ""
            raise ConfigError(f"{_about({key: value})}{_without_title(str(error))}{hint}") from None
    return completed


def _complete_interval(key: str, form: Mapping, schema: Path) -> dict:
    """Return a complete range of numbers, after a check of its ends and its step."""
    kinds = schema_rule(schema, key.split(".")).get("type", ())
    if not {"integer", "number"} & ({kinds} if isinstance(kinds, str) else set(kinds)):
        raise ConfigError(f"Configuration: {key} is not a number, expected search.ranges to list its values.")
    integer = "integer" in kinds
    low, high, step, log = form["low"], form["high"], form.get("step"), form.get("log", False)
    where = f"Configuration: search.ranges has {key} from {low} to {high}"
    if not low < high:
        raise ConfigError(f"{where}, expected low to be less than high.")
    if log and step is not None:
        raise ConfigError(f"{where} with both log and step, expected one of them.")
    if log and low <= 0:
        raise ConfigError(f"{where} with log: true, expected low to be more than 0.")
    if integer and any(value is not None and value != int(value) for value in (low, high, step)):
        raise ConfigError(f"{where}{_in_steps(step)}, expected whole numbers.")
    if step is not None and abs((high - low) / step - round((high - low) / step)) > 1e-9:
        raise ConfigError(f"{where}{_in_steps(step)}, expected whole steps between the two.")
    number = int if integer else float
    step = (1 if integer else None) if step is None else number(step)
    return {"low": number(low), "high": number(high), "log": log, "step": step, "integer": integer}


def _in_steps(step: float | None) -> str:
    """Describe the step of a range, if it has one."""
    return "" if step is None else f" in steps of {step}"


def _check_key(key: str, config: dict, schema: Path) -> None:
    """Raise ConfigError unless a key is a setting that may be searched."""
    if key in _FIXED:
        raise ConfigError(f"Configuration: search.ranges has {key}, which is not searched: {_FIXED[key]}.")
    known = [
        *(f"{section}.{name}" for section in _SECTIONS for name in config[section]),
        *(
            f"streams.{stream}.{name}"
            for stream, settings in config["streams"].items()
            if settings is not None
            for name in _STREAM_KEYS
        ),
    ]
    if key not in known:
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]}?" if close else "expected settings of network, training and streams."
        raise ConfigError(f"Configuration: search.ranges has {key}, which cannot be searched; {hint}")


def _typed(key: str, value: object, config: dict, schema: Path) -> object:
    """Return a value of a key with the type that the schema asks for, see `convert_text`."""
    # A copy, as types are given in place.
    changed = copy.deepcopy(changed_config(config, as_changes({key: value})))
    convert_text(changed, schema)
    return value_of(changed, key)


def _tried(completed: Mapping) -> list:
    """Return the values of a range that are checked: all choices, or both ends and the value after the first.

    Where the first two are multiples of a number, so are all of them.
    """
    if "choices" in completed:
        return list(completed["choices"])
    step = completed["step"]
    return [completed["low"], *([completed["low"] + step] if step else []), completed["high"]]


def _about(values: Parameters) -> str:
    """Begin a sentence about values of a search."""
    given = " and ".join(f"{key} of {value}" for key, value in values.items())
    return f"Configuration: search.ranges allows {given}: "


def _without_title(sentence: str) -> str:
    """Return a sentence about the configuration without its beginning and its example of another value."""
    return re.sub(r", for example --config [^;]*\.$", ".", sentence.removeprefix("Configuration: "))


def contains(completed: Mapping, value: object) -> bool:
    """Return whether a value is one of a complete range's."""
    if "choices" in completed:
        return value in completed["choices"]
    if not isinstance(value, (int, float)) or not completed["low"] <= value <= completed["high"]:
        return False
    steps = (value - completed["low"]) / (completed["step"] or 1)
    return completed["step"] is None or abs(steps - round(steps)) < 1e-9


def configured(config: Mapping, ranges: Mapping[str, Mapping]) -> dict[str, object]:
    """Return the configured values of the keys of complete ranges, those that are within them."""
    values = {key: value_of(config, key) for key in ranges}
    return {key: value for key, value in values.items() if contains(ranges[key], value)}


def value_of(config: Mapping, key: str) -> object:
    """Return the value of a dotted key; None where the configuration has none."""
    value: object = config
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def as_changes(parameters: Parameters) -> dict[str, dict]:
    """Return parameters as changes of the configuration: ``{"network": {"dropout": 0.1}}``."""
    changes: dict[str, dict] = {}
    for key, value in parameters.items():
        *sections, last = key.split(".")
        place = changes
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = value
    return changes


def check_search(config: Mapping, check_window: Callable[[int], None]) -> None:
    """Check that a search has something to look for and to choose by, and that the corpus allows its ranges.

    Parameters
    ----------
    config
        The configuration with complete ranges.
    check_window
        Raises ConfigError where no annotated video is as long as a window.

    Raises
    ------
    ConfigError
        Where something is missing or too long.
    """
    if not config["search"]["ranges"]:
        raise ConfigError(
            "Configuration: search.ranges is empty, expected the settings to search, for example "
            '--config "search={ranges: {network.dropout: {low: 0.1, high: 0.5}}}".'
        )
    if not config["folds"]["stop_fraction"]:
        raise ConfigError(
            "Configuration: folds.stop_fraction is 0, expected a share of the training side for a search: it "
            "chooses by the stop names alone, never by names that are scored."
        )
    if find_spec("optuna") is None:
        raise ConfigError("A search needs the package optuna, which is not installed: pip install optuna.")
    if (windows := config["search"]["ranges"].get("training.window")) is not None:
        for window in _tried(windows):
            try:
                check_window(window)
            except ConfigError as error:
                about = _about({"training.window": window})
                raise ConfigError(about + _without_title(str(error))) from None
