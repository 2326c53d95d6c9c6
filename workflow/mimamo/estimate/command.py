"""``mimamo estimate``: from a configuration to the estimate."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from mimamo.bench.benchmark_files import WORKFLOW
from mimamo.config import complete_config
from mimamo.corpus.layout import Corpus
from mimamo.corpus.layout_search import find_layout
from mimamo.errors import ConfigError
from mimamo.estimate.costs import costs, disk, format_estimate
from mimamo.estimate.plan import plan
from mimamo.estimate.rates import rates_of, read_rates, read_runs
from mimamo.estimate.workload import AFFWILD2, count_corpus


def estimate(
    configfiles: Iterable[Path],
    root: str | None,
    results: Sequence[Path],
    rates: Path | None,
    jobs: int | None,
    gpus: int | None,
) -> str:
    """Estimate what a run takes.

    Parameters
    ----------
    configfiles, root
        What is configured, beyond the workflow's own configuration.
    results
        The results of finished runs; rehearsals beside them count as well.
    rates
        A benchmark's JSON file, or None.
    jobs, gpus
        How many at once: by default as many jobs as the SLURM profile has in the queue, and a GPU for every
        fold.

    Raises
    ------
    InputError
        Where a folder holds no finished run, or a file cannot be read.
    ConfigError
        Where the configuration is wrong.
    """
    config = configured([WORKFLOW / "config.yaml", *configfiles], root)
    runs = read_runs(results)
    there = config["root"] != "demo" and Path(config["root"]).expanduser().is_dir()
    workload = AFFWILD2
    if there:
        config["data"] = _found_layout(config)
        workload = count_corpus(Corpus.from_config(config, config["root"]))
    if config["models"] is not None:
        workload = workload.without_fitted()
    with tempfile.TemporaryDirectory() as scratch:
        rules = plan(WORKFLOW, config, workload, Path(scratch))
    from mimamo.estimate.probe import measure

    measured = rates_of(config, read_rates(rates) if rates else {}, measure)
    found = costs(rules, config, workload, runs, measured)
    queue = jobs or yaml.safe_load((WORKFLOW / "profiles/slurm/config.yaml").read_text())["jobs"]
    at_once = gpus or config["folds"]["count"] * config["training"]["gpus"]
    largest = max(run.workload.crops for run in runs)
    return format_estimate(found, disk(rules, config, workload, runs), workload, largest, queue, at_once)


def _found_layout(config: dict) -> dict:
    """Return the section data for the data set that the configuration names, and say what was found."""
    layout = find_layout(config["data"], config["root"])
    if sentence := layout.sentence(config["root"]):
        print(f"{sentence}.", file=sys.stderr)
    return layout.data


def configured(files: Iterable[Path], root: str | None) -> dict:
    """Return the configuration that these files make, the later ones changing the earlier ones."""
    config: dict = {}
    for path in files:
        try:
            config = _changed(config, yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError) as error:
            raise ConfigError(
                f"{path}: expected a configuration in YAML, found another file ({error})"
            ) from None
    if root is not None:
        config["root"] = root
    complete_config(config, WORKFLOW)
    return config


def _changed(config: dict, changes: dict) -> dict:
    """Return `config` with `changes`, section by section."""
    return config | {
        key: _changed(config[key], value)
        if isinstance(value, dict) and isinstance(config.get(key), dict)
        else value
        for key, value in changes.items()
    }
