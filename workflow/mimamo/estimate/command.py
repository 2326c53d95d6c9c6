"""``mimamo estimate``: from a configuration to the estimate."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import yaml

from mimamo.bench.benchmark_files import WORKFLOW
from mimamo.config import complete_config
from mimamo.corpus.layout import Corpus
from mimamo.corpus.layout_search import find_layout
from mimamo.device import pick_device
from mimamo.errors import ConfigError
from mimamo.estimate.costs import costs, disk, format_estimate
from mimamo.estimate.plan import plan
from mimamo.estimate.rates import NETWORKS, Rate, rates_of, read_rates, read_runs
from mimamo.estimate.shipped import USUAL, card_names, card_rate, card_title, shipped_runs
from mimamo.estimate.workload import AFFWILD2, count_corpus

#: Where a run leaves its results by default.
RESULTS = Path("results")
#: In place of a card: the networks are measured on this machine.
HERE = "here"


def estimate(
    configfiles: Iterable[Path],
    root: str | None,
    results: Sequence[Path],
    rates: Path | None,
    jobs: int | None,
    gpus: int | None,
    card: str | None = None,
) -> str:
    """Estimate what a run takes.

    What was measured of a run or on a machine that is named counts first; then, for what is missing, what
    comes with the project, see `mimamo.estimate.shipped`.

    Parameters
    ----------
    configfiles, root
        What is configured, beyond the workflow's own configuration.
    results
        The results of finished runs; rehearsals beside them count as well. Where the default folder has none,
        the rehearsals that come with the project count alone.
    rates
        A benchmark's JSON file, or None.
    jobs, gpus
        How many at once: by default as many jobs as the SLURM profile has in the queue, and a GPU for every
        fold.
    card
        The GPU whose shipped rates count for the networks, or `HERE` for this machine, on which they are
        measured. By default this machine where it has a GPU, else `USUAL`.

    Raises
    ------
    InputError
        Where a folder holds no finished run, or a file cannot be read.
    ConfigError
        Where the configuration is wrong.
    """
    config = configured([WORKFLOW / "config.yaml", *configfiles], root)
    own = [] if list(results) == [RESULTS] and not _is_finished(RESULTS) else read_runs(results)
    there = config["root"] != "demo" and Path(config["root"]).expanduser().is_dir()
    workload = AFFWILD2
    if there:
        config["data"] = _found_layout(config)
        workload = count_corpus(Corpus.from_config(config, config["root"]))
    if config["models"] is not None:
        workload = workload.without_fitted()
    with tempfile.TemporaryDirectory() as scratch:
        rules = plan(WORKFLOW, config, workload, Path(scratch))
    given = read_rates(rates) if rates else {}
    measured = rates_of(config, given, partial(_rate, card))
    shipped = shipped_runs()
    found = costs(rules, config, workload, own, shipped, measured)
    queue = jobs or yaml.safe_load((WORKFLOW / "profiles/slurm/config.yaml").read_text())["jobs"]
    at_once = gpus or config["folds"]["count"] * config["training"]["gpus"]
    sizes = disk(rules, config, workload, own or shipped)
    text = format_estimate(found, sizes, workload, own or shipped, queue, at_once)
    if given or card is not None or _has_gpu():
        return text
    hours = {
        name: sum(
            cost.gpu_hours
            for cost in costs(rules, config, workload, own, shipped, _with_card(name, config, measured))
        )
        for name in card_names()
    }
    cards = ", ".join(f"{card_title(name)} {hour:.1f} (--card {name})" for name, hour in hours.items())
    return (
        f"{text}\nThere is no GPU here: GPU hours are those of an {card_title(USUAL)}, by the rates that "
        f"come with the project, shown with them. By card: {cards}. --card {HERE} measures this machine."
    )


def _is_finished(results: Path) -> bool:
    """Return whether a folder holds a finished run."""
    return (results / "audit.csv").is_file() and (results / "benchmarks").is_dir()


def _has_gpu() -> bool:
    """Return whether this machine has a GPU."""
    return pick_device().type == "cuda"


def _rate(card: str | None, rule: str, config: dict) -> Rate:
    """Return the rate of a rule, of the card or measured here; crops are cut on a CPU, which is here."""
    card = card or (HERE if _has_gpu() else USUAL)
    if card != HERE and rule in NETWORKS:
        return card_rate(card, rule, config)
    from mimamo.estimate.probe import measure

    return measure(rule, config)


def _with_card(card: str, config: dict, rates: dict[str, Rate]) -> dict[str, Rate]:
    """Return `rates` with those of the networks on a card."""
    return {**rates, **{rule: card_rate(card, rule, config) for rule in NETWORKS}}


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
