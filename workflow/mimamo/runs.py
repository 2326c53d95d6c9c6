"""Runs: the trainings that the workflow compares, each a set of changes of its configuration.

A run has its trainings, predictions and scores in a folder of its own below ``results/``, and is told apart
by that folder with a slash at its end. The configured run has no folder of its own, so there it is empty.
What runs share (audit, labels, caches, folds) is made once.

Imported whenever the Snakefile is read, so it needs nothing beyond the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mimamo.errors import ConfigError, InputError
from mimamo.streams import Settings, complete_streams, phase_stream, section_of_stage

#: The name of the run without changes.
CONFIGURED = "configured"
#: The run that scores the official validation set, where the configured one merges both sets.
OFFICIAL = "official/"
#: The variant that the other ablations are compared with: all streams.
REFERENCE = "all"
#: The sections that a run of the configuration may change.
SECTIONS = ("network", "training", "streams", "spatial", "folds", "postprocessing")
#: What may be said of a stream that does not decide its values.
_SIZES = ("width", "dropout", "components")
_HEADS = ("none", "gru", "tcn", "transformer")
#: Changes of a configuration by section.
Changes = Mapping[str, object]


@dataclass(frozen=True)
class Run:
    """A training that is compared with others.

    Attributes
    ----------
    name
        `CONFIGURED`, the name in the section ``runs``, or that of a protocol or an ablation.
    folder
        Its folder below ``results/``, with a slash at its end; empty for the configured run.
    changes
        What differs from the configuration, by section.
    seed
        What is added to ``training.seed``.
    """

    name: str
    folder: str
    changes: Changes = field(default_factory=dict)
    seed: int = 0


def all_runs(config: Mapping) -> dict[str, Run]:
    """Return all runs of a valid configuration by their folders, the configured one first."""
    return {run.folder: run for runs in (_protocols, _variants, _ablations) for run in runs(config)}


def run_config(config: Mapping, run: Run) -> dict:
    """Return the configuration of a run: that of the workflow with the run's changes."""
    result = changed_config(config, run.changes)
    if run.seed:
        result["training"] = {**result["training"], "seed": result["training"]["seed"] + run.seed}
    return result


def settings_of_run(config: Mapping, folder: str) -> dict:
    """Return the configuration of the run with a folder, see `run_config`."""
    return run_config(config, all_runs(config)[folder])


def backbone_of(config: Mapping, stage: str) -> tuple[Run, str, dict]:
    """Return the first run that has the features of a stage, and what it says of their backbone.

    Parameters
    ----------
    config
        The configuration.
    stage
        See `mimamo.streams.backbone_stage`.

    Returns
    -------
    tuple[Run, str, dict]
        The run, the place in its settings such as ``streams.other``, and the section ``spatial`` that holds
        there. The configuration's own where no run has the features.
    """
    runs = all_runs(config)
    for run in runs.values():
        settings = run_config(config, run)
        found = section_of_stage(stage, settings["streams"], settings["spatial"], config["spatial"])
        if found is not None:
            return run, *found
    return runs[""], "spatial", dict(config["spatial"])


@contextmanager
def faults_of(run: Run) -> Iterator[None]:
    """Raise what is wrong with a run's settings as of that run.

    The configured run comes first in `all_runs`, so that a fault of all runs is told as one of the
    configuration.
    """
    try:
        yield
    except InputError as error:
        if not run.folder:
            raise
        raise type(error)(f"Run {run.name}: {error}") from error


def changed_config(config: Mapping, changes: Changes) -> dict:
    """Return a configuration with some values of its sections changed.

    Parameters
    ----------
    config
        The configuration.
    changes
        Values by section. Of a stream only the settings that are given change, unless its kind does; null
        takes it out.

    Returns
    -------
    dict
        A new configuration; what is not changed is shared with `config`.
    """
    result = dict(config)
    for section, values in changes.items():
        if section == "streams":
            result[section] = complete_streams(
                {**config[section], **dict(_changed_streams(config[section], values))}
            )
        else:
            result[section] = {**config[section], **values} if isinstance(values, Mapping) else values
    return result


def _changed_streams(streams: Mapping, changes: Mapping) -> Iterator[tuple[str, dict | None]]:
    """Give every changed stream with all its settings, None where it is taken out."""
    for name, values in changes.items():
        before = streams.get(name)
        if values is None or before is None or values.get("kind", before["kind"]) != before["kind"]:
            yield name, values
        else:
            yield name, {**before, **values}


def describe_changes(config: Mapping, name: str) -> str:
    """Describe what a run of the section ``runs`` changes: ``network.head: tcn, training.epochs: 20``."""
    return ", ".join(
        f"{section}.{key}: {_inline(value)}"
        for section, values in config["runs"].get(name, {}).items()
        for key, value in values.items()
    )


def _inline(value: object) -> str:
    """Return a value as YAML writes it in a line."""
    return value if isinstance(value, str) else json.dumps(value).replace('"', "")


def folders_of_no_run(config: Mapping, results: Path) -> list[Path]:
    """Return the folders of runs below the results whose name or seed the configuration does not have.

    Parameters
    ----------
    config
        The configuration.
    results
        The folder ``results``.
    """
    known = {results / run.folder for run in all_runs(config).values()}
    found = [*results.glob("runs/*"), *results.glob("runs/*/seed*")]
    # A folder of a run is known where one of its seeds is, as the configured run's own is not below it.
    known |= {folder.parent for folder in known}
    left = [folder for folder in sorted(found) if folder.is_dir() and folder not in known]
    return [folder for folder in left if folder.parent not in left]


def protocols(config: Mapping) -> dict[str, str]:
    """Return the protocol of every run that scores one: ``{folder: "merged" | "official"}``."""
    return {run.folder: str(run_config(config, run)["protocol"]) for run in _protocols(config)}


def variants(config: Mapping) -> dict[str, list[Run]]:
    """Return the runs of every variant by its name, one for each seed; first the configured one."""
    found: dict[str, list[Run]] = {}
    for run in (next(_protocols(config)), *_variants(config)):
        found.setdefault(run.name, []).append(run)
    return found


def ablations(config: Mapping) -> dict[str, Run]:
    """Return the runs of the ablation study by the variant's name; the first is the configured run."""
    return {REFERENCE: next(_protocols(config)), **{run.name: run for run in _ablations(config)}}


def _protocols(config: Mapping) -> Iterator[Run]:
    """Give the configured run, and one for the second protocol where there are two."""
    both = config["protocol"] == "both"
    yield Run(CONFIGURED, "", {"protocol": "merged"} if both else {})
    if both:
        yield Run("official", OFFICIAL, {"protocol": "official"})


def _variants(config: Mapping) -> Iterator[Run]:
    """Give the runs of the section ``runs``, and the further seeds of these and of the configured run."""
    first = next(_protocols(config)).changes
    for name, changes in {CONFIGURED: {}, **config["runs"]}.items():
        for seed in range(config["seeds"]):
            if name != CONFIGURED or seed:
                folder = f"runs/{name}/" + (f"seed{seed}/" if seed else "")
                yield Run(name, folder, {**first, **changes}, seed)


def _ablations(config: Mapping) -> Iterator[Run]:
    """Give every variant that differs from the configured run in one thing."""
    first = next(_protocols(config)).changes
    for name, changes in _ablated_parts(config).items():
        if changed_config(config, changes) != dict(config):
            yield Run(name, f"ablations/{name}/", {**first, **changes})


def _ablated_parts(config: Mapping) -> dict[str, Changes]:
    """Return the changes that the ablation study tries, by name; some may change nothing."""
    streams, flip = config["streams"], not config["training"]["flip"]
    return {
        **{f"{name}_alone": {"streams": dict.fromkeys(streams.keys() - {name})} for name in streams},
        # Of two, all without the one is the other alone.
        **({f"without_{name}": {"streams": {name: None}} for name in streams} if len(streams) > 2 else {}),
        # Without phase maps there is nothing to flip.
        **(
            {f"flip_{'on' if flip else 'off'}": {"training": {"flip": flip}}}
            if phase_stream(streams) is not None
            else {}
        ),
        **{f"head_{head}": {"network": {"head": head}} for head in _HEADS},
    }


def shared_streams(
    config: Mapping, select: Callable[[Mapping[str, Settings]], Mapping[str, Settings]]
) -> dict[str, Settings]:
    """Return the streams of a kind of all runs, by name.

    Parameters
    ----------
    config
        The configuration.
    select
        Selects the streams of the kind, such as `mimamo.streams.brought_streams`.

    Raises
    ------
    ConfigError
        Where a name means other features in one run than in another, or where a run would leave out other
        frames than the configured one, so that their scores could not be compared.
    """
    found: dict[str, Settings] = {}
    dropping = _dropping(select(config["streams"]))
    for run in all_runs(config).values():
        streams = select(run_config(config, run)["streams"])
        for name, settings in streams.items():
            if _source(found.setdefault(name, settings)) != _source(settings):
                raise ConfigError(
                    f"Configuration: streams.{name} of run {run.name} has other features than in another "
                    "run; give it a name of its own."
                )
        if added := _dropping(streams) - dropping:
            raise ConfigError(
                f"Configuration: run {run.name} leaves out frames without a row of "
                f"{', '.join(sorted(added))}. The configured run predicts them, so the scores could not be "
                "compared; set missing: zero."
            )
    return found


def _source(settings: Mapping) -> dict:
    """Return what decides the values of a stream."""
    return {key: value for key, value in settings.items() if key not in _SIZES}


def _dropping(streams: Mapping[str, Mapping]) -> set[str]:
    """Return the streams without whose rows a frame is left out."""
    return {name for name, settings in streams.items() if settings.get("missing") == "drop"}
